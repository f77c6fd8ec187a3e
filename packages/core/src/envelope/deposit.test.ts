/**
 * Deposits: only the node that is meant opens one, and its length is one of ten.
 *
 * @module
 * @spec docs/spec/09-carriers.md#deposit
 */
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../../test/support/agencies.ts'
import {
  craftDeposit,
  SHORT_FRAME,
  testDepositKey,
  testDepositRecipient,
} from '../../../../test/support/crafted-deposit.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { privateKeyFromSeed } from '../crypto/jwk.ts'
import { openDeposit, parseDeposit, sealDeposit } from './deposit.ts'

const KIB = 1024
const MIB = KIB * KIB
const key = await testDepositKey()
const recipient = await testDepositRecipient()
const random = seededRandom('deposit')

async function sealed(frame: Uint8Array): Promise<Uint8Array> {
  return sealDeposit({ from: 'ne.anltp-tim', to: 'ng.naptip', frame, key: recipient, random })
}

describe('a deposit', () => {
  it.each([
    [0, 4],
    [4 * KIB - 4, 4],
    [4 * KIB - 3, 8],
    [100_000, 128],
    [MIB - 4, 1024],
    [MIB - 3, 1028],
    [MIB + 2, 1028],
  ])('of a frame of %i bytes holds %i KiB', async (sizeBytes, bucketKib) => {
    const frame = new Uint8Array(sizeBytes).fill(7)
    const deposit = parseDeposit(await sealed(frame))
    expect(deposit).toMatchObject({ from: 'ne.anltp-tim', to: 'ng.naptip', keyId: key.keyId })
    expect(deposit.bucketBytes).toBe(bucketKib * KIB)
    expect(Buffer.compare(await openDeposit(deposit, key), frame)).toBe(0)
  })

  it('holds no longer frame than a link carries', async () => {
    expect(await refusalOf(() => sealed(new Uint8Array(MIB + 3)))).toEqual({
      code: 'WIRE_SIZE',
      details: { sizeBytes: MIB + 3, limitBytes: MIB + 2 },
    })
  })

  it('is read up to 2 MiB', async () => {
    const bytes = new Uint8Array(2 * MIB + 1).fill(0x20)
    expect(await refusalOf(() => parseDeposit(bytes))).toMatchObject({ code: 'WIRE_SIZE' })
    expect(await refusalOf(() => parseDeposit(bytes.subarray(1)))).toMatchObject({
      code: 'WIRE_JSON',
    })
  })

  it('has no size above the last', async () => {
    const bytes = await craftDeposit(recipient, { plaintext: () => new Uint8Array(1032 * KIB) })
    const refused = { code: 'WIRE_JWE', details: { part: 'ciphertext' } }
    expect(await refusalOf(() => parseDeposit(bytes))).toEqual(refused)
  })

  it('is opened by no other key, also one of a desk under suite A1', async () => {
    const deposit = parseDeposit(await sealed(SHORT_FRAME))
    const other = await privateKeyFromSeed('HPKE-9-KE', new Uint8Array(32).fill(1))
    const classic = await privateKeyFromSeed('ECDH-ES+A256KW', new Uint8Array(32).fill(1))
    const { code } = (await refusalOf(() => openDeposit(deposit, other))) ?? {}
    expect(code).toBe('WIRE_NOT_FOR_ME')
    const renamed = { ...classic, keyId: deposit.keyId }
    expect((await refusalOf(() => openDeposit(deposit, renamed)))?.code).toBe('WIRE_KEY_USE')
    const swapped = { ...other, keyId: deposit.keyId }
    expect((await refusalOf(() => openDeposit(deposit, swapped)))?.code).toBe('WIRE_DECRYPT')
  })

  it('is another one each time', async () => {
    expect(await sealed(SHORT_FRAME)).not.toEqual(await sealed(SHORT_FRAME))
  })
})
