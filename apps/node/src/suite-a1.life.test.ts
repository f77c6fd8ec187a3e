/**
 * Two nodes under a charter that lists suite A1 alone: their desks have X25519 keys in their rosters and keystores, and
 * messages go both ways.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#suites
 */
import { decodeBase64url, parseDispatch, parseEnvelope, parseSeal, type Suite } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { madeKey } from '../../../test/support/made-key.ts'
import { passphraseOf } from '../../../test/support/met-agencies.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  leaving,
  MEETING_MS,
  openingKeyOf,
  openSide,
  queueNew,
  type Side,
  type Talk,
} from '../../../test/support/node-fixture.ts'
import { nextOf, signedBySides } from '../../../test/support/node-rotation.ts'
import { rotateDeskKey } from './agency/key-changes.ts'
import { destroyEndedKeys } from './key-upkeep.ts'
import { type NodeSecrets, NodeSecretsSchema } from './vault/agency-secrets.ts'
import { keystorePath, readKeystore } from './vault/keystore-file.ts'

const DESKS = ['coordination', 'intelligence', 'protection'] as const

/** Makes a key of A1 for every desk and lists it in the next roster, which both nodes take. */
async function classicKeys(side: Side, other: Side): Promise<void> {
  for (const desk of DESKS) {
    const { jwk } = await madeKey(side.parts, { use: desk, suite: 'A1' })
    const change = rotateDeskKey(desk, jwk, { days: 365, supersede: false })
    await adoptNext(side, other, await change(side.parts.trust.ownRoster, side.clock.now()))
  }
}

/** Both agencies sign the next charter, which lists these suites; both nodes take it. */
async function agreeOn({ naptip, anltp }: Talk, suites: Suite[]): Promise<void> {
  const charter = await signedBySides(nextOf(naptip, { suites }), [naptip, anltp])
  for (const { parts } of [naptip, anltp]) {
    expect((await parts.trust.addCharterSignatures(charter)).progress).toBe('in-force')
  }
}

async function keystoreOf({ place }: Side): Promise<NodeSecrets> {
  return readKeystore(keystorePath(place.folder, 'node'), passphraseOf('node'), NodeSecretsSchema)
}

/** Closes a node and opens it again with what its own keystore holds. */
async function reopenedFromKeystore(side: Side): Promise<Side> {
  await side[Symbol.asyncDispose]()
  const secrets = { ...side.place.secrets, node: await keystoreOf(side) }
  return openSide({ ...side.place, secrets }, side.clock)
}

describe('two nodes whose charter lists A1 alone', { timeout: MEETING_MS }, () => {
  it('exchange both ways under keys that only their keystores and rosters name', async () => {
    await using talk = await beginTalk()
    await classicKeys(talk.naptip, talk.anltp)
    await classicKeys(talk.anltp, talk.naptip)
    await agreeOn(talk, ['A1'])
    await using naptip = await reopenedFromKeystore(talk.naptip)
    await using anltp = await reopenedFromKeystore(talk.anltp)
    for (const [from, to] of [
      [naptip, anltp],
      [anltp, naptip],
    ] as const) {
      const sent = [
        await queueNew(from, 'victim.referral/1'),
        await queueNew(from, 'jtwg.minutes/1'),
      ]
      const { envelope } = await leaving(from)
      expect(suitesIn(envelope)).toEqual({ dispatch: 'A1', seal: 'A1' })
      expect(await carryAll(from, to)).toBe(2)
      for (const digest of sent) {
        expect(await from.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
        expect(await to.parts.ledger.get(digest)).toMatchObject({ state: 'received' })
      }
    }
  })

  it('take no message for a desk that has keys of A2 only, until a roster lists one of A1', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await agreeOn(talk, ['A1'])
    await expect(queueNew(anltp, 'jtwg.minutes/1')).rejects.toMatchObject({
      code: 'TRUST_SUITE',
      details: { agency: naptip.agency, desk: 'coordination', suite: 'A1' },
    })
    await classicKeys(naptip, anltp)
    const digest = await queueNew(anltp, 'jtwg.minutes/1')
    expect(await carryAll(anltp, naptip)).toBe(1)
    expect(await anltp.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
  })

  it('keep what waited when it came into force, and seal it under the new suite', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await classicKeys(naptip, anltp)
    const digest = await queueNew(anltp, 'jtwg.minutes/1')
    await agreeOn(talk, ['A1'])
    expect(suitesIn((await leaving(anltp)).envelope)).toEqual({ dispatch: 'A1', seal: 'A1' })
    expect(await carryAll(anltp, naptip)).toBe(1)
    expect(await anltp.parts.ledger.get(digest)).toMatchObject({ state: 'opened' })
  })
})

