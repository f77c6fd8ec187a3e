/**
 * One statement of a dispatch that took its place: whatever is wrong with it refuses it alone, and the others open.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { NOW, seededRandom } from '../../../../test/support/agencies.ts'
import { craft, forged, put, type Steps } from '../../../../test/support/crafted-envelope.ts'
import {
  makeWorld,
  officer,
  outcomeOf,
  receiverOf,
  signersOf,
  type StatementChoice,
  statementOf,
  withNextRoster,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { editAt, flipped } from '../../../../test/support/hostile-edits.ts'
import { withThirdAgency } from '../../../../test/support/third-agency.ts'
import { digest } from '../crypto/digest.ts'
import { generateKey } from '../crypto/jwk.ts'
import { GeneralJwsSchema } from '../crypto/jws.ts'
import { type ErrorCode } from '../errors.ts'
import { createRosterOfficer } from '../trust/build-roster.ts'
import { type Receiver } from './open.ts'
import { type SignedStatement } from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

const REFERRAL = 'victim.referral/1'

let world: World
let referral: SignedStatement

beforeAll(async () => {
  world = await makeWorld()
  referral = await statementOf(world, { kind: REFERRAL })
})

/** The statement between two good ones. */
async function between(
  statement: SignedStatement,
  steps: Steps = {},
  changes: Partial<Receiver> = {},
): Promise<readonly string[]> {
  const [before, after] = [
    await statementOf(world, { label: 'a' }),
    await statementOf(world, { label: 'b' }),
  ]
  const { bytes } = await craft(world, { statements: [before, statement, after], ...steps })
  const { place, results } = await outcomeOf(bytes, receiverOf(world, changes))
  expect(place).toBe('taken')
  return results
}

const alone = (code: string): readonly string[] => ['opened', code, 'opened']

type Choice = StatementChoice | ((made: World) => StatementChoice)

/** What an officer signs, or who signs it. */
const CHOICES: readonly (readonly [string, ErrorCode, Choice])[] = [
  [
    'without the approval of its kind',
    'TRUST_SECOND_OFFICER',
    (made) => ({ kind: REFERRAL, signers: signersOf(made, 'referral.event/1') }),
  ],
  [
    'approved by nobody but its author’s agency node',
    'WIRE_KEY_USE',
    (made) => ({
      kind: REFERRAL,
      signers: [
        { key: officer(made, 'author'), act: 'author' },
        { key: made.sender.sealKey, act: 'approve' },
      ],
    }),
  ],
  [
    'approved and not authored',
    'WIRE_POLICY',
    (made) => ({ signers: [{ key: officer(made, 'approver'), act: 'approve' }] }),
  ],
  [
    'with two authors',
    'WIRE_POLICY',
    (made) => ({
      signers: [
        { key: officer(made, 'author'), act: 'author' },
        { key: officer(made, 'approver'), act: 'author' },
      ],
    }),
  ],
  [
    'by an author without the role',
    'WIRE_POLICY',
    (made) => ({ signers: [{ key: officer(made, 'reader'), act: 'author' }] }),
  ],
  [
    'by an author who may only approve',
    'WIRE_POLICY',
    (made) => ({ signers: [{ key: officer(made, 'approver'), act: 'author' }] }),
  ],
  [
    'approved by one who may only author',
    'WIRE_POLICY',
    (made) => ({
      kind: REFERRAL,
      signers: [
        { key: officer(made, 'author'), act: 'author' },
        { key: officer(made, 'reader'), act: 'approve' },
      ],
    }),
  ],
  [
    'by the sender’s node',
    'WIRE_KEY_USE',
    (made) => ({ signers: [{ key: made.sender.sealKey, act: 'author' }] }),
  ],
  [
    'by an officer of the receiver',
    'WIRE_ISS',
    (made) => ({
      signers: [{ key: made.receiver.officers['author'] ?? made.sender.sealKey, act: 'author' }],
    }),
  ],
  ['of before its officer’s key was valid', 'WIRE_KEY_EXPIRED', { draft: { iat: NOW - 7200 } }],
  [
    'under another charter',
    'WIRE_TRUST_CONTEXT',
    (made) => ({ draft: { context: { ...made.context, charter: digest('x') } } }),
  ],
  [
    'under a roster that is not known',
    'WIRE_TRUST_CONTEXT',
    (made) => ({ draft: { context: { ...made.context, rosters: {} } } }),
  ],
  ['for another agency', 'WIRE_AUD', (made) => ({ draft: { aud: [made.sender.id] } })],
  [
    'for an agency to which the charter does not open its kind',
    'WIRE_AUD',
    (made) => ({ draft: { aud: ['ng.nis', made.receiver.id].toSorted() } }),
  ],
  ['dated after its dispatch', 'WIRE_TIME_FUTURE', { draft: { iat: NOW + 301 } }],
  ['that is not to be acted on any more', 'WIRE_EXPIRED', { draft: { exp: NOW } }],
  [
    'kept for another year than its kind’s',
    'WIRE_POLICY',
    { draft: { handling: { caveats: [], retainUntil: '2099-12-31', tlp: 'AMBER' } } },
  ],
  [
    'wider than its kind may be',
    'WIRE_POLICY',
    { draft: { handling: { caveats: [], retainUntil: '2031-12-31', tlp: 'GREEN' } } },
  ],
  [
    'with a restriction that it does not say',
    'WIRE_POLICY',
    { draft: { handling: { caveats: ['eu:H3'], retainUntil: '2031-12-31', tlp: 'AMBER' } } },
  ],
  [
    'whose body is not of its kind',
    'WIRE_SCHEMA',
    { draft: { groups: { body: { event: 'vanish' } } } },
  ],
  ['whose body lacks a member', 'WIRE_SCHEMA', { draft: { groups: { body: {} } } }],
]

