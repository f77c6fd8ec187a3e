import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeUtf8, type ErrorCode, parseDispatch, type VerifiedRoster } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { servicesOf } from '../../../../test/support/acting.ts'
import {
  beginTalk,
  leaving,
  MEETING_MS,
  officerKey,
  openingKeyOf,
  queueNew,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf, refusalOf } from '../../../../test/support/refusals.ts'
import { type KeyView } from '../service-views.ts'
import { signAnswers, trustOf } from './answering.ts'
import { listWeeks } from './desk-weeks.ts'
import {
  assertRevocable,
  replaceNodeKeys,
  replaceOfficerKeys,
  revokeKey,
  rotateDepositKey,
  rotateDeskKey,
} from './key-changes.ts'
import { assertNext, parseProposal, proposalAfter } from './proposals.ts'
import { renewalIn } from './renewal.ts'
import { addPartnerDesk, type RosterChange } from './rosters.ts'

const ROTATION = { days: 30, supersede: false }

let talk: Talk
let roster: VerifiedRoster
let now: number

beforeAll(async () => {
  talk = await beginTalk()
  roster = talk.naptip.parts.trust.ownRoster
  now = talk.clock.now()
}, MEETING_MS)
afterAll(() => talk[Symbol.asyncDispose]())

/** The public half of a key that may stand in a deposit, and so in a desk. */
function depositJwk(): Parameters<typeof rotateDepositKey>[1] {
  const { publicJwk } = openingKeyOf(talk.naptip, 'deposit')
  if (publicJwk.alg !== 'HPKE-9-KE') throw new TypeError(publicJwk.alg)
  return publicJwk
}

/** A key as the node shows it, with other members. */
async function keyView(changes: Partial<KeyView> = {}): Promise<KeyView> {
  const { keys } = await servicesOf(talk.naptip).keys({})
  const desk = keys.find(({ holder, use }) => use === 'desk' && holder === 'protection')
  if (desk === undefined) throw new Error('no desk')
  return { ...desk, ...changes }
}

const NOBODY: readonly (readonly [what: string, make: () => Promise<RosterChange>])[] = [
  ['a desk', async () => rotateDeskKey('nowhere', depositJwk(), ROTATION)],
  ['weeks of a desk', async () => listWeeks({ ...WEEKS, desk: 'nowhere' }, [])],
  ['a node', async () => rotateDepositKey('nowhere', depositJwk(), ROTATION)],
  [
    'a node under new keys',
    async () => {
      const [node] = roster.payload.nodes
      if (node === undefined) throw new Error('no node')
      return replaceNodeKeys('nowhere', { ...node, depositKey: depositJwk() }, ROTATION)
    },
  ],
  [
    'an officer',
    async () =>
      replaceOfficerKeys(
        'nowhere',
        { encryption: depositJwk(), key: await officerKey(talk.naptip.place, 'author') },
        ROTATION,
      ),
  ],
]

const WEEKS = {
  algorithm: 'HPKE-9-KE',
  kept: [],
  spans: [],
  supersede: false,
  weeks: 1,
} as const

