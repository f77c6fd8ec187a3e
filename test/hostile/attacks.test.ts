/**
 * Every attack of the list that a node can meet, with the code that refuses it and the test that shows it. What no test
 * beside the sources shows is shown here.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  buildPresentation,
  digest,
  encodeBase64url,
  encodeCanonical,
  ERRORS,
  parsePresentation,
  rawPublicKey,
  verifyFirstCharter,
} from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { NOW, twoAgencies } from '../support/agencies.ts'
import { craft, put, replaced } from '../support/crafted-envelope.ts'
import {
  makeWorld,
  officer,
  outcomeOf,
  receiverOf,
  statementOf,
  withNextRoster,
  type World,
} from '../support/envelope-fixture.ts'
import { readJson, readText, ROOT } from '../support/repository.ts'
import { codeOf } from '../support/refusals.ts'
import {
  edited,
  halvesOf,
  signAny,
  signChangedRoster,
  verifyAlone,
} from '../support/trust-fixture.ts'

const AttackSchema = z.strictObject({
  number: z.string().regex(/^N?[1-9][0-9]*$/),
  group: z.string(),
  attack: z.string().min(5),
  /** A code of the errors or of the findings; `none` where it is answered; `not met: ` and why. */
  code: z.string(),
  file: z.exactOptional(z.string()),
  test: z.exactOptional(z.string()),
  note: z.exactOptional(z.string()),
})

const ATTACKS = z.array(AttackSchema).parse(readJson('test/hostile/attacks.json'))
const HERE = 'test/hostile/attacks.test.ts'
const met = ATTACKS.filter(({ code }) => !code.startsWith('not met: '))
const elsewhere = met.filter(({ file }) => file !== HERE)
const here = met.filter(({ file }) => file === HERE)

let world: World
beforeAll(async () => {
  world = await makeWorld()
})

/** What no other test shows: what the attacker brings, and the code that comes back. */
const SHOWN_HERE: Readonly<Record<string, () => Promise<string | undefined>>> = {
  // the point of order 2
  '36': async () => withOfficerKey({ x: point(`ec${'f'.repeat(60)}7f`) }),
  // one, written as the prime plus one
  '37': async () => withOfficerKey({ x: point(`ee${'f'.repeat(60)}7f`) }),
  '56': async () => arriving(put(['to', 'kids'], keyIds(10_000))),
  '67': async () => presenting(['A'.repeat(22), 'iss', 'ng.naptip']),
  '69': async () => {
    const statements = [await statementOf(world, { kind: 'victim.referral/1' })]
    const plaintext = replaced('"guardianSuspected"', '"__proto__"')
    const { bytes } = await craft(world, { statements, plaintext })
    return (await outcomeOf(bytes, receiverOf(world))).results.join()
  },
  '117': async () => withOfficerKey({ alg: 'ES256', crv: 'P-256', kty: 'EC', y: 'A'.repeat(43) }),
  '118': async () => withOfficerKey({ x: encodeBase64url(new Uint8Array(31).fill(5)) }),
  '119': async () => withDeskKey((key) => key.fill(0, -32)),
  '120': async () => withDeskKey((key) => key.subarray(1)),
  '121': async () => withOfficerKey({ d: encodeBase64url(new Uint8Array(32).fill(5)) }),
  '151': async () => {
    const { charter, naptip, anltp } = await twoAgencies()
    const payload = edited(charter.payload, [[['agencies', 'ne.anltp-tim', 'threshold'], 0]])
    const pairs = [...naptip.roots, ...anltp.roots]
    const jws = await signAny('amana-charter+jws', payload, halvesOf(pairs))
    return codeOf(async () => verifyFirstCharter(jws, { now: NOW }))
  },
  N10: async () => {
    const revoked = [{ kid: officer(world, 'author').keyId, reason: 'left', since: NOW }] as const
    const next = await withNextRoster(world, 'sender', {
      issuedAt: NOW,
      changes: { revoked: [...revoked] },
    })
    const { bytes } = await craft(next, { statements: [await statementOf(next)] })
    return (await outcomeOf(bytes, receiverOf(next))).results.join()
  },
}

