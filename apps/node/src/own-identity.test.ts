import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeBase64url, encodeCanonical, type GeneralJws, parseEnvelope } from '@amana/core'
import { type NamedFile, verifyFiles } from '@amana/verify'
import { describe, expect, it } from 'vitest'
import { jsonOf, passphraseOf } from '../../../test/support/met-agencies.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  cosign,
  leavesOf,
  leaving,
  MEETING_MS,
  nextRoster,
  openSide,
  queueNew,
  receive,
  type Side,
} from '../../../test/support/node-fixture.ts'
import { codeOf, refusalOf } from '../../../test/support/refusals.ts'
import { random } from '../../../test/support/store-fixture.ts'
import { told } from '../../../test/support/told.ts'
import { replaceNodeKeys } from './agency/key-changes.ts'
import { renewed } from './agency/rosters.ts'
import { isNextDue, settleIdentity } from './own-identity.ts'
import { PeerDesk } from './peer-desk.ts'
import { createAuditServices } from './services/audit-services.ts'
import { createKeyServices, trustWarnings } from './services/key-services.ts'
import { createStatusServices } from './services/status-services.ts'
import { type NodeSecrets, NodeSecretsSchema } from './vault/agency-secrets.ts'
import { keystorePath, readKeystore } from './vault/keystore-file.ts'

const DAY = 86_400

/** The next roster of a node, with the new keys that it made for itself. */
async function withNewKeys(side: Side): Promise<GeneralJws> {
  const { keyId: _seal, ...fresh } = await createKeyServices(side.parts).makeNodeKeys({})
  const change = replaceNodeKeys(side.parts.peerId, fresh, { days: 365 })
  return nextRoster(side, await change(side.parts.trust.ownRoster, side.clock.now()))
}

async function keystoreOf({ place }: Side): Promise<NodeSecrets> {
  return readKeystore(keystorePath(place.folder, 'node'), passphraseOf('node'), NodeSecretsSchema)
}

/** Closes a node, and opens it again with the keystore that it wrote. */
async function startedAgain(side: Side): Promise<Side> {
  const node = await keystoreOf(side)
  await side[Symbol.asyncDispose]()
  const secrets = { ...side.place.secrets, node }
  return openSide({ ...side.place, secrets }, side.clock)
}

/** `speaker` greets `listener`, over a connection that proved the speaker’s key. */
async function greet(speaker: Side, listener: Side): Promise<unknown> {
  const nonce = encodeBase64url(random(16))
  const desk = new PeerDesk(listener.parts)
  const floor = await desk.floor()
  const heads = await new PeerDesk(speaker.parts).heads(listener.parts.peerId, nonce)
  return desk.greeted(heads, { peerId: speaker.parts.peerId, nonce, floor })
}

async function nextKeysOf({ parts }: Side): Promise<unknown> {
  return (await createStatusServices(parts, undefined).status({})).nextKeys
}

async function bundleOf({ parts, place }: Side): Promise<NamedFile> {
  const to = join(place.folder, 'exports')
  const { file } = await createAuditServices(parts).exportBundle({ to })
  return { name: file, bytes: await readFile(file) }
}

