/**
 * Writes `leaves.json`: a leaf of every event with its hash, leaves that must be refused, each with its code, and
 * disclosures with the leaf that committed to them. Everything in it is fixed.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#vectors
 */
import { writeFile } from 'node:fs/promises'
import {
  buildLeaf,
  decodeUtf8,
  decoyDigest,
  digest,
  discloseField,
  encodeBase64url,
  encodeUtf8,
  type EventName,
  type Json,
  leafHash,
  type NewEvent,
} from '@amana/core'
import { LOG, START_MS } from '../../support/built-log.ts'
import { LEAF_EXAMPLES } from '../../support/leaf-examples.ts'

const PLACE = { log: LOG, index: 7, seq: 2, prev: 3, timeMs: START_MS }
const REASON = { name: 'reason', value: 'Invented: the shelter called at night.' }

const fixed = (fill: number) => (sizeBytes: number) => new Uint8Array(sizeBytes).fill(fill)
const { encoded, digest: committed } = discloseField('a.open', REASON, fixed(7))
const decoy = decoyDigest(fixed(9))

function textOf(event: EventName, more: Partial<NewEvent> = {}): string {
  return decodeUtf8(buildLeaf({ event, actor: 'sys', data: LEAF_EXAMPLES[event], ...more }, PLACE))
}

function accepted(name: string, leaf: string): Json {
  return { name, leaf, hash: encodeBase64url(leafHash(encodeUtf8(leaf))) }
}

const names = Object.keys(LEAF_EXAMPLES).filter((name): name is EventName => name in LEAF_EXAMPLES)
const opened = textOf('a.open', {
  actor: 'u_8Jx2kq0ZbYw3tQmN',
  data: { ...LEAF_EXAMPLES['a.open'], bg: true },
  sd: [committed, decoy],
})

/** Of every event one leaf with a member more, and one whose first member is missing. */
function refusedOf(event: EventName): readonly Json[] {
  const code = 'AUDIT_LEAF_SCHEMA'
  const text = textOf(event)
  const more = text.replace('"data":{', `"data":{"Note":"free text"${hasData(event) ? ',' : ''}`)
  const [first] = Object.keys(LEAF_EXAMPLES[event])
  if (first === undefined) return [{ name: `${event} with a member more`, leaf: more, code }]
  const { [first]: _first, ...rest } = LEAF_EXAMPLES[event]
  const data = JSON.stringify(LEAF_EXAMPLES[event])
  return [
    { name: `${event} with a member more`, leaf: more, code },
    { name: `${event} without ${first}`, leaf: text.replace(data, JSON.stringify(rest)), code },
  ]
}

function hasData(event: EventName): boolean {
  return Object.keys(LEAF_EXAMPLES[event]).length > 0
}

function changed(name: string, [from, to]: readonly [string, string], code: string): Json {
  return { name, leaf: opened.replace(from, to), code }
}

const file = {
  about: 'Leaves of docs/spec/05-audit-log.md. "code" is that of docs/spec/errors.md.',
  accepted: [
    ...names.map((name) => accepted(name, textOf(name))),
    accepted('a.open against the usual rule', opened),
  ],
  refused: [
    ...names.flatMap((name) => refusedOf(name)),
    changed('an unknown event', ['"a.open"', '"a.peek"'], 'AUDIT_LEAF_EVENT'),
    changed('the class of another event', ['"class":"a"', '"class":"x"'], 'AUDIT_LEAF_SCHEMA'),
    changed('an actor by name', ['u_8Jx2kq0ZbYw3tQmN', 'Aisha'], 'AUDIT_LEAF_SCHEMA'),
    changed('an unknown purpose', ['"referral"', '"curiosity"'], 'AUDIT_LEAF_SCHEMA'),
    changed('a day that is none', ['2026-11-22', '2026-02-30'], 'AUDIT_LEAF_SCHEMA'),
    changed('another version', ['"v":1', '"v":2'], 'AUDIT_LEAF_SCHEMA'),
    changed('a reason in the leaf', ['"bg":true', '"because":"x","bg":true'], 'AUDIT_LEAF_SCHEMA'),
    changed('a space after a colon', ['"v":1', '"v": 1'], 'AUDIT_LEAF_CANONICAL'),
    changed('a member twice', ['"v":1', '"v":1,"v":1'], 'AUDIT_LEAF_CANONICAL'),
    changed('an index that is no integer', ['"index":7', '"index":7.5'], 'AUDIT_LEAF_CANONICAL'),
    {
      name: 'against the usual rule, without a reason',
      leaf: textOf('a.open').replace('"bg":false', '"bg":true'),
      code: 'AUDIT_LEAF_SCHEMA',
    },
    {
      name: 'digests that are not sorted',
      leaf: opened.replace(
        JSON.stringify([committed, decoy].toSorted()),
        JSON.stringify([committed, decoy].toSorted().toReversed()),
      ),
      code: 'AUDIT_LEAF_SCHEMA',
    },
    {
      name: 'a digest where its event commits to nothing',
      leaf: textOf('w.pad').replace('"sd":[]', `"sd":["${committed}"]`),
      code: 'AUDIT_LEAF_SCHEMA',
    },
  ],
  disclosures: [
    { name: 'the reason', leaf: opened, disclosure: encoded, field: REASON },
    {
      name: 'a reason that the leaf did not commit to',
      leaf: opened,
      disclosure: discloseField('a.open', { ...REASON, value: 'another' }, fixed(7)).encoded,
      code: 'AUDIT_DISCLOSURE',
    },
    {
      name: 'a name that the event has not',
      leaf: textOf('a.open', { sd: [digest(misnamed())] }),
      disclosure: misnamed(),
      code: 'AUDIT_DISCLOSURE',
    },
  ],
}

function misnamed(): string {
  return discloseField('a.search', { name: 'query', value: 'x' }, fixed(7)).encoded
}

await writeFile(new URL('leaves.json', import.meta.url), `${JSON.stringify(file, null, 1)}\n`)