describe('the list of attacks', () => {
  it('has each of 162 that were tried and 32 that were foreseen, once', () => {
    const numbers = ATTACKS.map(({ number }) => number)
    expect(numbers).toEqual([...counted(162), ...counted(78).map((number) => `N${number}`)])
  })

  it.each(ATTACKS)('$number has a code, or says why it is not met', (attack) => {
    const isMet = !attack.code.startsWith('not met: ')
    expect(Object.hasOwn(attack, 'file')).toBe(isMet)
    expect(Object.hasOwn(attack, 'test')).toBe(isMet)
    expect(!isMet || isCode(attack)).toBe(true)
  })

  it.each(elsewhere)('$number, $attack, is shown by the test that it names', (attack) => {
    const { file = '', test = '', code } = attack
    expect(existsSync(join(ROOT, file))).toBe(true)
    const text = readText(file)
    const isThere = ["'", '"', '`'].some((quote) => text.includes(`${quote}${test}${quote}`))
    expect(isThere).toBe(true)
    expect(code === 'none' || text.includes(code)).toBe(true)
  })

  it('shows here what it says to show here', () => {
    expect(Object.keys(SHOWN_HERE).toSorted()).toEqual(here.map(({ number }) => number).toSorted())
  })
})

describe('an attack that no other test shows', () => {
  it.each(here)('$number, $attack: $code', async ({ number, code }) => {
    expect(await SHOWN_HERE[number]?.()).toBe(code)
  })
})

function isCode({ code, note }: z.output<typeof AttackSchema>): boolean {
  if (code === 'none') return note !== undefined
  const findings = z.looseObject({}).parse(readJson('packages/vocabulary/locales/en/findings.json'))
  return Object.hasOwn(ERRORS, code) || Object.hasOwn(findings, code)
}

function counted(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => String(index + 1))
}

async function arriving(content: (value: unknown) => unknown): Promise<string> {
  const { bytes } = await craft(world, { content })
  return (await outcomeOf(bytes, receiverOf(world))).results.join()
}

/** A roster of which the author’s key has other members. */
async function withOfficerKey(members: object): Promise<string | undefined> {
  const { naptip } = await twoAgencies()
  const [first] = naptip.roster.payload.officers
  const edits = [[['officers', 0, 'key'], { ...first?.key, ...members }]] as const
  const jws = await signChangedRoster(naptip, edits)
  return codeOf(async () => verifyAlone(naptip, jws))
}

/** A roster of which a desk’s key has other bytes. */
async function withDeskKey(change: (key: Uint8Array) => Uint8Array): Promise<string | undefined> {
  const { naptip } = await twoAgencies()
  const jwk = naptip.roster.payload.desks[0]?.encryption[0]?.jwk
  if (jwk === undefined) throw new TypeError('no desk key')
  const pub = encodeBase64url(change(rawPublicKey(jwk)))
  const edits = [[['desks', 0, 'encryption', 0, 'jwk', 'pub'], pub]] as const
  const jws = await signChangedRoster(naptip, edits)
  return codeOf(async () => verifyAlone(naptip, jws))
}

/** An honest presentation with one disclosure more. */
async function presenting(disclosure: readonly string[]): Promise<string | undefined> {
  const { statement, opening } = await statementOf(world, { kind: 'victim.referral/1' })
  const text = buildPresentation(statement, opening, ['child'])
  const more = encodeBase64url(encodeCanonical([...disclosure]))
  expect(parsePresentation(text).groups).toHaveProperty('child')
  return codeOf(async () => parsePresentation(`${text}${more}~`))
}

function keyIds(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => digest(String(index))).toSorted()
}

function point(hex: string): string {
  return encodeBase64url(Uint8Array.from(Buffer.from(hex, 'hex')))
}
