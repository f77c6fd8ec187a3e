/**
 * Deposits with what becomes of them: the frame that one holds, or the code that refuses it.
 *
 * @module
 * @spec docs/spec/09-carriers.md#vectors
 */
import { decodeUtf8, type Json } from '@amana/core'
import {
  craftDeposit,
  DEPOSIT_HEADER,
  type DepositSteps,
  SHORT_FRAME,
  testDepositRecipient,
} from '../../support/crafted-deposit.ts'
import { drop, type Edit, put } from '../../support/crafted-envelope.ts'
import { at, textAt } from '../../support/json.ts'

const KIB = 1024

interface DepositCase extends DepositSteps {
  readonly name: string
  /** None where it opens. */
  readonly code?: string
}

/** A frame of so many bytes. */
function frameOf(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes).map((_, index) => (index === 0 ? 8 : 0))
}

function resized(sizeBytes: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    const other = new Uint8Array(sizeBytes)
    other.set(bytes.subarray(0, sizeBytes))
    return other
  }
}

function changed(place: number, byte: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => bytes.map((own, index) => (index === place ? byte : own))
}

/** The text with another first letter. */
function otherText(text: string): string {
  return `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`
}

function flipped(path: readonly (string | number)[]): Edit {
  return (jwe) => put(path, otherText(textAt(jwe, path)))(jwe)
}

const CASES: readonly DepositCase[] = [
  { name: 'the shortest frame' },
  { name: 'a frame of no bytes', frame: new Uint8Array() },
  { name: 'a frame that fills 4 KiB with its length', frame: frameOf(4 * KIB - 4) },
  { name: 'a frame of one byte more', frame: frameOf(4 * KIB - 3) },
  { name: 'a member more', jwe: put(['v'], 1), code: 'WIRE_JWE' },
  { name: 'a member less', jwe: drop('tag'), code: 'WIRE_JWE' },
  { name: 'a clear header', jwe: put(['unprotected'], { zip: 'DEF' }), code: 'WIRE_JWE' },
  {
    name: 'compression',
    header: { ...DEPOSIT_HEADER, zip: 'DEF' },
    code: 'WIRE_JWE',
  },
  {
    name: 'the type of a seal',
    header: { ...DEPOSIT_HEADER, typ: 'amana-seal-draft+jwe' },
    code: 'WIRE_JWE',
  },
  { name: 'the label of a seal', label: 'amana/1', code: 'WIRE_DECRYPT' },
  { name: 'no recipient', jwe: put(['recipients'], []), code: 'WIRE_JWE' },
  {
    name: 'two recipients',
    jwe: (jwe) => {
      const first = at(jwe, ['recipients', 0])
      return put(['recipients'], [first, first])(jwe)
    },
    code: 'WIRE_JWE',
  },
  {
    name: 'a recipient without its key id',
    jwe: (jwe) => {
      const ek = textAt(jwe, ['recipients', 0, 'header', 'ek'])
      return put(['recipients', 0, 'header'], { ek })(jwe)
    },
    code: 'WIRE_JWE',
  },
  {
    name: 'a short encapsulated key',
    jwe: put(['recipients', 0, 'header', 'ek'], 'AA'),
    code: 'WIRE_JWE',
  },
  { name: 'a vector of 8 bytes', jwe: put(['iv'], 'AAAAAAAAAAA'), code: 'WIRE_JWE' },
  { name: 'from and to the same', aad: { from: 'ng.naptip', to: 'ng.naptip' }, code: 'WIRE_JWE' },
  { name: 'no sender', aad: { to: 'ng.naptip' }, code: 'WIRE_JWE' },
  {
    name: 'another member in what it is bound to',
    aad: { from: 'ne.anltp-tim', kind: 'victim.referral/1', to: 'ng.naptip' },
    code: 'WIRE_JWE',
  },
  { name: 'no agency', aad: { from: 'NAPTIP', to: 'ng.naptip' }, code: 'WIRE_JWE' },
  { name: 'a size that is none of the ten', plaintext: resized(5 * KIB), code: 'WIRE_JWE' },
  { name: 'nothing', plaintext: resized(0), code: 'WIRE_JWE' },
  { name: 'a larger size than it needs', plaintext: resized(8 * KIB), code: 'WIRE_JWE' },
  { name: 'a length beyond its end', plaintext: changed(0, 1), code: 'WIRE_JWE' },
  {
    name: 'a byte behind the frame',
    plaintext: changed(4 + SHORT_FRAME.length, 1),
    code: 'WIRE_JWE',
  },
  { name: 'a last byte', plaintext: changed(4 * KIB - 1, 1), code: 'WIRE_JWE' },
  { name: 'another ciphertext', jwe: flipped(['ciphertext']), code: 'WIRE_DECRYPT' },
  { name: 'another tag', jwe: flipped(['tag']), code: 'WIRE_DECRYPT' },
  { name: 'another vector', jwe: flipped(['iv']), code: 'WIRE_DECRYPT' },
  {
    name: 'another content key',
    jwe: flipped(['recipients', 0, 'encrypted_key']),
    code: 'WIRE_DECRYPT',
  },
  {
    name: 'another sender than it was bound to',
    jwe: put(['aad'], Buffer.from('{"from":"ne.dst","to":"ng.naptip"}').toString('base64url')),
    code: 'WIRE_DECRYPT',
  },
  {
    name: 'the key of somebody else',
    jwe: put(['recipients', 0, 'header', 'kid'], 'A'.repeat(43)),
    code: 'WIRE_NOT_FOR_ME',
  },
  {
    name: 'a base64 text in another spelling',
    jwe: (jwe) => put(['ciphertext'], `${textAt(jwe, ['ciphertext']).slice(0, -1)}B`)(jwe),
    code: 'WIRE_B64',
  },
  { name: 'a newline at the end', text: (text) => `${text}\n`, code: 'WIRE_CANON' },
  { name: 'a member twice', text: (text) => text.replace('{', '{"aad":"",'), code: 'WIRE_CANON' },
  { name: 'half of it', text: (text) => text.slice(0, text.length / 2), code: 'WIRE_JSON' },
  { name: 'no JSON', text: () => 'amana', code: 'WIRE_JSON' },
]

/** Every case as it stands in the file. */
export async function depositVectors(): Promise<readonly Json[]> {
  const key = await testDepositRecipient()
  return Promise.all(
    CASES.map(async ({ code, name, ...steps }) => {
      const text = decodeUtf8(await craftDeposit(key, steps))
      const frame = Buffer.from(steps.frame ?? SHORT_FRAME).toString('base64url')
      return { name, ...(code === undefined ? { frame } : { code }), deposit: text }
    }),
  )
}
