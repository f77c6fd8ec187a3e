/**
 * What a signature on a checkpoint holds besides the signature: a time, and names of at most 255 bytes.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#checkpoint
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { LOG } from '../../../../test/support/built-log.ts'
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
    ['that is a time and nothing else', (signature: Uint8Array) => signature.subarray(0, 8)],
    ['that is shorter than a time', (signature: Uint8Array) => signature.subarray(0, 7)],
    ['of a time that no number holds', (signature: Uint8Array) => signature.with(0, 1)],
  ])('%s is refused', async (_name, change) => {
    const { signature } = await signNoteText(signer, textOf(LOG), TIME)
    await expect(verifyNoteText(signer, textOf(LOG), change(signature))).rejects.toMatchObject({
      code: 'AUDIT_CHECKPOINT_SIGNATURE',
    })
  })
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
