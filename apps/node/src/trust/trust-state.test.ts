import {
  buildNextRoster,
  digest,
  type ErrorCode,
  type GeneralJws,
  generateKey,
  type Json,
  type Roster,
  signRoster,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { jsonOf } from '../../../../test/support/met-agencies.ts'
import {
  adoptNext,
  beginAlone,
  beginTalk,
  carryAll,
  leavesOf,
  MEETING_MS,
  nextRoster,
  openingKeyOf,
  openSide,
  openStoreOf,
  queueNew,
  reopened,
  type Side,
  sizeOf,
} from '../../../../test/support/node-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { random } from '../../../../test/support/store-fixture.ts'
import { loadSigningKey } from '../vault/load-keys.ts'
import { orderKey, putRecord, RECORDS } from '../records.ts'
import { forkPath, readDocuments } from './trust-documents.ts'

const DAY = 86_400

/** A roster signed by the agency's roster key, whatever it says. */
async function signedRoster({ place }: Side, roster: Roster): Promise<GeneralJws> {
  return signRoster(roster, await loadSigningKey(place.secrets.roster.seed))
}

/** The roster after the newest one, with other members. */
function following({ clock, parts }: Side, changes: Partial<Roster> = {}): Roster {
  return { ...buildNextRoster(parts.trust.ownRoster, clock.now(), {}), ...changes }
}

describe('a roster', { timeout: MEETING_MS }, () => {
  it('is adopted once, with its leaf, on both sides', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [own, other] = [sizeOf(naptip), sizeOf(anltp)]
    const old = naptip.parts.trust.ownRoster.digest
    const next = await nextRoster(naptip)
    for (const side of [naptip, anltp, naptip, anltp]) await side.parts.trust.adoptRoster(next)
    const leaf = {
      event: 'g.roster',
      data: { agency: naptip.agency, new: digest(next.payload), old, version: 3 },
    }
    expect(await leavesOf(naptip, own)).toMatchObject([leaf])
    expect(await leavesOf(anltp, other)).toMatchObject([leaf])
    expect(anltp.parts.trust.view().rosterOf(naptip.agency).version).toBe(3)
    await using again = await reopened(anltp)
    expect(again.parts.trust.view().rosterOf(naptip.agency).version).toBe(3)
  })

  it('that ended on its way is taken, since the one after it cannot be had without it', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const missed = await nextRoster(naptip)
    await naptip.parts.trust.adoptRoster(missed)
    clock.turn(70 * DAY)
    const newest = await nextRoster(naptip)
    await naptip.parts.trust.adoptRoster(newest)
    const { trust } = anltp.parts
    await trust.adoptRoster(missed)
    const seal = (): unknown => trust.view().deskKeys(naptip.agency, 'protection', clock.now())
    expect(await codeOf(async () => seal())).toBe('TRUST_EXPIRED')
    await trust.adoptRoster(newest)
    seal()
    await using again = await reopened(anltp)
    expect(again.parts.trust.view().rosterOf(naptip.agency).version).toBe(4)
  })

  it('costs its own check: what was verified before is not verified again', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await adoptNext(naptip, anltp)
    const { trust } = anltp.parts
    const [before, charter] = [trust.allRosters, trust.view().charter]
    await adoptNext(naptip, anltp)
    const after = trust.allRosters
    expect(after).toHaveLength(before.length + 1)
    // the same objects, not others like them
    for (const roster of before) expect(after).toContain(roster)
    expect(trust.view().charter).toBe(charter)
  })

  it('of the own agency is adopted before there is a charter, and another’s is not', async () => {
    await using talk = await beginAlone()
    const { anltp, naptip } = talk
    await naptip.parts.trust.adoptRoster(await nextRoster(naptip))
    expect(naptip.parts.trust.ownRoster.version).toBe(3)
    expect(naptip.parts.trust.ownEntry().roster).toEqual({
      digest: naptip.parts.trust.ownRoster.digest,
      version: 3,
    })
    const other = anltp.parts.trust.ownRoster.jws
    expect(await codeOf(() => naptip.parts.trust.adoptRoster(other))).toBe('WIRE_ISS')
    expect(naptip.parts.trust.rosters.map(({ version }) => version)).toEqual([1, 2, 3])
  })

  it('changes nothing when the disk takes nothing', async () => {
    await using talk = await beginTalk()
    const next = await nextRoster(talk.naptip)
    talk.naptip.disk.full = true
    expect(await codeOf(() => talk.naptip.parts.trust.adoptRoster(next))).toBe('STORE_WRITE')
    expect(talk.naptip.parts.trust.ownRoster.version).toBe(2)
    await using naptip = await reopened(talk.naptip)
    expect(naptip.parts.trust.ownRoster.version).toBe(2)
    await naptip.parts.trust.adoptRoster(next)
  })
})

