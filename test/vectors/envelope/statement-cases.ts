/**
 * Statements with their openings, and presentations made of one.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#vectors
 */
import {
  buildPresentation,
  digest,
  isKind,
  type Json,
  DESK_ANSWER,
  isStageKind,
  KINDS,
  type SignedStatement,
} from '@amana/core'
import { drop, type Edit, forged, put } from '../../support/crafted-envelope.ts'
import { signersOf, statementOf, type World } from '../../support/envelope-fixture.ts'
import { backwards, editAt, flipped, inside, repeated } from '../../support/hostile-edits.ts'
import { asJson } from '../../support/json.ts'

const REFERRAL = 'victim.referral/1'

/** A payload that its officers signed, or an object that was changed later. */
const PAYLOADS: readonly (readonly [string, string, Edit])[] = [
  ['version 2', 'WIRE_VERSION', put(['v'], 2)],
  ['a member more', 'WIRE_MEMBER', put(['subject'], 'x')],
  ['an audience out of order', 'WIRE_MEMBER', put(['aud'], ['ng.nis', 'ng.naptip'])],
  ['an id of 15 bytes', 'WIRE_MEMBER', put(['jti'], 'A'.repeat(20))],
  ['two digests', 'WIRE_MEMBER', put(['_sd'], [digest('a'), digest('b')])],
  ['another digest algorithm', 'WIRE_SD_ALG', put(['_sd_alg'], 'sha-1')],
  ['no handling', 'WIRE_MEMBER', drop('handling')],
  ['a marking that is not for the wire', 'WIRE_MEMBER', put(['handling', 'tlp'], 'CLEAR')],
]
const OBJECTS: readonly (readonly [string, string, Edit])[] = [
  ['five signatures', 'WIRE_SIZE', editAt(['signatures'], repeated(5))],
  ['two signatures by one key', 'WIRE_SIG', editAt(['signatures'], repeated(2))],
  ['white space in the payload', 'WIRE_CANON', editAt(['payload'], inside('"v":1', '"v": 1'))],
]
const OPENINGS: readonly (readonly [string, string, Edit])[] = [
  ['one value changed', 'WIRE_DIS', put(['groups', 'child', 'value', 'guardianSuspected'], 'yes')],
  ['a seed changed', 'WIRE_DIS', editAt(['groups', 'child', 'seed'], flipped)],
  [
    'a list in another order',
    'WIRE_DIS',
    editAt(['groups', 'risk', 'value', 'factors'], backwards),
  ],
  ['a group less', 'WIRE_DIS', editAt(['groups'], drop('travel'))],
  ['a reserved name', 'WIRE_DIS', put(['groups', 'child', 'value', '_sd'], [])],
  ['a short salt', 'WIRE_DIS', put(['salt'], 'AAAA')],
]

/** Statements; where an opening is given, it is compared with the statement's digest. */
export async function statementVectors(world: World): Promise<Json> {
  const kinds = Object.keys(KINDS)
    .filter((kind) => isKind(kind))
    .filter((kind) => kind !== DESK_ANSWER && !isStageKind(kind))
  const honest = await Promise.all(kinds.map(async (kind) => statementOf(world, { kind })))
  const referral = await statementOf(world, { kind: REFERRAL })
  const payloads = await Promise.all(
    PAYLOADS.map(async ([name, code, edit]) => {
      const { statement } = await forged(referral, edit, signersOf(world, REFERRAL))
      return { name, code, statement: { ...statement } }
    }),
  )
  return [
    ...honest.map((signed) => ({
      name: signed.kind,
      digest: signed.digest,
      statement: { ...signed.statement },
      opening: { ...signed.opening },
    })),
    ...payloads,
    ...OBJECTS.map(([name, code, edit]) => ({
      name,
      code,
      statement: asJson(edit(referral.statement)),
    })),
    ...OPENINGS.map(([name, code, edit]) => ({
      name: `an opening with ${name}`,
      code,
      statement: { ...referral.statement },
      opening: asJson(edit(referral.opening)),
    })),
  ]
}

const FIELDS: readonly (readonly [string, readonly string[]])[] = [
  ['one group', ['child']],
  ['one field', ['child.bestInterests.outcome']],
  ['one field of one element', ['risk.factors.1.level', 'travel']],
  ['the names of groups only', []],
]
const TEXTS: readonly (readonly [string, string, (text: string) => string])[] = [
  ['a disclosure twice', 'WIRE_DIS', (text) => `${text}${text.split('~')[2] ?? ''}~`],
  ['no body', 'WIRE_DIS', (text) => text.replace(/~[^~]*/, '')],
  ['a disclosure without its parent', 'WIRE_DIS', (text) => text.replace(/~[^~]*~$/, '~')],
  [
    'a disclosure that nothing names',
    'WIRE_DIS',
    (text) => `${text}WyJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIiwxXQ~`,
  ],
  ['a disclosure that is no JSON', 'WIRE_JSON', (text) => `${text}eA~`],
  ['no tilde at its end', 'WIRE_MEMBER', (text) => text.slice(0, -1)],
]

/** Presentations of one referral. */
export async function presentationVectors(world: World): Promise<Json> {
  const { statement, opening }: SignedStatement = await statementOf(world, { kind: REFERRAL })
  const honest = FIELDS.map(([name, fields]) => ({
    name,
    fields,
    presentation: buildPresentation(statement, opening, fields),
  }))
  const text = buildPresentation(statement, opening, ['child.guardianName', 'travel'])
  const hostile = TEXTS.map(([name, code, change]) => ({ name, code, presentation: change(text) }))
  return [...honest, ...hostile]
}
