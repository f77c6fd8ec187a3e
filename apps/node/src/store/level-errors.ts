/**
 * What LevelDB reports, in the codes of this project.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { AmanaError, isAnyAmanaError } from '@amana/core'

/** LevelDB tells the system's reason in words only. */
const REASONS = [
  [/No space left on device/, 'ENOSPC'],
  [/File too large/, 'EFBIG'],
  [/Disk quota exceeded/, 'EDQUOT'],
  [/Read-only file system/, 'EROFS'],
  [/Permission denied/, 'EACCES'],
  [/Input\/output error/, 'EIO'],
  [/Too many open files/, 'EMFILE'],
] as const

/** The error of an opening that failed: STORE_LOCKED, STORE_DAMAGED or STORE_OPEN. */
export function levelError(cause: unknown, folder: string): AmanaError {
  const codes = chainOf(cause).map(({ code }) => code)
  if (codes.includes('LEVEL_LOCKED')) return new AmanaError('STORE_LOCKED', { folder }, { cause })
  if (codes.includes('LEVEL_CORRUPTION')) {
    return new AmanaError('STORE_DAMAGED', { space: 'store' }, { cause })
  }
  return new AmanaError('STORE_OPEN', { folder, reason: reasonOf(cause) }, { cause })
}

/** The error of a batch that failed; one of ours stays as it is. */
export function writeFailure(cause: unknown): AmanaError {
  if (isAnyAmanaError(cause)) return cause
  return new AmanaError('STORE_WRITE', { reason: reasonOf(cause) }, { cause })
}

function reasonOf(cause: unknown): string {
  const chain = chainOf(cause)
  for (const { message } of chain) {
    const known = REASONS.find(([pattern]) => pattern.test(message))
    if (known !== undefined) return known[1]
  }
  return chain.map(({ code }) => code).findLast((code) => code !== undefined) ?? 'unknown'
}

function chainOf(error: unknown): readonly { readonly code?: string; readonly message: string }[] {
  if (!(error instanceof Error)) return []
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return [{ ...code, message: error.message }, ...chainOf(error.cause)]
}