/** Rosters of NAPTIP after its versions 2 and 3, and what ANLTP/TIM says to each. */
const HOSTILE: readonly (readonly [
  string,
  ErrorCode,
  (side: Side, talk: { readonly anltp: Side }) => Promise<GeneralJws>,
])[] = [
  [
    'of a version from before the charter',
    'TRUST_ROLLBACK',
    async (side) => signedRoster(side, following(side, { version: 1 })),
  ],
  [
    'of a version below the newest, but another',
    'WIRE_FORK',
    async (side) => signedRoster(side, following(side, { version: 2 })),
  ],
  [
    'of a version below the newest, signed by another key',
    'WIRE_SIG',
    async (side) =>
      signRoster(following(side, { version: 2 }), await generateKey('Ed25519', random)),
  ],
  [
    'of the newest version, but another',
    'WIRE_FORK',
    async (side) => signedRoster(side, following(side, { version: 3 })),
  ],
  [
    'that leaves a version out',
    'TRUST_ROLLBACK',
    async (side) => signedRoster(side, following(side, { version: 5 })),
  ],
  [
    'that names another before it',
    'TRUST_CHAIN',
    async (side) => signedRoster(side, following(side, { previous: digest('another') })),
  ],
  [
    'from the future',
    'WIRE_TIME_FUTURE',
    async (side) =>
      signedRoster(side, buildNextRoster(side.parts.trust.ownRoster, side.clock.now() + 301, {})),
  ],
  [
    'that is dated back, and so has ended',
    'TRUST_CHAIN',
    async (side) =>
      signedRoster(
        side,
        buildNextRoster(side.parts.trust.ownRoster, side.clock.now() - 35 * DAY, {}),
      ),
  ],
  [
    'that holds for longer than 35 days',
    'TRUST_EXPIRED',
    async (side) => signedRoster(side, following(side, { exp: side.clock.now() + 36 * DAY })),
  ],
  [
    'signed by another key',
    'WIRE_SIG',
    async (side) => signRoster(following(side), await generateKey('Ed25519', random)),
  ],
  [
    'of a third agency',
    'WIRE_ISS',
    async (side) => signedRoster(side, following(side, { agency: 'ng.nis' })),
  ],
  [
    'of the own agency, signed by the other',
    'WIRE_SIG',
    async (side, { anltp }) => signedRoster(side, following(anltp)),
  ],
  [
    'of an agency named as what every object has',
    'WIRE_MEMBER',
    async (side) => signedRoster(side, following(side, { agency: 'constructor' })),
  ],
  [
    'with an officer’s key under another name',
    'WIRE_KEY',
    async (side) => {
      const { officers } = side.parts.trust.ownRoster.payload
      const renamed = officers.map((officer, n) =>
        n === 0 ? { ...officer, id: 'another' } : officer,
      )
      return signedRoster(side, following(side, { officers: renamed }))
    },
  ],
  [
    'that gives a key of the other agency’s desk as its own',
    'WIRE_KEY',
    async (side, { anltp }) => {
      const jwk = openingKeyOf(anltp, 'protection').publicJwk
      const desks = side.parts.trust.ownRoster.payload.desks.map((desk) => ({
        ...desk,
        encryption: desk.encryption.map((entry) =>
          desk.id === 'protection' ? { ...entry, jwk } : entry,
        ),
      }))
      return signedRoster(side, following(side, { desks }))
    },
  ],
]

