/**
 * Witnessing: the exact bodies of C2SP tlog-witness, and the witness's decision as a pure function of what it stored.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#witnessing
 */
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { equalBytes } from '../bytes/concat.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { verifyCheckpoint, type VerifiedCheckpoint } from './checkpoint.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint-text.ts'
import { formatSignatureLines, type NoteSignature, parseNote, parseSignatureLines } from './note.ts'
import { type NoteKey } from './note-key.ts'
import { verifyConsistency } from './proofs.ts'

/** What a log asks of a witness: cosign this checkpoint; the proof leads there from the size it saw last. */
export interface WitnessRequest {
  readonly oldSize: number
  readonly proof: readonly Uint8Array[]
  readonly note: string
}

/** What a witness holds of a log. Before the first request: size 1 and, as root, the genesis leaf's hash. */
export interface WitnessedLog {
  readonly origin: string
  /** Every one of them must have signed. */
  readonly logKeys: readonly NoteKey[]
  readonly size: number
  readonly root: Uint8Array
  /** A fork of it was seen: it is not cosigned any more. */
  readonly isForked: boolean
}

/** The witness's decision; only 200 may be cosigned, and only after it was stored. */
export type WitnessDecision =
  | { readonly status: 200; readonly checkpoint: VerifiedCheckpoint }
  | { readonly status: 400 | 403 | 404 }
  /** The log continues from another size than this one. */
  | { readonly status: 409; readonly size: number }
  /** A fork was seen before, and what the log shows now is not looked at. */
  | { readonly status: 422; readonly conflict: 'known' }
  /** Both heads are signed by the log and cannot be of one history; with `fork`, the two notes alone prove it. */
  | {
      readonly status: 409 | 422
      readonly size: number
      readonly conflict: 'fork' | 'unproven'
      readonly checkpoint: VerifiedCheckpoint
    }

/** A witness's answer: signature lines with 200, the witness's size with 409, nothing else. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422
  readonly cosignatures: readonly NoteSignature[]
  readonly size?: number
}

/** The body of C2SP add-checkpoint: frame 05. */
export function formatWitnessRequest(request: WitnessRequest): Uint8Array {
  const proof = request.proof.map((hash) => `${encodeBase64(hash)}\n`).join('')
  return encodeUtf8(`old ${String(request.oldSize)}\n${proof}\n${request.note}`)
}

/**
 * Reads a request strictly.
 *
 * @throws AUDIT_WITNESS_REQUEST when it has another form
 */
export function parseWitnessRequest(bytes: Uint8Array): WitnessRequest {
  if (bytes.length > AUDIT_LIMITS.noteBytes + 4096) throw requestRefusal()
  try {
    return splitRequest(decodeUtf8(bytes))
  } catch (cause) {
    throw new AmanaError('AUDIT_WITNESS_REQUEST', {}, { cause })
  }
}

/**
 * Decides a request in the order of C2SP tlog-witness. `logs` are the logs that the witness follows.
 * Store the new size, root and note *before* answering 200; keep both notes with a conflict.
 */
export async function decideWitness(
  bytes: Uint8Array,
  logs: readonly WitnessedLog[],
): Promise<WitnessDecision> {
  const claim = readClaim(bytes)
  if (claim === undefined) return { status: 400 }
  const log = logs.find((followed) => followed.origin === claim.checkpoint.origin)
  if (log === undefined) return { status: 404 }
  const verified = await verifyBy(log, claim.request.note)
  if (verified === undefined) return { status: 403 }
  if (log.isForked) return { status: 422, conflict: 'known' }
  const { oldSize, proof } = claim.request
  if (oldSize > verified.size) return { status: 400 }
  if (oldSize !== log.size) return { status: 409, size: log.size }
  return decideHistory(log, verified, proof)
}

/** The answer to a decision; `cosignatures` only with 200. */
export function formatWitnessAnswer(answer: WitnessAnswer): Uint8Array {
  const size = answer.size === undefined ? '' : `${String(answer.size)}\n`
  return encodeUtf8(`${String(answer.status)}\n${size}${formatSignatureLines(answer.cosignatures)}`)
}

