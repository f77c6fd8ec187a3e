/**
 * The proof of one entry as a file that stands alone: C2SP `tlog-proof`, with the entry itself as its extra data.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#proof-of-one-leaf
 */
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { type CheckpointPolicy, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint.ts'
import { type Leaf, parseLeaf } from './leaf.ts'
import { leafHash } from './merkle.ts'
import { verifyInclusion } from './proofs.ts'

/** What such a file says; nothing of it is verified. */
export interface LogProof {
  readonly index: number
  /** The bytes of the leaf. */
  readonly leaf: Uint8Array
  /** From the leaf's sibling on. */
  readonly hashes: readonly Uint8Array[]
  /** The checkpoint, a signed note. */
  readonly note: string
}

const FIRST_LINE = 'c2sp.org/tlog-proof@v1'
const EXTRA = /^extra (?<value>[A-Za-z0-9+/]+={0,2})$/
const INDEX = /^index (?<value>0|[1-9][0-9]{0,15})$/
const HASH_BYTES = 32
/** A proof is a note, a leaf in base64 and its hashes. */
const PROOF_BYTES = AUDIT_LIMITS.noteBytes + 2 * AUDIT_LIMITS.leafBytes + 4096

/** The text of the file. */
export function formatLogProof({ hashes, index, leaf, note }: LogProof): string {
  const lines = [
    FIRST_LINE,
    `extra ${encodeBase64(leaf)}`,
    `index ${String(index)}`,
    ...hashes.map((hash) => encodeBase64(hash)),
  ]
  return `${lines.join('\n')}\n\n${note}`
}

/** Reads such a file. @throws AUDIT_PROOF_FILE when it has another form, or carries no entry */
export function parseLogProof(text: string): LogProof {
  const proof = text.length > PROOF_BYTES ? undefined : partsOf(text)
  return asserted(proof)
}

function asserted<T>(proof: T | undefined): T {
  if (proof === undefined) throw new AmanaError('AUDIT_PROOF_FILE', {})
  return proof
}

function partsOf(text: string): LogProof | undefined {
  const end = text.indexOf('\n\n')
  const [first, extra = '', place = '', ...rest] = text.slice(0, Math.max(end, 0)).split('\n')
  const index = groupIn(INDEX, place)
  const leaf = bytesOf(groupIn(EXTRA, extra))
  const hashes = hashesOf(rest)
  if (first !== FIRST_LINE || index === undefined) return undefined
  if (leaf === undefined || hashes === undefined) return undefined
  return { index: Number(index), leaf, hashes, note: text.slice(end + 2) }
}

function groupIn(form: RegExp, line: string): string | undefined {
  return form.exec(line)?.groups?.['value']
}

function hashesOf(lines: readonly string[]): readonly Uint8Array[] | undefined {
  if (lines.length > AUDIT_LIMITS.proofHashes) return undefined
  const hashes = lines.map((line) => bytesOf(line)).filter(isHash)
  return hashes.length === lines.length ? hashes : undefined
}

function bytesOf(text: string | undefined): Uint8Array | undefined {
  try {
    return text === undefined ? undefined : decodeBase64(text)
  } catch {
    return undefined
  }
}

function isHash(bytes: Uint8Array | undefined): bytes is Uint8Array {
  return bytes?.length === HASH_BYTES
}

/**
 * The entry that is proven: in the tree of a checkpoint that the policy's keys signed and its witnesses cosigned.
 *
 * @throws AUDIT_PROOF_FILE when the entry is of another log, or says another index than the file
 * @throws AUDIT_PROOF when the hashes do not lead from it to the root
 * @throws as `verifyCheckpoint` and `parseLeaf`
 */
export async function verifyLogProof(
  { hashes, index, leaf: bytes, note }: LogProof,
  policy: CheckpointPolicy,
): Promise<{ readonly leaf: Leaf; readonly checkpoint: VerifiedCheckpoint }> {
  const checkpoint = await verifyCheckpoint(note, policy)
  const parsed = parseLeaf(bytes)
  const isIts = parsed.log === policy.origin && parsed.index === index
  const leaf = asserted(isIts ? parsed : undefined)
  const { root, size } = checkpoint
  verifyInclusion({ index, size, leafHash: leafHash(bytes), root, proof: hashes })
  return { leaf, checkpoint }
}