describe('a roster of the peer', { timeout: MEETING_MS }, () => {
  it.each(HOSTILE)('%s is refused with %s, and nothing changes', async (_name, code, make) => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await adoptNext(naptip, anltp)
    const hostile = await make(naptip, talk)
    const size = sizeOf(anltp)
    expect(await codeOf(() => anltp.parts.trust.adoptRoster(hostile))).toBe(code)
    expect(sizeOf(anltp)).toBe(size)
    expect(anltp.parts.trust.view().rosterOf(naptip.agency).version).toBe(3)
    await using again = await reopened(anltp)
    expect(again.parts.trust.view().rosterOf(naptip.agency).version).toBe(3)
    await queueNew(naptip, 'jtwg.minutes/1')
    expect(await carryAll(naptip, again)).toBe(1)
  })

  it('that contradicts a known one is kept beside it, the first time', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await adoptNext(naptip, anltp)
    expect(anltp.parts.trust.forks).toEqual([])
    const [first, second] = [
      await signedRoster(naptip, following(naptip, { version: 3 })),
      await signedRoster(naptip, following(naptip, { version: 3, previous: digest('another') })),
    ]
    expect(await codeOf(() => anltp.parts.trust.adoptRoster(first))).toBe('WIRE_FORK')
    expect(await codeOf(() => anltp.parts.trust.adoptRoster(second))).toBe('WIRE_FORK')
    await using again = await reopened(anltp)
    expect(again.parts.trust.forks).toEqual([{ agency: naptip.agency, version: 3 }])
    const kept = (await readDocuments(again.parts.store)).get(forkPath(naptip.agency, 3))
    expect(kept).toEqual(jsonOf(first))
  })

  it('that takes back a revocation is refused', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [officer] = naptip.parts.trust.ownRoster.payload.officers
    if (officer === undefined) throw new Error('no officer')
    const { keyId } = await loadSigningKey(naptip.place.secrets.officers.reader)
    const revoked = [{ kid: keyId, reason: 'left' as const, since: talk.clock.now() }]
    await adoptNext(naptip, anltp, { revoked })
    const back = await signedRoster(naptip, following(naptip, { revoked: [] }))
    expect(await codeOf(() => anltp.parts.trust.adoptRoster(back))).toBe('TRUST_REVOCATION')
  })
})

/** Damage done with the store's own key while the node is closed. */
const DAMAGE: readonly {
  readonly what: string
  readonly code: string
  readonly path: string
  readonly document?: Json
}[] = [
  { what: 'the own entry', code: 'STORE_DAMAGED', path: 'entry', document: { name: 'NAPTIP' } },
  { what: 'the charter', code: 'STORE_DAMAGED', path: 'charter', document: 'charter' },
  { what: 'the charter’s signatures', code: 'TRUST_THRESHOLD', path: 'charter' },
  {
    what: 'a roster',
    code: 'WIRE_MEMBER',
    path: 'roster/ne.anltp-tim/0000000000000002',
    document: { payload: 'e30' },
  },
]

describe('what lies on the disk', { timeout: MEETING_MS }, () => {
  it.each(DAMAGE)('proves itself or is refused: $what', async ({ code, document, path }) => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const { jws } = naptip.parts.trust.view().charter
    await naptip[Symbol.asyncDispose]()
    const store = await openStoreOf(naptip.place)
    const { payload, signatures } = jsonOf(jws)
    const changed = document ?? { payload, signatures: signatures.slice(0, 4) }
    await store.batch([putRecord(RECORDS.trust, path, { document: z.json().parse(changed) })])
    await store.close()
    expect(await codeOf(() => openSide(naptip.place, clock))).toBe(code)
  })

  it('is read whole, however much there is', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    await naptip[Symbol.asyncDispose]()
    const store = await openStoreOf(naptip.place)
    const rows = Array.from({ length: 2001 }, (_, n) =>
      putRecord(RECORDS.trust, `another/${orderKey(n)}`, { document: n }),
    )
    await store.batch(rows)
    await store.close()
    await using again = await openSide(naptip.place, clock)
    expect(again.parts.trust.ownRoster.version).toBe(2)
    expect(again.parts.trust.peer()).toBe(naptip.peer)
  })

  it('is all that the log names: the own rosters from before the charter too', async () => {
    await using talk = await beginTalk()
    const { naptip } = talk
    await adoptNext(naptip, talk.anltp)
    const versions = naptip.parts.trust.allRosters.map(({ agency, version }) => [agency, version])
    expect(versions).toEqual([
      ['ng.naptip', 1],
      ['ne.anltp-tim', 2],
      ['ng.naptip', 2],
      ['ng.naptip', 3],
    ])
    expect(naptip.parts.trust.rosters).toHaveLength(3)
  })
})
