import { createNoteSigner, formatNote, parseNote, signCheckpoint } from '@amana/core'
import { expect, it } from 'vitest'
import { CheckpointShelf } from './checkpoint-shelf.ts'

const origin = 'ng.naptip/amana/audit/1'
const signers = await Promise.all(
  (['log', 'post-quantum'] as const).map((type, n) =>
    createNoteSigner(origin, type, new Uint8Array(32).fill(n + 1)),
  ),
)
const policy = { origin, logKeys: signers, witnesses: [], quorum: 0 }

function noteOf(size: number): Promise<string> {
  return signCheckpoint({ origin, size, root: new Uint8Array(32) }, signers, 1)
}

it('verifies equal checkpoints once, and counts them once', async () => {
  const shelf = new CheckpointShelf(policy)
  const notes = [await noteOf(4), await noteOf(8)]
  for (let n = 0; n < 5000; n += 1) await shelf.take(notes[n % 2] ?? '')
  expect(shelf.signatureCount).toBe(4)
  expect(shelf.all().map(({ size }) => size)).toEqual([4, 8])
})

it('verifies a line once, though lines by nobody or the same line stand beside it', async () => {
  const shelf = new CheckpointShelf(policy)
  const { signatures, text } = parseNote(await noteOf(4))
  for (let n = 0; n < 60; n += 1) {
    const stranger = { name: 'stranger', keyId: '00000000', signature: new Uint8Array(n + 1) }
    await shelf.take(formatNote({ text, signatures: [...signatures, stranger, ...signatures] }))
  }
  expect(shelf.signatureCount).toBe(2)
  expect(shelf.all()).toHaveLength(60)
})

it('refuses a wrong line each time', async () => {
  const shelf = new CheckpointShelf(policy)
  const wrong = (await noteOf(4)).replace('\n4\n', '\n5\n')
  for (let n = 0; n < 2; n += 1) {
    await expect(shelf.take(wrong)).rejects.toMatchObject({ code: 'AUDIT_CHECKPOINT_SIGNATURE' })
  }
  expect(shelf.signatureCount).toBe(2)
})
