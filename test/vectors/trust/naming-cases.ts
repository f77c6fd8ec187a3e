/**
 * Three charters that follow each other, statements that name one of them, and rosters of two chains.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#which-charter-counts
 */
import {
  createTrustView,
  digest,
  type Json,
  type TrustView,
  type VerifiedCharter,
  verifyNextCharter,
} from '@amana/core'
import { NOW } from '../../support/agencies.ts'
import { type Edit, forged, put } from '../../support/crafted-envelope.ts'
import { officer, statementOf, type World } from '../../support/envelope-fixture.ts'
import { DAY, proposed, quorumsOf, withNewRosterKey } from '../../support/rotation.ts'
import { entryOf, halvesOf, jsonOf, signAny, signingKey } from '../../support/trust-fixture.ts'
import { type Charters, TYPE } from './charter-cases.ts'

/** Three charters: the first, the one of 59 days ago, and the one of 58 days ago that ended 29 days ago. */
export async function threeCharters(world: Charters): Promise<readonly VerifiedCharter[]> {
  const signed = async (
    previous: VerifiedCharter,
    parts: Parameters<typeof proposed>[1],
  ): Promise<VerifiedCharter> => {
    const jws = await signAny(TYPE, proposed(previous, parts), halvesOf(quorumsOf(world)))
    return verifyNextCharter(jws, { previous })
  }
  const { kinds } = world.charter.payload
  const rule = kinds['referral.event/1']
  const stricter = rule === undefined ? {} : { 'referral.event/1': { ...rule, approvals: 1 } }
  const second = await signed(world.charter, {
    issuedAt: NOW - 59 * DAY,
    kinds: { 'intel.report/1': kinds['intel.report/1'] ?? { approvals: 1, aud: [] }, ...stricter },
  })
  const third = await signed(second, {
    issuedAt: NOW - 58 * DAY,
    kinds,
    validForSeconds: 29 * DAY,
  })
  return [world.charter, second, third]
}

function worldUnder({ anltp, charter, naptip }: Charters, trust: TrustView): World {
  const rosters = { [anltp.id]: anltp.roster.digest, [naptip.id]: naptip.roster.digest }
  const context = { charter: trust.charter.digest, rosters }
  return { sender: anltp, receiver: naptip, trust, context, genesis: charter.digest }
}

interface Naming {
  readonly names: string | undefined
  readonly iat: number
  readonly isApproved?: true
}

/** Which charter is named when: `says` is a code, or nothing. */
function namings(
  charters: readonly VerifiedCharter[],
): readonly (readonly [string, string, Naming])[] {
  const [first, second, third] = charters.map((charter) => charter.digest)
  const [one, two] = [NOW + DAY, NOW + 2 * DAY]
  const isApproved = true
  return [
    ['the first, a second before its 60 days are over', '', { names: first, iat: one - 1 }],
    ['the first, when its 60 days are over', 'WIRE_TRUST_CONTEXT', { names: first, iat: one }],
    ['the second, with its approval', '', { names: second, iat: NOW, isApproved }],
    [
      'the second, without the approval that only it asks for',
      'TRUST_SECOND_OFFICER',
      { names: second, iat: NOW },
    ],
    [
      'the second, a second before its 60 days are over',
      '',
      { names: second, iat: two - 1, isApproved },
    ],
    [
      'the second, when they are over',
      'WIRE_TRUST_CONTEXT',
      { names: second, iat: two, isApproved },
    ],
    ['the third, 29 days after its end', '', { names: third, iat: NOW }],
    ['the third, when its 30 days are over', 'TRUST_EXPIRED', { names: third, iat: one }],
    [
      'a charter that never was in force',
      'WIRE_TRUST_CONTEXT',
      { names: digest('another charter'), iat: NOW },
    ],
  ]
}

/** Statements that name one of three charters at an instant. */
export async function namingVectors(
  world: Charters,
  charters: readonly VerifiedCharter[],
): Promise<Json> {
  const [, , third] = charters
  const rosters = [world.naptip.roster, world.anltp.roster]
  const documents = { charter: third ?? world.charter, earlier: charters.slice(0, 2), rosters }
  const under = worldUnder(world, createTrustView(documents))
  const honest = await statementOf(under)
  const author = { key: officer(under, 'author'), act: 'author' as const }
  const approver = { key: officer(under, 'approver'), act: 'approve' as const }
  return Promise.all(
    namings(charters).map(async ([name, code, { iat, isApproved = false, names }]) => {
      const edit: Edit = (content) => put(['context', 'charter'], names)(put(['iat'], iat)(content))
      const { statement } = await forged(honest, edit, isApproved ? [author, approver] : [author])
      const said = code === '' ? {} : { code }
      return { name: `names ${name}`, ...said, statement: { ...statement } }
    }),
  )
}

/** Charters with rosters of two chains. */
export async function chainVectors(world: Charters): Promise<Json> {
  const key = await signingKey('another roster key of NAPTIP')
  const second = await withNewRosterKey(world, key, { iat: NOW - 300 })
  const back = proposed(second.charter, {
    entry: {
      roster: entryOf(world, 'ng.naptip').roster,
      rosterKeys: [world.naptip.rosterKey.publicJwk],
    },
  })
  const third = await signAny(TYPE, back, halvesOf(quorumsOf(world)))
  const rosters = [world.naptip.roster.jws, world.anltp.roster.jws, second.roster.jws]
  const charter = world.charter.jws
  return [
    { name: 'with both chains', charter, later: [second.charter.jws], rosters },
    {
      name: 'that go back to the first chain',
      code: 'TRUST_CHAIN',
      charter,
      later: [second.charter.jws, third],
      rosters,
    },
  ].map((one) => jsonOf(one))
}
