/**
 * Verifier keys of C2SP signed notes as rosters hold them: `name+id+base64(type, public key)`.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#one-key-one-use
 */
import { decodeBase64, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { sha256 } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { type RosterLog } from './roster.ts'

/** One of the four keys of an agency's log. */
export interface LogKey {
  readonly use: 'log' | 'witness'
  readonly algorithm: 'Ed25519' | 'ML-DSA-44'
  /** Raw public key in base64url. */
  readonly publicKey: string
}

const KEY_ID_BYTES = 4
const PUBLIC_KEY_BYTES = { Ed25519: 32, 'ML-DSA-44': 1_312 } as const

/** C2SP signature types: log Ed25519, witness Ed25519 with a timestamp, ML-DSA-44 for both. */
const LOG_ED25519 = 0x01
const WITNESS_ED25519 = 0x04
const ML_DSA_44 = 0x06

interface Expected {
  readonly name: RegExp
  readonly type: number
  readonly use: LogKey['use']
  readonly algorithm: LogKey['algorithm']
}

/**
 * The four keys behind a roster's `log`, in the order log, witness.
 *
 * @throws WIRE_KEY when a name is not of that agency, or an id, type or length is not what its place says
 */
export function logKeys(agency: string, log: RosterLog): readonly LogKey[] {
  const origin = new RegExp(`^${escapeDots(agency)}/amana/audit/[1-9][0-9]{0,5}$`)
  if (!origin.test(log.origin)) throw new AmanaError('WIRE_KEY', { reason: 'origin of the log' })
  const atLog = { name: new RegExp(`^${escapeDots(log.origin)}$`), use: 'log' } as const
  const witness = new RegExp(`^${escapeDots(agency)}/amana/witness/[1-9][0-9]{0,5}$`)
  const atWitness = { name: witness, use: 'witness' } as const
  return [
    parseVerifierKey(log.log[0], { ...atLog, type: LOG_ED25519, algorithm: 'Ed25519' }),
    parseVerifierKey(log.log[1], { ...atLog, type: ML_DSA_44, algorithm: 'ML-DSA-44' }),
    parseVerifierKey(log.witness[0], { ...atWitness, type: WITNESS_ED25519, algorithm: 'Ed25519' }),
    parseVerifierKey(log.witness[1], { ...atWitness, type: ML_DSA_44, algorithm: 'ML-DSA-44' }),
  ]
}

/** Agency ids hold letters, digits, hyphens and dots; only the dot means something in a pattern. */
function escapeDots(text: string): string {
  return text.replaceAll('.', String.raw`\.`)
}

function parseVerifierKey(text: string, expected: Expected): LogKey {
  const [name = '', keyId = '', ...rest] = text.split('+')
  const keyData = decodeBase64(rest.join('+'))
  const publicKey = keyData.subarray(1)
  if (!expected.name.test(name)) throw new AmanaError('WIRE_KEY', { reason: 'name of a log key' })
  if (keyData[0] !== expected.type || publicKey.length !== PUBLIC_KEY_BYTES[expected.algorithm]) {
    throw new AmanaError('WIRE_KEY', { reason: 'type or length of a log key' })
  }
  if (keyId !== keyIdOf(name, keyData)) {
    throw new AmanaError('WIRE_KEY', { reason: 'id of a log key' })
  }
  return {
    use: expected.use,
    algorithm: expected.algorithm,
    publicKey: encodeBase64url(publicKey),
  }
}

function keyIdOf(name: string, keyData: Uint8Array): string {
  const hash = sha256(concatBytes(encodeUtf8(`${name}\n`), keyData))
  return [...hash.subarray(0, KEY_ID_BYTES)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}