describe('a statement is refused alone', () => {
  it.each(CHOICES)('%s', async (_name, code, choice) => {
    const made = typeof choice === 'function' ? choice(world) : choice
    expect(await between(await statementOf(world, made))).toEqual(alone(code))
  })

  it('by a key that no roster names', async () => {
    const signers = [
      { key: await generateKey('Ed25519', seededRandom('nobody')), act: 'author' as const },
    ]
    expect(await between(await statementOf(world, { signers }))).toEqual(alone('WIRE_KID_UNKNOWN'))
  })

  it('with a signature that is not its signer’s', async () => {
    const broken = editAt(['signatures', 1, 'signature'], flipped)(referral.statement)
    const statement = GeneralJwsSchema.parse(broken)
    expect(await between({ ...referral, statement })).toEqual(alone('WIRE_SIG'))
  })

  it('of an officer whose key a roster revoked, whatever date it bears', async () => {
    const { keyId } = officer(world, 'author')
    const revoked = await withNextRoster(world, 'sender', {
      issuedAt: NOW - 60,
      changes: { revoked: [{ kid: keyId, reason: 'lost', since: NOW - 60 }] },
    })
    const statement = await statementOf(world, { draft: { iat: NOW - 300 } })
    const { bytes } = await craft(revoked, { statements: [statement] })
    const outcome = await outcomeOf(bytes, receiverOf(revoked))
    expect(outcome).toEqual({ place: 'taken', results: ['WIRE_KEY_REVOKED'] })
  })

  it('of an officer whose key has ended', async () => {
    const key = await generateKey('Ed25519', seededRandom('short'))
    const parts = { nbf: NOW - 3600, exp: NOW - 10, encryption: [], id: 'short', key }
    const roles = ['author:referral']
    const short = await createRosterOfficer(world.sender.id, {
      ...parts,
      organisation: 'ne.anltp-tim',
      roles,
    })
    const { payload } = world.trust.rosterOf(world.sender.id)
    const changes = { officers: [...payload.officers, short] }
    const next = await withNextRoster(world, 'sender', { issuedAt: NOW - 60, changes })
    const signers = [{ key, act: 'author' as const }]
    const codes = []
    for (const iat of [NOW - 20, NOW - 10]) {
      const statement = await statementOf(next, { signers, draft: { iat } })
      const { bytes } = await craft(next, { statements: [statement] })
      codes.push(...(await outcomeOf(bytes, receiverOf(next))).results)
    }
    expect(codes).toEqual(['opened', 'WIRE_KEY_EXPIRED'])
  })

  it('of a kind that no charter opens', async () => {
    const unknown = await forged(
      referral,
      put(['kind'], 'victim.referral/9'),
      signersOf(world, REFERRAL),
    )
    expect(await between(unknown)).toEqual(alone('WIRE_POLICY'))
  })

  it('of another kind than its body', async () => {
    const relabelled = await forged(
      referral,
      put(['kind'], 'referral.event/1'),
      signersOf(world, REFERRAL),
    )
    expect(await between(relabelled)).toEqual(alone('WIRE_DIS'))
  })

  it('with an id that another statement has', async () => {
    const { results } = await outcomeOf(
      (await craft(world, { statements: [referral] })).bytes,
      receiverOf(world, { statementOf: async () => digest('another') }),
    )
    expect(results).toEqual(['WIRE_FORK'])
  })

  it('with an id that a statement before it in the dispatch has', async () => {
    const [first, second] = [
      await statementOf(world),
      await statementOf(world, { draft: { iat: NOW - 1 } }),
    ]
    const { bytes } = await craft(world, { statements: [first, second] })
    const outcome = await outcomeOf(bytes, receiverOf(world))
    expect(outcome).toEqual({ place: 'taken', results: ['opened', 'WIRE_FORK'] })
  })

  it('sent to a desk that does not read its kind', async () => {
    const { bytes } = await craft(world, { statements: [referral], desk: 'coordination' })
    const outcome = await outcomeOf(bytes, receiverOf(world))
    expect(outcome).toEqual({ place: 'taken', results: ['WIRE_POLICY'] })
  })
})

