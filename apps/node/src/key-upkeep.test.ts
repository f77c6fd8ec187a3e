import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { type Expiry, type RosterLists } from '@amana/core'
import { type NamedFile, verifyFiles } from '@amana/verify'
import { describe, expect, it } from 'vitest'
import { passphraseOf } from '../../../test/support/met-agencies.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  cosign,
  leavesOf,
  leaving,
  MEETING_MS,
  openingKeyOf,
  queueNew,
  receive,
  type Side,
  TestClock,
} from '../../../test/support/node-fixture.ts'
import { madeKey } from '../../../test/support/made-key.ts'
import { nextOf, signedBySides } from '../../../test/support/node-rotation.ts'
import { random } from '../../../test/support/store-fixture.ts'
import { told } from '../../../test/support/told.ts'
import { rotateDeskKey } from './agency/key-changes.ts'
import { destroyEndedKeys, ExpiryTeller } from './key-upkeep.ts'
import { createAuditServices } from './services/audit-services.ts'
import { createKeyServices } from './services/key-services.ts'
import { type NodeSecrets, NodeSecretsSchema } from './vault/agency-secrets.ts'
import { keystorePath, readKeystore } from './vault/keystore-file.ts'
import { firstLogNames } from './vault/load-keys.ts'
import { NodeKeyRing } from './vault/node-key-ring.ts'

const DAY = 86_400

/** What the next roster of a node changes when the key of its coordination desk is made anew. */
async function rotated({ parts, clock }: Side, supersede = true): Promise<Partial<RosterLists>> {
  const { jwk } = await madeKey(parts, { use: 'coordination' })
  const change = rotateDeskKey('coordination', jwk, { days: 365, supersede })
  return change(parts.trust.ownRoster, clock.now())
}

async function bundleOf({ parts, place }: Side): Promise<NamedFile> {
  const to = join(place.folder, 'exports')
  const { file } = await createAuditServices(parts).exportBundle({ to })
  return { name: file, bytes: await readFile(file) }
}

async function policyOf({ parts, place }: Side): Promise<string> {
  const to = join(place.folder, 'exports')
  const { file } = await createAuditServices(parts).exportPolicy({ to })
  return readFile(file, 'utf8')
}

/** Both agencies sign the same lists again, as every month. */
async function renewed(first: Side, second: Side): Promise<void> {
  await adoptNext(first, second)
  await adoptNext(second, first)
}

async function keystoreOf({ place }: Side): Promise<NodeSecrets> {
  return readKeystore(keystorePath(place.folder, 'node'), passphraseOf('node'), NodeSecretsSchema)
}

const kidsOf = (ring: NodeKeyRing): readonly string[] => ring.opening.map(({ key }) => key.keyId)

describe('the private half of a desk’s key', { timeout: MEETING_MS }, () => {
  it('that was made and not listed is taken when the key is made again', async () => {
    await using talk = await beginTalk()
    const { makeKeys } = createKeyServices(talk.naptip.parts)
    const first = await makeKeys({ use: 'deposit' })
    expect(await makeKeys({ use: 'deposit' })).toEqual(first)
    expect((await makeKeys({ use: 'protection' }))[0]?.keyId).not.toBe(first[0]?.keyId)
    const { also = [] } = await keystoreOf(talk.naptip)
    expect(also.map(({ use }) => use)).toEqual(['deposit', 'protection'])
  })

  it('is made beside others that are made and destroyed at once, and none is lost', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await adoptNext(anltp, naptip, await rotated(anltp))
    const { ring } = anltp.parts
    const { keyId: old } = openingKeyOf(anltp, 'coordination')
    const [[deposit], [desk]] = await Promise.all([
      ring.make('deposit', 'A2'),
      ring.make('protection', 'A1'),
      ring.destroy(new Set([old])),
    ])
    const kept = await keystoreOf(anltp)
    const file = { path: keystorePath(anltp.place.folder, 'node'), passphrase: '', random }
    const again = await NodeKeyRing.load(kept, firstLogNames(anltp.agency), file)
    const kids = kidsOf(again)
    expect(new Set(kids)).toEqual(new Set(kidsOf(ring)))
    expect(kids).toEqual(expect.arrayContaining([deposit?.keyId, desk?.keyId]))
    expect(kids).not.toContain(old)
  })

  it('opens what is on its way, and is destroyed 30 days after nobody can seal to it', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const old = openingKeyOf(anltp, 'coordination')
    const before = (await keystoreOf(anltp)).desks.coordination
    const { exp } = anltp.parts.trust.ownRoster.payload
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    await adoptNext(anltp, naptip, await rotated(anltp))
    await naptip.parts.outbox.acceptReceipt(await receive(anltp, naptip, envelope))
    expect(await naptip.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
    clock.turn(exp + 30 * DAY - 1 - clock.now())
    await adoptNext(anltp, naptip)
    expect(await destroyEndedKeys(anltp.parts)).toEqual([])
    expect(anltp.parts.ring.deskKey(old.keyId)?.keyId).toBe(old.keyId)
    clock.turn(1)
    expect(await destroyEndedKeys(anltp.parts)).toEqual([old.keyId])
    expect(anltp.parts.ring.deskKey(old.keyId)).toBeUndefined()
    expect(inspect(old)).toContain(old.keyId)
    expect(inspect(anltp.parts.keys, { depth: 9 })).not.toContain(old.keyId)
    expect((await leavesOf(anltp)).at(-1)).toMatchObject({
      event: 'g.key',
      data: { done: 'destroyed', key: old.keyId, use: 'desk' },
    })
    expect(JSON.stringify(await keystoreOf(anltp))).not.toContain(before)
    expect(await destroyEndedKeys(anltp.parts)).toEqual([])
  })

  it('that was made is there after the node was opened again', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await adoptNext(anltp, naptip, await rotated(anltp))
    const { place, parts } = anltp
    const names = firstLogNames(anltp.agency)
    const path = keystorePath(place.folder, 'node')
    const file = { path, passphrase: passphraseOf('node'), random }
    const again = await NodeKeyRing.load(await keystoreOf(anltp), names, file)
    expect(kidsOf(again)).toEqual(kidsOf(parts.ring))
    expect(kidsOf(again)).toHaveLength(5)
  })

  it('stays where its leaf cannot be written', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await adoptNext(anltp, naptip, await rotated(anltp))
    const before = await keystoreOf(anltp)
    clock.turn(70 * DAY)
    await adoptNext(anltp, naptip)
    anltp.disk.full = true
    await expect(destroyEndedKeys(anltp.parts)).rejects.toMatchObject({ code: 'STORE_WRITE' })
    expect(await keystoreOf(anltp)).toEqual(before)
  })

  it('of the only key of a desk is never destroyed', async () => {
    await using talk = await beginTalk()
    talk.clock.turn(1000 * DAY)
    await adoptNext(talk.anltp, talk.naptip)
    expect(await destroyEndedKeys(talk.anltp.parts)).toEqual([])
  })

  it('stays while the own roster is over, since the clock may be what is wrong', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await adoptNext(anltp, naptip, await rotated(anltp))
    clock.turn(70 * DAY)
    expect(await destroyEndedKeys(anltp.parts)).toEqual([])
    await adoptNext(anltp, naptip)
    expect(await destroyEndedKeys(anltp.parts)).toHaveLength(1)
  })
})

