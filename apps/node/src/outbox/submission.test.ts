import {
  digest,
  type ErrorCode,
  type Kind,
  rebuildOpening,
  type SignedStatement,
} from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Edit, forged, put } from '../../../../test/support/crafted-envelope.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  type Choice,
  MEETING_MS,
  officerKey,
  openingKeyOf,
  queueNew,
  type Side,
  signedBy,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { checkSubmission, type CheckedSubmission, type Submission } from './submission.ts'

const KINDS: readonly Kind[] = [
  'handover.receipt/1',
  'intel.report/1',
  'jtwg.minutes/1',
  'referral.event/1',
  'task.clearance/1',
  'task.travel-document/1',
  'victim.referral/1',
]

let talk: Talk
beforeAll(async () => {
  talk = await beginTalk()
}, MEETING_MS)
afterAll(() => talk[Symbol.asyncDispose]())

async function check({ parts, clock }: Side, handedIn: Submission): Promise<CheckedSubmission> {
  const { agency, ledger, store, trust } = parts
  return checkSubmission(handedIn, { agency, ledger, store, trust: trust.view(), now: clock.now() })
}

/** A statement of which a member was changed before its author signed. */
async function edited(side: Side, edit: Edit, choice: Choice = {}): Promise<SignedStatement> {
  const signed = await signedBy(side, 'jtwg.minutes/1', choice)
  const key = await officerKey(side.place, 'author')
  return forged(signed, edit, [{ key, act: 'author' }])
}

const AREAS = ['handover', 'intel', 'jtwg', 'referral', 'rights', 'task', 'victim']
const APPROVER_ROLES = AREAS.map((area) => `approve:${area}`)
const AUTHOR_ROLES = [
  ...AREAS.map((area) => `author:${area}`),
  'case_manager',
  'duty_officer',
  'head',
  'supervisor',
]

describe('a submission', () => {
  it('becomes the record of a statement that waits, with who signed as the roster has them', async () => {
    const signed = await signedBy(talk.naptip, 'intel.report/1')
    const { agency, peer, place } = talk.naptip
    const roles = { author: AUTHOR_ROLES, approver: APPROVER_ROLES }
    const signer = async (officer: 'author' | 'approver', act: string): Promise<object> => ({
      act,
      agency,
      keyId: (await officerKey(place, officer)).keyId,
      officer,
      organisation: agency,
      roles: roles[officer],
    })
    expect(await check(talk.naptip, signed)).toEqual({
      desks: [{ external: false, id: 'intelligence', roles: [] }],
      peer,
      record: {
        desk: 'intelligence',
        digest: signed.digest,
        direction: 'out',
        opening: signed.opening,
        peer,
        signers: [await signer('author', 'author'), await signer('approver', 'approve')],
        state: 'queued',
        statement: signed.statement,
      },
    })
  })

  it.each(KINDS)('of the kind %s that is taken here is opened there', async (kind) => {
    await using own = await beginTalk()
    const sent = await queueNew(own.naptip, kind)
    expect(await carryAll(own.naptip, own.anltp)).toBe(1)
    expect(await own.anltp.parts.ledger.get(sent)).toMatchObject({ state: 'received' })
    expect(await own.naptip.parts.ledger.get(sent)).toMatchObject({ state: 'opened' })
  })
})