describe('another agency’s statement', () => {
  it('is not passed on: its agency makes a new one', async () => {
    const { world: three, author } = await withThirdAgency(world)
    const signers = [{ key: author, act: 'author' as const }]
    const theirs = await statementOf(three, { signers, draft: { iss: 'ng.nis' } })
    const { bytes } = await craft(three, { statements: [await statementOf(three), theirs] })
    const outcome = await outcomeOf(bytes, receiverOf(three))
    expect(outcome).toEqual({ place: 'taken', results: ['opened', 'WIRE_ISS'] })
  })

  it('that was ours does not come back as theirs', async () => {
    const signers = [
      { key: world.receiver.officers['author'] ?? world.sender.sealKey, act: 'author' as const },
    ]
    const draft = { iss: world.receiver.id, aud: [world.receiver.id] }
    expect(await between(await statementOf(world, { signers, draft }))).toEqual(alone('WIRE_ISS'))
  })
})

describe('nothing is decrypted before a signature asks for it', () => {
  it('no key is looked for when every statement is refused', async () => {
    const signers = signersOf(world, 'referral.event/1')
    const unapproved = await statementOf(world, { kind: REFERRAL, signers })
    expect(await withoutKeys([unapproved])).toEqual({
      results: ['TRUST_SECOND_OFFICER'],
      asked: [],
    })
  })

  it('a seal that does not open refuses what is left, and changes no refusal before it', async () => {
    const signers = signersOf(world, 'referral.event/1')
    const unapproved = await statementOf(world, { kind: REFERRAL, signers, label: 'other' })
    const { results, asked } = await withoutKeys([unapproved, referral])
    expect(results).toEqual(['TRUST_SECOND_OFFICER', 'WIRE_NOT_FOR_ME'])
    expect(asked).not.toEqual([])
  })
})

/** The results of an envelope for a receiver that has no desk key, and which keys it looked for. */
async function withoutKeys(
  statements: readonly SignedStatement[],
): Promise<{ readonly results: readonly string[]; readonly asked: readonly string[] }> {
  const asked: string[] = []
  const deskKey = (keyId: string): undefined => {
    asked.push(keyId)
  }
  const { bytes } = await craft(world, { statements })
  const { results } = await outcomeOf(bytes, receiverOf(world, { deskKey }))
  return { results, asked }
}