describe('a statement that was sealed to a key past its grace', { timeout: MEETING_MS }, () => {
  it('is refused, sealed again by its sender, and delivered once under the same digest', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    await adoptNext(anltp, naptip, await rotated(anltp))
    await anltp.parts.ring.destroy(new Set([openingKeyOf(anltp, 'coordination').keyId]))
    const refusal = await receive(anltp, naptip, envelope)
    expect(told(refusal)).toEqual(['refused content'])
    expect((await leavesOf(anltp)).map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ code: 'WIRE_NOT_FOR_ME', std: digest }),
    )
    await naptip.parts.outbox.acceptReceipt(refusal)
    expect(await naptip.parts.ledger.get(digest)).toMatchObject({ state: 'queued' })
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(await naptip.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
    const received = await anltp.parts.ledger.newest(9)
    expect(received.map((record) => [record.digest, record.state])).toEqual([[digest, 'received']])
    expect(await carryAll(naptip, anltp)).toBe(0)
    await cosign(naptip, anltp)
    await cosign(anltp, naptip)
    const files = [await bundleOf(naptip), await bundleOf(anltp)]
    const policy = await policyOf(naptip)
    expect(await verifyFiles(files, { policy, now: talk.clock.now() })).toMatchObject({
      verdict: 'verified',
    })
  })

  it('and was too long on its way comes again too', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    clock.turn(31 * DAY)
    await renewed(anltp, naptip)
    const refusal = await receive(anltp, naptip, envelope)
    expect(told(refusal)).toEqual(['refused order'])
    await naptip.parts.outbox.acceptReceipt(refusal)
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(await naptip.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
  })

  it('and was too long on its way by the charter that it names comes again under the next one', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    const digest = await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    const limits = { ...naptip.parts.trust.view().charter.payload.limits, hold: 90 * DAY }
    const second = await signedBySides(nextOf(naptip, { limits }), [naptip, anltp])
    for (const { parts } of [naptip, anltp]) await parts.trust.addCharterSignatures(second)
    clock.turn(31 * DAY)
    await renewed(anltp, naptip)
    await naptip.parts.outbox.acceptReceipt(await receive(anltp, naptip, envelope))
    expect(await carryAll(naptip, anltp)).toBe(1)
    expect(await naptip.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
  })

  it('is sealed to both keys while both are valid', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await adoptNext(anltp, naptip, await rotated(anltp, false))
    await queueNew(naptip, 'jtwg.minutes/1')
    expect(await carryAll(naptip, anltp)).toBe(1)
    const view = naptip.parts.trust.view()
    expect(view.deskKeys(anltp.agency, 'coordination', talk.clock.now()).recipients).toHaveLength(2)
  })
})

describe('an end', () => {
  const clock = new TestClock(1_800_000_000)
  const teller = new ExpiryTeller(clock)
  const soon: Expiry = { what: 'charter', id: '1', expiresAt: 1_800_000_000, level: 'soon' }

  it('is told at once, then once a day, and at once when it is a step nearer', () => {
    expect(teller.due([soon])).toEqual([soon])
    clock.turn(DAY - 1)
    expect(teller.due([soon])).toEqual([])
    const urgent: Expiry = { ...soon, level: 'urgent' }
    const other: Expiry = { ...soon, what: 'officer', agency: 'ng.naptip', id: '1' }
    expect(teller.due([urgent, other])).toEqual([urgent, other])
    clock.turn(1)
    expect(teller.due([soon, urgent])).toEqual([soon])
    clock.turn(-2 * DAY)
    expect(teller.due([soon])).toEqual([soon])
  })
})
