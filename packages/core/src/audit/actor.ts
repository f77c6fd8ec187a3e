/**
 * Who did it, in a log that names nobody: a pseudonym that only the agency can lead back to a person.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#actors
 */
import { encodeBase64url } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { hmacSha256 } from '../crypto/digest.ts'

const PSEUDONYM_BYTES = 12

/** The pseudonym of an officer under the agency's secret `key` (32 bytes); destroying the key unlinks them all. */
export function actorOf(key: Uint8Array, officerId: string): string {
  const mac = hmacSha256(key, encodeUtf8(`amana/1/actor\0${officerId}`))
  return `u_${encodeBase64url(mac.subarray(0, PSEUDONYM_BYTES))}`
}
