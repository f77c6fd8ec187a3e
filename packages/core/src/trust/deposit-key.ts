/**
 * To which key of an agency a deposit is sealed.
 *
 * @module
 * @spec docs/spec/09-carriers.md#to-which-key
 */
import { type AdmittedKey, publicKeyText, requireAlgorithm } from '../crypto/jwk.ts'
import { AmanaError } from '../errors.ts'
import { type VerifiedRoster } from './verified-roster.ts'

/**
 * The deposit key of the agency of a roster, its newest, at an instant: of its nodes, the key that begins last.
 *
 * @throws TRUST_EXPIRED when the roster has ended: a newer one, kept back, may revoke what it lists
 * @throws TRUST_DEPOSIT when it lists none that is valid then
 */
export function depositKeyIn(roster: VerifiedRoster, at: number): AdmittedKey<'HPKE-9-KE'> {
  const { exp } = roster.payload
  if (at >= exp) throw new AmanaError('TRUST_EXPIRED', { document: 'roster', exp, bound: at })
  return lastDepositKeyIn(roster, at)
}

/**
 * The same also where the roster has ended: for trust documents, which are public, and by which two sides that were apart
 * for long come to each other's newer roster.
 *
 * @throws TRUST_DEPOSIT when it lists none that is valid then
 */
export function lastDepositKeyIn(roster: VerifiedRoster, at: number): AdmittedKey<'HPKE-9-KE'> {
  const { agency, keys, payload } = roster
  const revoked = new Set<string>(payload.revoked.map(({ kid }) => kid))
  const [newest] = payload.nodes
    .flatMap(({ depositKey }) => depositKey)
    .filter(({ exp, nbf }) => nbf <= at && at < exp)
    .toSorted((a, b) => b.nbf - a.nbf)
    .flatMap(({ jwk }) => keys.slots.find((one) => one.publicKey === publicKeyText(jwk)) ?? [])
    .flatMap(({ admitted }) => admitted ?? [])
    .filter(({ keyId }) => !revoked.has(keyId))
  if (newest === undefined) throw new AmanaError('TRUST_DEPOSIT', { agency })
  return requireAlgorithm(newest, 'HPKE-9-KE')
}