const CASES: readonly (readonly [string, ErrorCode, (made: Talk) => Promise<Submission>])[] = [
  [
    'another agency’s statement',
    'WIRE_ISS',
    async ({ anltp }) => signedBy(anltp, 'jtwg.minutes/1'),
  ],
  [
    'two addressees',
    'WIRE_AUD',
    async ({ naptip }) => edited(naptip, put(['aud'], ['ne.anltp-tim', 'ng.naptip'])),
  ],
  [
    'the own agency as addressee',
    'WIRE_AUD',
    async ({ naptip }) => edited(naptip, put(['aud'], ['ng.naptip'])),
  ],
  [
    'an agency outside of the charter',
    'WIRE_AUD',
    async ({ naptip }) => edited(naptip, put(['aud'], ['ng.nis'])),
  ],
  [
    'a statement from the future',
    'WIRE_TIME_FUTURE',
    async ({ naptip }) => signedBy(naptip, 'jtwg.minutes/1', { later: 301 }),
  ],
  [
    'one that ended this second',
    'WIRE_EXPIRED',
    async ({ clock, naptip }) => signedBy(naptip, 'referral.event/1', { exp: clock.now() }),
  ],
  [
    'an approval that is missing',
    'TRUST_SECOND_OFFICER',
    async ({ naptip }) => {
      const signed = await signedBy(naptip, 'intel.report/1')
      const { payload, signatures } = signed.statement
      return { ...signed, statement: { payload, signatures: signatures.slice(0, 1) } }
    },
  ],
  [
    'an author without the role',
    'WIRE_POLICY',
    async ({ naptip }) => signedBy(naptip, 'jtwg.minutes/1', { author: 'reader' }),
  ],
  [
    'the opening of another statement',
    'WIRE_DIS',
    async ({ naptip }) => {
      const { statement } = await signedBy(naptip, 'jtwg.minutes/1')
      const { opening } = await signedBy(naptip, 'jtwg.minutes/1')
      return { statement, opening }
    },
  ],
  [
    'a group kept back',
    'WIRE_SCHEMA',
    async ({ naptip }) => withheld(await signedBy(naptip, 'victim.referral/1'), 'safety'),
  ],
  [
    'a body of another form',
    'WIRE_SCHEMA',
    async ({ naptip }) => signedBy(naptip, 'jtwg.minutes/1', { groups: { body: { note: 'x' } } }),
  ],
  [
    '“other restrictions” without their text',
    'WIRE_POLICY',
    async ({ naptip }) =>
      signedBy(naptip, 'jtwg.minutes/1', { handling: { caveats: ['eu:H3'], tlp: 'AMBER' } }),
  ],
  [
    'a charter that is not in force',
    'WIRE_TRUST_CONTEXT',
    async ({ naptip }) => edited(naptip, put(['context', 'charter'], digest('another'))),
  ],
  [
    'a signature of another key',
    'WIRE_KID_UNKNOWN',
    async ({ naptip, met }) => {
      const signed = await signedBy(naptip, 'jtwg.minutes/1')
      const key = await officerKey(
        { ...met.naptip, secrets: { ...met.naptip.secrets, officers: swapped(met.naptip) } },
        'author',
      )
      return forged(signed, (content) => content, [{ key, act: 'author' }])
    },
  ],
  ['nothing', 'WIRE_MEMBER', async () => ({ statement: undefined, opening: undefined })],
  [
    'an opening of another form',
    'WIRE_DIS',
    async ({ naptip }) => ({
      ...(await signedBy(naptip, 'jtwg.minutes/1')),
      opening: { groups: {} },
    }),
  ],
]

describe('a submission is refused', () => {
  it.each(CASES)('for %s: %s', async (_name, code, make) => {
    const handedIn = await make(talk)
    expect(await codeOf(() => check(talk.naptip, handedIn))).toBe(code)
  })

  it('when its officer was revoked, and when nobody can read at the desk', async () => {
    await using own = await beginTalk()
    const { anltp, clock, naptip } = own
    const signed = await signedBy(naptip, 'jtwg.minutes/1')
    const { keyId } = await officerKey(naptip.place, 'author')
    const desk = openingKeyOf(anltp, 'coordination')
    await adoptNext(anltp, naptip, {
      revoked: [{ kid: desk.keyId, reason: 'lost', since: clock.now() }],
    })
    expect(await codeOf(() => check(naptip, signed))).toBe('TRUST_DESK')
    await adoptNext(naptip, anltp, {
      revoked: [{ kid: keyId, reason: 'compromise', since: clock.now() - 60 }],
    })
    expect(await codeOf(() => check(naptip, signed))).toBe('WIRE_KEY_REVOKED')
  })
})

/** The seed of the roster key as an officer's: a key that the roster lists for nobody. */
function swapped({ secrets }: Talk['met']['naptip']): typeof secrets.officers {
  return { ...secrets.officers, author: secrets.node.depositKey }
}

/** The opening with the digest of a group in place of it. */
function withheld({ kind, opening, statement }: SignedStatement, group: string): Submission {
  const { [group]: _dropped, ...groups } = opening.groups
  const commitment = rebuildOpening(kind, opening).groups[group]
  return { statement, opening: { ...opening, groups, withheld: { [group]: commitment } } }
}
