/**
 * What `jose` by itself takes for as many bytes: one Ed25519 signature, one encryption under ECDH-ES+A256KW for each
 * recipient, and the way back. No statement, no disclosures, no checks of ours.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#key-wrap
 */
import {
  FlattenedSign,
  flattenedVerify,
  generalDecrypt,
  GeneralEncrypt,
  generateKeyPair,
} from 'jose'
import { type EnvelopeBytes } from './bare-primitives.ts'

/** Both ways, ready to run again and again. */
export interface JoseAlone {
  readonly seal: () => Promise<void>
  readonly open: () => Promise<void>
}

/** Makes keys and bytes. */
export async function createJoseAlone({ dispatch, plaintext }: EnvelopeBytes): Promise<JoseAlone> {
  const signing = await generateKeyPair('Ed25519')
  const sealing = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519' })
  const signed = new Uint8Array(dispatch)
  const sealed = new Uint8Array(plaintext)
  const sign = (): ReturnType<FlattenedSign['sign']> =>
    new FlattenedSign(signed).setProtectedHeader({ alg: 'Ed25519' }).sign(signing.privateKey)
  const encrypt = (): ReturnType<GeneralEncrypt['encrypt']> =>
    new GeneralEncrypt(sealed)
      .setProtectedHeader({ alg: 'ECDH-ES+A256KW', enc: 'A256GCM' })
      .addRecipient(sealing.publicKey)
      .encrypt()
  const [jws, jwe] = await Promise.all([sign(), encrypt()])
  return {
    seal: async () => {
      await encrypt()
      await sign()
    },
    open: async () => {
      await flattenedVerify(jws, signing.publicKey)
      await generalDecrypt(jwe, sealing.privateKey)
    },
  }
}
