/**
 * A deposit made step by step from the specification, without the code that it tests, so that a hostile carrier or sender
 * can change any step.
 *
 * @module
 * @spec docs/spec/09-carriers.md#deposit
 */
import { createCipheriv, createHash } from 'node:crypto'
import {
  type AdmittedKey,
  canonicalize,
  concatBytes,
  encodeBase64url,
  encodeUtf8,
  hpkeSealKey,
  type Json,
  type PrivateKey,
  privateKeyFromSeed,
  sha256,
} from '@amana/core'
import { seededRandom } from './agencies.ts'
import { type Edit } from './crafted-envelope.ts'
import { asJson } from './json.ts'

/** What differs from an honest deposit; every step has its honest default. */
export interface DepositSteps {
  readonly frame?: Uint8Array
  readonly aad?: Json
  readonly header?: Json
  readonly label?: string
  /** What is encrypted. */
  readonly plaintext?: (bytes: Uint8Array) => Uint8Array
  /** The JWE, before it becomes a text. */
  readonly jwe?: Edit
  readonly text?: (text: string) => string
}

/** The protected header of a deposit. */
export const DEPOSIT_HEADER = {
  alg: 'HPKE-9-KE',
  cty: 'amana-frame',
  enc: 'A256GCM',
  typ: 'amana-deposit-draft+jwe',
} as const

/** A PING, the shortest frame. */
export const SHORT_FRAME = Uint8Array.of(8, 0)

/** The deposit key of NAPTIP’s node in the test agencies. */
export async function testDepositKey(): Promise<PrivateKey<'HPKE-9-KE'>> {
  return privateKeyFromSeed('HPKE-9-KE', sha256(encodeUtf8('ng.naptip deposit')))
}

/** Makes a deposit for a key. */
export async function craftDeposit(
  key: AdmittedKey<'HPKE-9-KE'>,
  steps: DepositSteps = {},
): Promise<Uint8Array> {
  const random = seededRandom('crafted deposit')
  const contentKey = random(32)
  const iv = random(12)
  const header = encodeJson(steps.header ?? DEPOSIT_HEADER)
  const aad = encodeJson(steps.aad ?? { from: 'ne.anltp-tim', to: 'ng.naptip' })
  const binding = encodeUtf8(`${header}.${aad}`)
  const plaintext = (steps.plaintext ?? same)(framed(steps.frame ?? SHORT_FRAME))
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv)
  cipher.setAAD(binding)
  const ciphertext = concatBytes(cipher.update(plaintext), cipher.final())
  const info = infoOf(steps.label ?? 'amana/1/deposit', key.keyId, binding)
  const wrapped = await hpkeSealKey({ recipient: key.jwk, contentKey, info })
  const jwe = {
    aad,
    ciphertext: encodeBase64url(ciphertext),
    iv: encodeBase64url(iv),
    protected: header,
    recipients: [
      {
        encrypted_key: encodeBase64url(wrapped.encryptedKey),
        header: { ek: encodeBase64url(wrapped.encapsulated), kid: key.keyId },
      },
    ],
    tag: encodeBase64url(cipher.getAuthTag()),
  }
  const text = canonicalize(asJson((steps.jwe ?? same)(jwe)))
  return encodeUtf8((steps.text ?? same)(text))
}

/** The key of the test agencies as others seal to it. */
export async function testDepositRecipient(): Promise<AdmittedKey<'HPKE-9-KE'>> {
  const { keyId, publicJwk } = await testDepositKey()
  return { keyId, jwk: publicJwk, admitted: true }
}

/** Length and frame, with zeros up to the smallest size. */
function framed(frame: Uint8Array): Uint8Array {
  const sizes = [4, 8, 16, 32, 64, 128, 256, 512, 1024, 1028].map((kib) => kib * 1024)
  const size = sizes.find((one) => one >= frame.byteLength + 4) ?? 0
  const bytes = Buffer.alloc(size)
  bytes.writeUInt32BE(frame.byteLength)
  bytes.set(frame, 4)
  return new Uint8Array(bytes)
}

function infoOf(label: string, keyId: string, binding: Uint8Array): Uint8Array {
  const texts = ['JOSE-HPKE rcpt', 'A256GCM', label, keyId]
  const parts = texts.flatMap((text) => [encodeUtf8(text), Uint8Array.of(0xff)])
  return concatBytes(...parts, createHash('sha256').update(binding).digest())
}

function encodeJson(value: Json): string {
  return encodeBase64url(encodeUtf8(canonicalize(value)))
}

function same<T>(value: T): T {
  return value
}
