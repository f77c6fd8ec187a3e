import {
  createNoteSigner,
  encodeUtf8,
  formatVkey,
  type GeneralJws,
  parseLogEpoch,
  sha256,
  signLogEpoch,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import { madeEpoch, PREV } from '../../../../test/support/made-epoch.ts'
import { passphraseOf } from '../../../../test/support/met-agencies.ts'
import {
  beginTalk,
  MEETING_MS,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { beginEpoch, proposeEpoch, signEpoch } from '../agency/log-epoch.ts'
import { loadSigningKey } from '../vault/load-keys.ts'
import { createEpochServices, rosterKeysOf } from './epoch-services.ts'

/** An agreement on the log of a number after the one before it, really signed by NAPTIP, with keys that no node has. */
async function agreementOn(epoch: number, { naptip }: Talk): Promise<GeneralJws> {
  const origin = `ng.naptip/amana/audit/${String(epoch)}`
  const witness = `ng.naptip/amana/witness/${String(epoch)}`
  const seed = sha256(encodeUtf8('nobody’s'))
  const keys = [
    formatVkey(await createNoteSigner(origin, 'log', seed)),
    formatVkey(await createNoteSigner(origin, 'post-quantum', seed)),
    formatVkey(await createNoteSigner(witness, 'cosigner', seed)),
    formatVkey(await createNoteSigner(witness, 'post-quantum', seed)),
  ] as const
  const prev = { ...PREV, log: `ng.naptip/amana/audit/${String(epoch - 1)}` }
  return signLogEpoch(madeEpoch(keys, { data: { prev }, origin }), await rosterKey(naptip))
}

async function rosterKey({ place }: Side): ReturnType<typeof loadSigningKey> {
  return loadSigningKey(place.secrets.roster.seed)
}

function unfit(reason: string): unknown {
  return { code: 'AUDIT_EPOCH', details: { reason } }
}

describe('a new log of the other agency', { timeout: MEETING_MS }, () => {
  it('follows a head that was cosigned, of the log that is known', async () => {
    await using talk = await beginTalk()
    const { parts } = talk.anltp
    const { checkEpoch, cosignedHead } = createEpochServices(parts)
    expect((await refusalOf(() => cosignedHead({})))?.code).toBe('AUDIT_NOT_WITNESSED')
    const later = { agreement: { ...(await agreementOn(3, talk)) } }
    expect(await refusalOf(() => checkEpoch(later))).toEqual(unfit('log'))
    expect(await refusalOf(() => rosterKeysOf(parts, 'ng.nis'))).toEqual({
      code: 'WIRE_ISS',
      details: { issuer: 'ng.nis' },
    })
  })
})

describe('a new log of the own agency', { timeout: MEETING_MS }, () => {
  it('is the next one, with the keys that were made for it', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await naptip[Symbol.asyncDispose]()
    const folder = { folder: naptip.place.folder, passphrase: passphraseOf('node') }
    const reasonOf = async (epoch: number): Promise<unknown> => {
      const proposal = parseLogEpoch(await agreementOn(epoch, talk))
      const signed = await signEpoch(proposal, await rosterKey(anltp))
      return refusalOf(() => beginEpoch(folder, signed))
    }
    expect(await reasonOf(3)).toEqual(unfit('origin'))
    expect(await reasonOf(2)).toEqual(unfit('keys'))
    await proposeEpoch(folder, { reason: 'keys' }, await rosterKey(naptip))
    expect(await reasonOf(2)).toEqual(unfit('keys'))
  })
})