describe('new keys of a node', { timeout: MEETING_MS }, () => {
  it('are made once, and not used before a roster lists them', async () => {
    await using talk = await beginTalk()
    const { anltp } = talk
    const services = createKeyServices(anltp.parts)
    const made = await services.makeNodeKeys({})
    expect(await services.makeNodeKeys({})).toEqual(made)
    expect(await isNextDue(anltp.parts)).toBe(false)
    expect(await nextKeysOf(anltp)).toEqual({ peerId: made.peerId, isListed: false })
    await using again = await startedAgain(anltp)
    expect(again.parts.peerId).toBe(anltp.parts.peerId)
    expect(await settleIdentity(again.parts)).toEqual([])
    expect((await keystoreOf(again)).next).toBeDefined()
  })

  it('wait while the other agency has not the roster, which hears the node under those before', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const before = anltp.parts.peerId
    const roster = await withNewKeys(anltp)
    await anltp.parts.trust.adoptRoster(roster)
    await using waiting = await startedAgain(anltp)
    expect(waiting.parts.peerId).toBe(before)
    expect(await nextKeysOf(waiting)).toMatchObject({ isListed: true })
    expect(await codeOf(() => createKeyServices(waiting.parts).makeNodeKeys({}))).toBe(
      'TRUST_KEY_WAITS',
    )
    await greet(waiting, naptip)
    await queueNew(waiting, 'jtwg.minutes/1')
    expect(await carryAll(waiting, naptip)).toBe(1)
    const { keys } = await createKeyServices(waiting.parts).keys({})
    const own = keys.filter(({ use }) => use === 'node-seal' || use === 'libp2p')
    expect(own.map(({ isHere, state, use }) => [use, state, isHere])).toEqual([
      ['node-seal', 'next', true],
      ['node-seal', 'current', true],
      ['libp2p', 'next', true],
      ['libp2p', 'current', true],
    ])
  })

  it('are used once the other agency named that roster; what waits goes out, and all is verified in history', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const first = await queueNew(naptip, 'jtwg.minutes/1')
    const placed = await leaving(naptip)
    const receipt = await receive(anltp, naptip, placed.envelope)
    const waits = await queueNew(anltp, 'jtwg.minutes/1')
    const old = await leaving(anltp)
    const before = anltp.parts.peerId
    const roster = await withNewKeys(anltp)
    await anltp.parts.trust.adoptRoster(roster)
    const isNews = await new PeerDesk(naptip.parts).trust(encodeCanonical(jsonOf(roster)))
    expect(isNews).toBe(true)
    expect(await isNextDue(anltp.parts)).toBe(false)
    await greet(naptip, anltp)
    expect(await isNextDue(anltp.parts)).toBe(true)
    await using now = await startedAgain(anltp)
    expect(now.parts.peerId).not.toBe(before)
    await greet(now, naptip)
    // the receipt and the dispatch that the keys before signed
    expect(await receive(now, naptip, placed.envelope)).toEqual(receipt)
    await naptip.parts.outbox.acceptReceipt(receipt)
    expect(await naptip.parts.ledger.get(first)).toMatchObject({ state: 'opened' })
    const again = await leaving(now)
    expect(again.envelope).toEqual(old.envelope)
    expect(await carryAll(now, naptip)).toBe(1)
    expect(await now.parts.ledger.get(waits)).toMatchObject({ state: 'opened' })
    await queueNew(now, 'jtwg.minutes/1')
    const { content } = parseEnvelope((await leaving(now)).envelope).dispatch
    expect(content.from.node).toBe(now.parts.peerId)
    expect(await carryAll(now, naptip)).toBe(1)
    await cosign(now, naptip)
    await cosign(naptip, now)
    const to = join(naptip.place.folder, 'exports')
    const { file } = await createAuditServices(naptip.parts).exportPolicy({ to })
    const policy = await readFile(file, 'utf8')
    const files = [await bundleOf(naptip), await bundleOf(now)]
    expect(await verifyFiles(files, { policy, now: talk.clock.now() })).toMatchObject({
      verdict: 'verified',
    })
  })

  it('do not keep a consent from being withdrawn: what the keys before signed is voided by them', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const withdrawn = await queueNew(anltp, 'victim.referral/1')
    await leaving(anltp)
    const roster = await withNewKeys(anltp)
    for (const { parts } of [anltp, naptip]) await parts.trust.adoptRoster(roster)
    await greet(naptip, anltp)
    await using now = await startedAgain(anltp)
    await settleIdentity(now.parts)
    expect(await now.parts.outbox.withdraw(withdrawn, 'consent')).toMatchObject({ way: 'void' })
    const next = await queueNew(now, 'jtwg.minutes/1')
    expect(await carryAll(now, naptip)).toBe(2)
    expect(await now.parts.ledger.get(withdrawn)).toMatchObject({ state: 'withdrawn' })
    expect(await now.parts.ledger.get(next)).toMatchObject({ state: 'opened' })
  })

  it('take the place of those before in the keystore, after their leaves', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { peerKey, sealKey } = anltp.parts.keys
    const secrets = await keystoreOf(anltp)
    const roster = await withNewKeys(anltp)
    for (const { parts } of [anltp, naptip]) await parts.trust.adoptRoster(roster)
    await greet(naptip, anltp)
    await using now = await startedAgain(anltp)
    expect(await settleIdentity(now.parts)).toEqual([peerKey.keyId, sealKey.keyId])
    expect((await leavesOf(now)).slice(-2).map(({ data }) => data)).toEqual([
      { done: 'destroyed', key: peerKey.keyId, use: 'libp2p' },
      { done: 'destroyed', key: sealKey.keyId, use: 'seal' },
    ])
    const after = await keystoreOf(now)
    expect(after.next).toBeUndefined()
    expect(JSON.stringify(after)).not.toContain(secrets.libp2p)
    expect(JSON.stringify(after)).not.toContain(secrets.sealKey)
    expect(await settleIdentity(now.parts)).toEqual([])
    await using later = await startedAgain(now)
    expect(later.parts.peerId).toBe(now.parts.peerId)
    const { keys } = await createKeyServices(later.parts).keys({})
    const own = keys.filter(({ use }) => use === 'node-seal')
    expect(own.map(({ isHere, state }) => [state, isHere])).toEqual([
      ['current', true],
      ['expired', false],
    ])
    expect(await nextKeysOf(later)).toBeUndefined()
  })

  it('are used at the latest when those before have ended, and the roster then leaves these out', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await anltp.parts.trust.adoptRoster(await withNewKeys(anltp))
    const ends = trustWarnings(anltp.parts).expiries.filter(({ what }) => what === 'node')
    expect(ends).toEqual([])
    clock.turn(35 * DAY - 1)
    expect(await isNextDue(anltp.parts)).toBe(false)
    expect(await renewed(anltp.parts.trust.ownRoster, clock.now())).toMatchObject({
      nodes: [expect.anything(), expect.anything()],
    })
    clock.turn(1)
    expect(await isNextDue(anltp.parts)).toBe(true)
    const lists = await renewed(anltp.parts.trust.ownRoster, clock.now())
    await using now = await startedAgain(anltp)
    expect(lists.nodes?.map(({ peerId }) => peerId)).toEqual([now.parts.peerId])
    expect(naptip.parts.trust.view().nodeByPeerId(now.parts.peerId)).toBeUndefined()
  })

  it('do not let a node that its roster left out bring what it signed before', async () => {
    await using talk = await beginTalk()
    const { anltp, clock, naptip } = talk
    await queueNew(anltp, 'jtwg.minutes/1')
    const { envelope } = await leaving(anltp)
    const roster = await withNewKeys(anltp)
    for (const { parts } of [anltp, naptip]) await parts.trust.adoptRoster(roster)
    clock.turn(35 * DAY)
    await adoptNext(anltp, naptip, await renewed(anltp.parts.trust.ownRoster, clock.now()))
    expect(await refusalOf(() => receive(naptip, anltp, envelope))).toEqual({
      code: 'WIRE_NODE',
      details: { agency: anltp.agency },
    })
    await using now = await startedAgain(anltp)
    await adoptNext(naptip, now)
    expect(told(await receive(naptip, now, envelope))).toEqual(['refused order'])
  })
})
