/**
 * Checkpoints: what a log promises about itself, signed by the log and cosigned by its witnesses, byte for byte as
 * C2SP tlog-checkpoint and tlog-cosignature say.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#checkpoint
 */
import { encodeBase64 } from '../bytes/base64.ts'
import { digest } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from './checkpoint-text.ts'
import { formatNote, type Note, type NoteSignature, parseNote } from './note.ts'
import { type NoteKey, type NoteSigner } from './note-key.ts'
import { signNoteText, verifyNoteText } from './note-signature.ts'

/** A witness and all the keys that it signs with; it counts when all of them signed. */
export interface Witness {
  readonly name: string
  readonly keys: readonly NoteKey[]
}

/** What a checkpoint must show. */
export interface CheckpointPolicy {
  readonly origin: string
  /** Every one of them must have signed. */
  readonly logKeys: readonly NoteKey[]
  readonly witnesses: readonly Witness[]
  /** How many of the witnesses must have cosigned. */
  readonly quorum: number
}

/** A witness's word: at `time` (seconds since 1970) this was the longest history it had seen of this log. */
export interface Cosignature {
  readonly witness: string
  readonly time: number
}

/** A checkpoint of which every signature by a known key was verified. */
export interface VerifiedCheckpoint extends Checkpoint {
  readonly note: string
  readonly cosignatures: readonly Cosignature[]
}

/** Signs a checkpoint with each signer, in order; `time` is in seconds since 1970. */
export async function signCheckpoint(
  checkpoint: Checkpoint,
  signers: readonly NoteSigner[],
  time: number,
): Promise<string> {
  const text = formatCheckpoint(checkpoint)
  return formatNote({ text, signatures: await signAll(text, signers, time) })
}

/** A witness's lines for a checkpoint that it has verified. */
export function cosignCheckpoint(
  checkpoint: VerifiedCheckpoint,
  signers: readonly NoteSigner[],
  time: number,
): Promise<readonly NoteSignature[]> {
  return signAll(formatCheckpoint(checkpoint), signers, time)
}

/**
 * Adds the lines of a witness to a note; lines by other keys than the witness's are left out. Nothing is verified.
 *
 * @throws AUDIT_NOTE when the note is malformed
 */
export function addCosignatures(
  note: string,
  lines: readonly NoteSignature[],
  witness: Witness,
): string {
  const { text, signatures } = parseNote(note)
  const known = lines.filter((line) => witness.keys.some((key) => isBy(key, line)))
  return formatNote({ text, signatures: [...signatures, ...known] })
}

/**
 * Verifies a checkpoint against keys that came from outside it. Unknown keys are ignored; a known key with a wrong
 * signature refuses the note.
 *
 * @throws AUDIT_NOTE, AUDIT_CHECKPOINT when it is malformed
 * @throws AUDIT_CHECKPOINT_ORIGIN when it is of another log
 * @throws AUDIT_CHECKPOINT_SIGNATURE when a known key's signature is wrong
 * @throws AUDIT_CHECKPOINT_UNSIGNED when a key of the log did not sign
 * @throws AUDIT_NOT_WITNESSED when fewer witnesses than the quorum cosigned
 */
export async function verifyCheckpoint(
  note: string,
  policy: CheckpointPolicy,
): Promise<VerifiedCheckpoint> {
  return checkCheckpoint(note, policy, verifyNoteText)
}

/** What `verifyNoteText` does, or remembers to have done. */
type VerifyLine = typeof verifyNoteText

/** Lines of so many notes are remembered: of one head some sixteen in a row, with four lines each. */
const REMEMBERED_LINES = 1024

/** Verifies many checkpoints of one log as `verifyCheckpoint` does; a line that it has verified just before, once. */
export class CheckpointVerifier {
  readonly #policy: CheckpointPolicy
  readonly #known = new Map<string, number | undefined>()
  #signatureCount = 0

  constructor(policy: CheckpointPolicy) {
    this.#policy = policy
  }

  /** How many signatures were verified so far. */
  get signatureCount(): number {
    return this.#signatureCount
  }

