/**
 * The text of a checkpoint: three lines.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#checkpoint
 */
import { decodeBase64, encodeBase64 } from '../bytes/base64.ts'
import { AmanaError } from '../errors.ts'

/** The head of a log. */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** The three lines that are signed. */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  return `${checkpoint.origin}\n${String(checkpoint.size)}\n${encodeBase64(checkpoint.root)}\n`
}

/**
 * Reads the text of a checkpoint: origin, size, root, and nothing else.
 *
 * @throws AUDIT_CHECKPOINT when it is anything but these three lines
 */
export function parseCheckpoint(text: string): Checkpoint {
  const { origin, size, root } =
    /^(?<origin>[^\n]+)\n(?<size>0|[1-9][0-9]{0,15})\n(?<root>[A-Za-z0-9+/]{43}=)\n$/.exec(text)
      ?.groups ?? {}
  if (origin === undefined || root === undefined || !Number.isSafeInteger(Number(size))) {
    throw new AmanaError('AUDIT_CHECKPOINT', {})
  }
  return { origin, size: Number(size), root: decodeRoot(root) }
}

function decodeRoot(root: string): Uint8Array {
  try {
    return decodeBase64(root)
  } catch (cause) {
    throw new AmanaError('AUDIT_CHECKPOINT', {}, { cause })
  }
}
