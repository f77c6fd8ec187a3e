/**
 * The proof of one entry: the form of C2SP, its known bad cases, and everything that does not lead to the head.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#proof-of-one-leaf
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { buildLog, type BuiltLog, LOG } from '../../../../test/support/built-log.ts'
import { encodeBase64 } from '../bytes/base64.ts'
import { type CheckpointPolicy, signCheckpoint } from './checkpoint.ts'
import { formatLogProof, type LogProof, parseLogProof, verifyLogProof } from './log-proof.ts'
import { createNoteSigner } from './note-key.ts'
import { inclusionProof } from './proofs.ts'

const INDEX = 5
const log: BuiltLog = buildLog(11)
let proof: LogProof
let policy: CheckpointPolicy
beforeAll(async () => {
  const signer = await createNoteSigner(LOG, 'log', new Uint8Array(32).fill(3))
  const head = { origin: LOG, root: log.root, size: log.size }
  const note = await signCheckpoint(head, [signer], 1)
  const hashes = await inclusionProof(log.readNode, INDEX, log.size)
  proof = { index: INDEX, leaf: leafAt(INDEX), hashes, note }
  policy = { origin: LOG, logKeys: [signer], witnesses: [], quorum: 0 }
})

function leafAt(index: number): Uint8Array {
  return log.leaves[index]?.bytes ?? new Uint8Array()
}

describe('the proof of one entry', () => {
  it('reads back as it was written, and leads to the head', async () => {
    const text = formatLogProof(proof)
    expect(text).toMatch(/^c2sp\.org\/tlog-proof@v1\nextra \S+\nindex 5\n/)
    expect(parseLogProof(text)).toEqual(proof)
    const { checkpoint, leaf } = await verifyLogProof(parseLogProof(text), policy)
    expect([checkpoint.size, leaf.index]).toEqual([log.size, INDEX])
  })

  it.each<[string, (text: string) => string]>([
    ['another first line', (text) => text.replace('@v1', '@v2')],
    ['no entry', (text) => text.replace(/extra .*\n/, '')],
    ['an entry that is not base64', (text) => text.replace('extra ', 'extra !!')],
    ['no index', (text) => text.replace('index 5\n', '')],
    ['a negative index', (text) => text.replace('index 5', 'index -5')],
    ['an index with a zero before it', (text) => text.replace('index 5', 'index 05')],
    ['an index that is no number', (text) => text.replace('index 5', 'index five')],
    ['a hash that is not base64', (text) => text.replace('index 5\n', 'index 5\n!!\n')],
    [
      'a hash of 64 bytes',
      (text) => text.replace('index 5\n', `index 5\n${encodeBase64(new Uint8Array(64))}\n`),
    ],
    [
      '64 hashes',
      (text) =>
        text.replace('index 5\n', `index 5\n${`${encodeBase64(new Uint8Array(32))}\n`.repeat(64)}`),
    ],
    ['no blank line', (text) => text.replaceAll('\n\n', '\n')],
    ['more than a proof is long', (text) => `${text}${'x'.repeat(300_000)}`],
  ])('is refused with %s', (_case, change) => {
    expect(() => parseLogProof(change(formatLogProof(proof)))).toThrow(
      expect.objectContaining({ code: 'AUDIT_PROOF_FILE' }),
    )
  })

  it.each<[string, string, (of: LogProof) => LogProof]>([
    ['with an entry of another index', 'AUDIT_PROOF_FILE', (of) => ({ ...of, leaf: leafAt(4) })],
    ['with another index', 'AUDIT_PROOF_FILE', (of) => ({ ...of, index: 4 })],
    ['with a hash less', 'AUDIT_PROOF', (of) => ({ ...of, hashes: of.hashes.slice(1) })],
    [
      'with hashes in another order',
      'AUDIT_PROOF',
      (of) => ({ ...of, hashes: of.hashes.toReversed() }),
    ],
    [
      'with another head',
      'AUDIT_CHECKPOINT_SIGNATURE',
      (of) => ({ ...of, note: of.note.replace('\n11\n', '\n12\n') }),
    ],
  ])('does not verify %s', async (_case, code, change) => {
    await expect(verifyLogProof(change(proof), policy)).rejects.toMatchObject({ code })
  })

  it('of another log does not verify', async () => {
    const other = { ...policy, origin: 'ne.anltp-tim/amana/audit/1' }
    await expect(verifyLogProof(proof, other)).rejects.toMatchObject({
      code: 'AUDIT_CHECKPOINT_ORIGIN',
    })
  })
})
