/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- the sources are checked against the types of jose itself */
/**
 * What the sources use of `jose`, for the page, by WebCrypto alone. Headers are not read here: who calls has read them
 * strictly, and says which algorithm it found.
 *
 * @module
 */
import { decodeBase64url, encodeBase64url } from '../../../core/src/bytes/base64.ts'
import { encodeUtf8 } from '../../../core/src/bytes/utf8.ts'
import { digest } from '../../../core/src/crypto/digest.ts'
import { signWithWebCrypto, verifyWithWebCrypto } from '../../../core/src/crypto/web-signature.ts'

export async function flattenedVerify(jws, jwk, { algorithms: [name] }) {
  const bytes = encodeUtf8(`${jws.protected}.${jws.payload}`)
  const signed = { bytes, signature: decodeBase64url(jws.signature) }
  if (!(await verifyWithWebCrypto(name, decodeBase64url(jwk.x ?? jwk.pub), signed))) {
    throw new Error('signature verification failed')
  }
}

export class GeneralSign {
  #payload
  #signers = []

  constructor(payload) {
    this.#payload = encodeBase64url(payload)
  }

  addSignature(jwk) {
    return {
      setProtectedHeader: (header) => {
        this.#signers.push({ jwk, header: encodeBase64url(encodeUtf8(JSON.stringify(header))) })
      },
    }
  }

  async sign() {
    const signatures = []
    for (const { jwk, header } of this.#signers) {
      const bytes = encodeUtf8(`${header}.${this.#payload}`)
      const made = await signWithWebCrypto(jwk.alg, decodeBase64url(jwk.d ?? jwk.priv), bytes)
      signatures.push({ protected: header, signature: encodeBase64url(made) })
    }
    return { payload: this.#payload, signatures }
  }
}

/** RFC 7638: what makes the key, by name, as JSON without spaces. */
export async function calculateJwkThumbprint({ alg, crv, kty, pub, x }) {
  return digest(JSON.stringify(kty === 'AKP' ? { alg, kty, pub } : { crv, kty, x }))
}