/**
 * Reads an answer: frame 06 is the status, a newline and the body of C2SP tlog-witness.
 *
 * @throws AUDIT_WITNESS_ANSWER when it has another form
 */
export function parseWitnessAnswer(bytes: Uint8Array): WitnessAnswer {
  if (bytes.length > AUDIT_LIMITS.noteBytes) throw answerRefusal()
  try {
    return splitAnswer(decodeUtf8(bytes))
  } catch (cause) {
    throw new AmanaError('AUDIT_WITNESS_ANSWER', {}, { cause })
  }
}

interface Claim {
  readonly request: WitnessRequest
  readonly checkpoint: Checkpoint
}

function readClaim(bytes: Uint8Array): Claim | undefined {
  try {
    const request = parseWitnessRequest(bytes)
    return { request, checkpoint: parseCheckpoint(parseNote(request.note).text) }
  } catch (error) {
    return refusedOrThrow(error)
  }
}

async function verifyBy(log: WitnessedLog, note: string): Promise<VerifiedCheckpoint | undefined> {
  const { origin, logKeys } = log
  try {
    return await verifyCheckpoint(note, { origin, logKeys, witnesses: [], quorum: 0 })
  } catch (error) {
    return refusedOrThrow(error)
  }
}

/** The proof starts at the root that is stored, never at one that was sent. */
function decideHistory(
  log: WitnessedLog,
  checkpoint: VerifiedCheckpoint,
  proof: readonly Uint8Array[],
): WitnessDecision {
  const { size, root } = log
  if (size === checkpoint.size && !equalBytes(root, checkpoint.root)) {
    return { status: 409, size, conflict: 'fork', checkpoint }
  }
  try {
    const newRoot = checkpoint.root
    verifyConsistency({ oldSize: size, oldRoot: root, newSize: checkpoint.size, newRoot, proof })
    return { status: 200, checkpoint }
  } catch (error) {
    refusedOrThrow(error)
    return { status: 422, size, conflict: 'unproven', checkpoint }
  }
}

/** A refusal is an answer; anything else is a fault of this program and must not look like one. */
function refusedOrThrow(error: unknown): undefined {
  if (!(error instanceof AmanaError)) throw error
}

function splitRequest(text: string): WitnessRequest {
  const split = text.indexOf('\n\n')
  const [old = '', ...proof] = text.slice(0, split === -1 ? 0 : split).split('\n')
  const size = /^old (?<size>0|[1-9][0-9]{0,15})$/.exec(old)?.groups?.['size']
  const oldSize = Number(size)
  if (size === undefined || !Number.isSafeInteger(oldSize)) throw requestRefusal()
  if (proof.length > AUDIT_LIMITS.proofHashes) throw requestRefusal()
  return { oldSize, proof: proof.map(decodeHash), note: text.slice(split + 2) }
}

function decodeHash(line: string): Uint8Array {
  const hash = decodeBase64(line)
  if (hash.length !== 32) throw requestRefusal()
  return hash
}

function splitAnswer(text: string): WitnessAnswer {
  const split = text.indexOf('\n')
  const body = text.slice(split + 1)
  const status = statusOf(text.slice(0, Math.max(split, 0)))
  if (status === 200) return { status, cosignatures: parseSignatureLines(body) }
  if (status === 409) return { status, cosignatures: [], size: parseSize(body) }
  if (status === undefined || body !== '') throw answerRefusal()
  return { status, cosignatures: [] }
}

function statusOf(text: string): WitnessAnswer['status'] | undefined {
  return ([200, 400, 403, 404, 409, 422] as const).find((status) => String(status) === text)
}

function parseSize(body: string): number {
  if (!/^(?:0|[1-9][0-9]{0,14})\n$/.test(body)) throw answerRefusal()
  return Number(body)
}

function requestRefusal(): AmanaError {
  return new AmanaError('AUDIT_WITNESS_REQUEST', {})
}

function answerRefusal(): AmanaError {
  return new AmanaError('AUDIT_WITNESS_ANSWER', {})
}