describe('a change of the roster', { timeout: MEETING_MS }, () => {
  it.each(NOBODY)('for %s that it does not list is refused', async (_what, make) => {
    expect(await refusalOf(async () => (await make())(roster, now))).toEqual({
      code: 'CLI_KEY_HOLDER',
      details: { holder: 'nowhere' },
    })
  })

  it('adds no desk under the id of another', async () => {
    const desk = { id: 'protection', roles: ['shelter'] as const, jwk: depositJwk(), days: 30 }
    expect(await codeOf(() => addPartnerDesk(desk)(roster, now))).toBe('CLI_DESK')
  })

  it.each(['left', 'superseded'] as const)(
    'takes back nothing that a key signed before it was %s',
    async (reason) => {
      const view = await keyView()
      const revoking = (since: number) => async (): Promise<unknown> =>
        revokeKey(view, { reason, since })(roster, now)
      expect(await codeOf(revoking(now - 1))).toBe('TRUST_REVOCATION')
      expect(await codeOf(revoking(now))).toBeUndefined()
    },
  )

  it('revokes no key of which the public half is not known', async () => {
    const { jwk: _jwk, ...view } = await keyView()
    const revoking = revokeKey(view, { reason: 'lost', since: undefined })
    expect(await codeOf(() => revoking(roster, now))).toBe('CLI_NO_KEY')
  })

  it.each<[string, ErrorCode, Partial<KeyView>]>([
    ['of a root', 'TRUST_KEY_FIXED', { use: 'root' }],
    ['of the log', 'TRUST_KEY_FIXED', { use: 'log' }],
    ['that is revoked', 'TRUST_KEY_REVOKED', { state: 'revoked' }],
    ['that is the last of its desk', 'TRUST_KEY_LAST', {}],
  ])('revokes no key %s: %s', async (_what, code, changes) => {
    const { keys } = await servicesOf(talk.naptip).keys({})
    const view = await keyView(changes)
    expect(
      await codeOf(() => {
        assertRevocable(view, keys)
      }),
    ).toBe(code)
    const beside = await keyView({ keyId: 'another' })
    const isLast = code === 'TRUST_KEY_LAST'
    expect(
      await codeOf(() => {
        assertRevocable(view, [...keys, beside])
      }),
    ).toBe(isLast ? undefined : code)
  })
})

describe('a proposal', { timeout: MEETING_MS }, () => {
  it('has the form of one, and follows the newest roster of its own agency', async () => {
    const next = proposalAfter(roster)
    assertNext(parseProposal({ ...next }, 'p'), roster, 'p')
    const reason = async (changes: object): Promise<unknown> => {
      const step = (): void => {
        assertNext(parseProposal({ ...next, ...changes }, 'p'), roster, 'p')
      }
      return (await refusalOf(step))?.details['reason']
    }
    expect(await reason({ lists: [] })).toBe('lists')
    expect(await reason({ agency: 'ne.anltp-tim' })).toBe('agency')
    expect(await reason({ version: roster.version })).toBe('version')
    expect(await reason({ previous: 'A'.repeat(43) })).toBe('version')
  })

  it('for a charter is one, and follows the charter in force', async () => {
    const services = servicesOf(talk.naptip)
    const inForce = talk.naptip.parts.trust.view().charter.jws
    expect(await refusalOf(() => renewalIn(services, inForce, 'p'))).toEqual({
      code: 'CLI_PROPOSAL',
      details: { path: 'p', reason: 'version' },
    })
    const other = await refusalOf(() => renewalIn(services, roster.jws, 'p'))
    expect(other).toMatchObject({ code: 'CLI_PROPOSAL', details: { path: 'p' } })
    expect(other?.details['reason']).not.toBe('version')
  })
})

describe('a partner desk without a node', { timeout: MEETING_MS }, () => {
  it('trusts no file that does not verify', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'amana-desk-'))
    try {
      const { file } = await servicesOf(talk.naptip).exportPolicy({
        to: join(folder, 'policy.txt'),
      })
      const policy = new Uint8Array(await readFile(file))
      const evidence = { path: 'case.message.jsonl', bytes: encodeUtf8('{}\n') }
      expect(await codeOf(() => trustOf(evidence, policy))).toBe('CLI_NOT_VERIFIED')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('has no answer of an officer who may not give one for it', async () => {
    const { anltp, naptip } = talk
    await queueNew(naptip, 'jtwg.minutes/1')
    await leaving(naptip)
    const sent = await naptip.parts.outbox.dispatchAt(anltp.agency, 1)
    const opened = { dispatch: parseDispatch(sent?.dispatch), statements: [] }
    const trust = anltp.parts.trust.view()
    const officer = { id: 'author', key: await officerKey(anltp.place, 'author') }
    const desk = { agency: anltp.agency, id: 'protection' }
    const signing = signAnswers(opened, { desk, officer, trust, now: talk.clock.now() })
    expect(await codeOf(() => signing)).toBe('CLI_OFFICER')
  })
})