  /** @throws as `verifyCheckpoint` */
  async verify(note: string): Promise<VerifiedCheckpoint> {
    return checkCheckpoint(note, this.#policy, async (key, text, signature) => {
      const name = digest(`${text}${key.name}\n${key.keyId}\n${encodeBase64(signature)}`)
      if (this.#known.has(name)) return this.#known.get(name)
      this.#signatureCount += 1
      const time = await verifyNoteText(key, text, signature)
      if (this.#known.size >= REMEMBERED_LINES) this.#known.clear()
      this.#known.set(name, time)
      return time
    })
  }
}

async function checkCheckpoint(
  note: string,
  policy: CheckpointPolicy,
  verifyLine: VerifyLine,
): Promise<VerifiedCheckpoint> {
  const parsed = parseNote(note)
  const checkpoint = parseCheckpoint(parsed.text)
  assertOrigin(checkpoint, policy.origin)
  const witnessKeys = policy.witnesses.flatMap((witness) => witness.keys)
  const lines = await verifyEach(parsed, [...policy.logKeys, ...witnessKeys], verifyLine)
  assertSignedBy(policy.logKeys, lines, checkpoint)
  const cosignatures = policy.witnesses.flatMap((witness) => cosignaturesBy(witness, lines))
  if (cosignatures.length < policy.quorum) {
    throw new AmanaError('AUDIT_NOT_WITNESSED', {
      size: checkpoint.size,
      witnesses: cosignatures.length,
      quorum: policy.quorum,
    })
  }
  return { ...checkpoint, note, cosignatures }
}

/** A line whose signature was verified. */
export interface VerifiedLine {
  readonly key: NoteKey
  /** Seconds since 1970, for keys that sign a time. */
  readonly time: number | undefined
}

/**
 * Verifies every line that a known key made.
 *
 * @throws AUDIT_CHECKPOINT_SIGNATURE when one of them is wrong
 */
export function verifyLines(
  note: Note,
  keys: readonly NoteKey[],
): Promise<readonly VerifiedLine[]> {
  return verifyEach(note, keys, verifyNoteText)
}

async function verifyEach(
  note: Note,
  keys: readonly NoteKey[],
  verifyLine: VerifyLine,
): Promise<readonly VerifiedLine[]> {
  const verified: VerifiedLine[] = []
  for (const line of note.signatures) {
    const key = keys.find((candidate) => isBy(candidate, line))
    if (key === undefined) continue
    const time = await verifyLine(key, note.text, line.signature)
    verified.push({ key, time })
  }
  return verified
}

function signAll(
  text: string,
  signers: readonly NoteSigner[],
  time: number,
): Promise<readonly NoteSignature[]> {
  return Promise.all(signers.map((signer) => signNoteText(signer, text, time)))
}

function isBy(key: NoteKey, line: NoteSignature): boolean {
  return key.name === line.name && key.keyId === line.keyId
}

function isSameKey(a: NoteKey, b: NoteKey): boolean {
  return a.name === b.name && a.keyId === b.keyId
}

function assertOrigin(checkpoint: Checkpoint, origin: string): void {
  if (checkpoint.origin !== origin) {
    throw new AmanaError('AUDIT_CHECKPOINT_ORIGIN', { expected: origin })
  }
}

function assertSignedBy(
  keys: readonly NoteKey[],
  lines: readonly VerifiedLine[],
  checkpoint: Checkpoint,
): void {
  const missing = keys.find((key) => !lines.some((line) => isSameKey(line.key, key)))
  if (missing !== undefined || keys.length === 0) {
    throw new AmanaError('AUDIT_CHECKPOINT_UNSIGNED', {
      size: checkpoint.size,
      keyId: missing?.keyId ?? '',
    })
  }
}

/** A witness's earliest instant at which all its keys had signed; nothing when one of them did not. */
function cosignaturesBy(witness: Witness, lines: readonly VerifiedLine[]): readonly Cosignature[] {
  const times = witness.keys.map((key) =>
    Math.min(...lines.flatMap((line) => (isSameKey(line.key, key) ? [line.time ?? 0] : []))),
  )
  const time = Math.max(...times)
  return Number.isSafeInteger(time) ? [{ witness: witness.name, time }] : []
}
