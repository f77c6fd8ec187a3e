/**
 * What a signature on a checkpoint holds besides the signature: a time, and names of at most 255 bytes.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#checkpoint
 */
import { engine } from '#engine'
import { beforeAll, describe, expect, it } from 'vitest'
import { LOG } from '../../../../test/support/built-log.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { concatBytes, encodeUint64 } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { sha256 } from '../crypto/digest.ts'
import { formatCheckpoint } from './checkpoint-text.ts'
import { createNoteSigner, type NoteSigner } from './note-key.ts'
import { signNoteText, verifyNoteText } from './note-signature.ts'

const TIME = 1_795_348_900

describe('a cosignature', () => {
  let signer: NoteSigner
  beforeAll(async () => {
    signer = await createNoteSigner('ne.anltp-tim/amana/witness/1', 'cosigner', seed())
  })

  it('says when it was made', async () => {
    const { signature } = await signNoteText(signer, textOf(LOG), TIME)
    expect(await verifyNoteText(signer, textOf(LOG), signature)).toBe(TIME)
  })

  it.each([
    ['that is a time and nothing else', 8],
    ['that is shorter than a time', 7],
  ])('%s is refused', async (_name, length) => {
    const { signature } = await signNoteText(signer, textOf(LOG), TIME)
    expect(await refusalOf(signature.slice(0, length))).toBe('AUDIT_CHECKPOINT_SIGNATURE')
  })

  it.each([
    ['no number holds', 2 ** 60],
    ['no date holds', 253_402_300_800],
  ])('of a time that %s is refused, though it is signed', async (_name, time) => {
    const signed = encodeUtf8(`cosignature/v1\ntime ${String(time)}\n${textOf(LOG)}`)
    const raw = await engine.sign('Ed25519', signer.seed, signed)
    const signature = concatBytes(encodeUint64(BigInt(time)), raw)
    expect(await refusalOf(signature)).toBe('AUDIT_CHECKPOINT_SIGNATURE')
  })

  async function refusalOf(signature: Uint8Array): Promise<string | undefined> {
    return codeOf(async () => verifyNoteText(signer, textOf(LOG), signature))
  }
})

describe('a post-quantum signature', () => {
  it.each([
    ['an origin', LOG, 'o'.repeat(256)],
    ['a cosigner', 'n'.repeat(256), LOG],
  ])('is not made for %s of 256 bytes', async (_name, name, origin) => {
    const signer = await createNoteSigner(name, 'post-quantum', seed())
    await expect(signNoteText(signer, textOf(origin), TIME)).rejects.toMatchObject({
      code: 'AUDIT_CHECKPOINT',
    })
  })
})

function textOf(origin: string): string {
  return formatCheckpoint({ origin, size: 7, root: sha256(encodeUtf8('root')) })
}

function seed(): Uint8Array {
  return sha256(encodeUtf8('a witness'))
}
