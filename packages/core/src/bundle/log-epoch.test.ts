import { beforeAll, describe, expect, it } from 'vitest'
import {
  type Beginning,
  epochKeys,
  type EpochKeys,
  epochSigners,
  madeEpoch,
  PREV,
} from '../../../../test/support/made-epoch.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { digest } from '../crypto/digest.ts'
import { type PrivateKey } from '../crypto/jwk.ts'
import { AmanaError } from '../errors.ts'
import {
  countersignLogEpoch,
  type LogEpoch,
  parseLogEpoch,
  signLogEpoch,
  verifyLogEpoch,
} from './log-epoch.ts'

let keys: readonly PrivateKey<'Ed25519'>[]
let vkeys: EpochKeys
let epochOf: (beginning?: Beginning, changes?: Partial<LogEpoch>) => LogEpoch
beforeAll(async () => {
  keys = await epochSigners()
  vkeys = await epochKeys()
  epochOf = (beginning, changes) => madeEpoch(vkeys, beginning, changes)
})

async function signed(epoch: LogEpoch): Promise<ReturnType<typeof parseLogEpoch>> {
  const [own] = keys
  if (own === undefined) throw new Error('no key')
  return parseLogEpoch(await signLogEpoch(epoch, own))
}

describe('an agreement on a new log', () => {
  it('says which log follows which, and reads back as it was signed', async () => {
    const parsed = await signed(epochOf())
    expect(parsed).toMatchObject({ content: epochOf(), epoch: 2, prev: PREV })
  })

  it('counts with the signatures of both, in their order, and no other', async () => {
    const [own, peer] = keys.map((key) => [key.publicJwk])
    const [, second] = keys
    if (own === undefined || peer === undefined || second === undefined) throw new Error('no key')
    const one = await signed(epochOf())
    const both = parseLogEpoch(await countersignLogEpoch(one, second))
    await expect(verifyLogEpoch(one, [own])).resolves.toBeUndefined()
    await expect(verifyLogEpoch(both, [own, peer])).resolves.toBeUndefined()
    const refused = { code: 'WIRE_SIG' }
    await expect(verifyLogEpoch(one, [peer])).rejects.toMatchObject(refused)
    await expect(verifyLogEpoch(one, [own, peer])).rejects.toMatchObject(refused)
    await expect(verifyLogEpoch(both, [own])).rejects.toMatchObject(refused)
    await expect(verifyLogEpoch(both, [peer, own])).rejects.toMatchObject(refused)
  })

  it.each<[string, string, () => LogEpoch]>([
    ['has no log before it', 'first', () => epochOf({ data: {} })],
    [
      'has another leaf than its log begins with',
      'genesis',
      () => epochOf({}, { log: { ...epochOf().log, genesis: digest('x') } }),
    ],
    ['is of another agency', 'keys', () => epochOf({}, { agency: 'ne.anltp-tim' })],
    [
      'has other keys than its first leaf',
      'keys',
      () => epochOf({ data: { keys: vkeys.slice(0, 3), prev: PREV } }),
    ],
    ['leaves a number out', 'origin', () => epochOf({ origin: 'ng.naptip/amana/audit/3' })],
    [
      'follows another agency’s log',
      'origin',
      () => epochOf({ data: { prev: { ...PREV, log: 'ne.anltp-tim/amana/audit/1' } } }),
    ],
  ])('that %s is refused', async (_name, reason, make) => {
    await expect(signed(make())).rejects.toEqual(new AmanaError('AUDIT_EPOCH', { reason }))
  })

  it('of another kind of leaf is refused as no first leaf', async () => {
    const first = encodeBase64url(new TextEncoder().encode('{}'))
    await expect(signed(epochOf({}, { first }))).rejects.toMatchObject({
      code: 'AUDIT_LEAF_SCHEMA',
    })
  })
})