describe('a desk’s key of A1 beside one of A2', { timeout: MEETING_MS }, () => {
  it('changes nothing while the charter lists A2', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await classicKeys(anltp, naptip)
    await queueNew(naptip, 'jtwg.minutes/1')
    const { envelope } = await leaving(naptip)
    expect(suitesIn(envelope)).toEqual({ dispatch: 'A2', seal: 'A2' })
    expect(await carryAll(naptip, anltp)).toBe(1)
  })

  it('supersedes only one of its own suite', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await classicKeys(anltp, naptip)
    const { jwk } = await madeKey(anltp.parts, { use: 'protection', suite: 'A1' })
    const change = rotateDeskKey('protection', jwk, { days: 365, supersede: true })
    const lists = await change(anltp.parts.trust.ownRoster, talk.clock.now())
    const keys = lists.desks?.find(({ id }) => id === 'protection')?.encryption
    expect(keys?.map((key) => key.jwk.alg)).toEqual(['HPKE-9-KE', 'ECDH-ES+A256KW'])
    expect(keys?.[1]?.jwk).toEqual(jwk)
    expect(lists.revoked).toHaveLength(1)
  })

  it('is written to the keystore with its suite, and the newest of each suite is never destroyed', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await classicKeys(anltp, naptip)
    const { also = [] } = await keystoreOf(anltp)
    expect(also.map(({ suite, use }) => [suite, use])).toEqual(DESKS.map((use) => ['A1', use]))
    expect(also.map(({ seed }) => decodeBase64url(seed).byteLength)).toEqual([32, 32, 32])
    talk.clock.turn(1000 * 86_400)
    expect(await destroyEndedKeys(anltp.parts)).toEqual([])
    const held = anltp.parts.ring.opening.filter(({ use }) => use === 'protection')
    expect(held.map(({ key }) => key.algorithm)).toEqual(['HPKE-9-KE', 'ECDH-ES+A256KW'])
  })

  it('that was made and not listed is not taken for one of A2', async () => {
    await using talk = await beginTalk()
    const { parts } = talk.anltp
    const classic = await madeKey(parts, { use: 'protection', suite: 'A1' })
    const hybrid = await madeKey(parts, { use: 'protection' })
    expect([classic.jwk.alg, hybrid.jwk.alg]).toEqual(['ECDH-ES+A256KW', 'HPKE-9-KE'])
    expect(await madeKey(parts, { use: 'protection', suite: 'A1' })).toEqual(classic)
    expect(await madeKey(parts, { use: 'protection', suite: 'A2' })).toEqual(hybrid)
  })

  it('does not take the place of the first key in the keystore when that is destroyed', async () => {
    await using talk = await beginTalk()
    const { ring } = talk.anltp.parts
    const first = openingKeyOf(talk.anltp, 'protection')
    const kept = [
      ...(await ring.make('protection', 'A1')),
      ...(await ring.make('protection', 'A2')),
    ]
    await ring.destroy(new Set([first.keyId]))
    await using anltp = await reopenedFromKeystore(talk.anltp)
    const held = anltp.parts.ring.opening.filter(({ use }) => use === 'protection')
    const ids = new Set(held.map(({ key }) => key.keyId))
    expect(ids).toEqual(new Set(kept.map(({ keyId }) => keyId)))
  })
})

/** The suite that the dispatch names, and the one of its seal. */
function suitesIn(bytes: Uint8Array): { readonly dispatch: Suite; readonly seal: Suite } {
  const envelope = parseEnvelope(bytes)
  if (envelope.form !== 'sealed') throw new Error('not sealed')
  const { suite } = parseDispatch(envelope.dispatch.signed.jws).content
  return { dispatch: suite, seal: parseSeal(envelope.seal, suite).recipients.suite }
}
