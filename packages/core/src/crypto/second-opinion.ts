/**
 * The second opinion on Ed25519 signatures: `tweetnacl` judges what WebCrypto judged. It never verifies alone.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#two-opinions
 */
import nacl from 'tweetnacl'
import { GROUP_ORDER, littleEndian } from './edwards-point.ts'

const KEY_BYTES = 32
const SIGNATURE_BYTES = 64
const SCALAR_START = 32

/** Two implementations judged one signature differently. It speaks against nobody: nothing can be verified here. */
export class DisagreementError extends Error {
  override readonly name = 'DisagreementError'

  constructor() {
    super('two implementations of Ed25519 disagree')
  }
}

/**
 * Compares a verdict with that of `tweetnacl`, to which the range of S (RFC 8032 section 5.1.7) is added.
 *
 * @throws DisagreementError, which is no refusal and therefore no finding, where they differ
 */
export function confirmEd25519(
  publicKey: Uint8Array,
  { bytes, signature }: { readonly bytes: Uint8Array; readonly signature: Uint8Array },
  verdict: boolean,
): void {
  const isValid =
    publicKey.byteLength === KEY_BYTES &&
    signature.byteLength === SIGNATURE_BYTES &&
    littleEndian(signature.subarray(SCALAR_START)) < GROUP_ORDER &&
    nacl.sign.detached.verify(bytes, signature, publicKey)
  if (isValid !== verdict) throw new DisagreementError()
}
