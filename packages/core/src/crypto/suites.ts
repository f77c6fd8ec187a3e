/**
 * Suites: by which algorithm a seal's content key is wrapped. The charter lists them; nothing is negotiated.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#suites
 */
import { z } from 'zod'
import { type AdmittedKey, requireAlgorithm } from './jwk.ts'

/** The algorithm of each suite's desk keys. */
const ALGORITHMS = { A1: 'ECDH-ES+A256KW', A2: 'HPKE-9-KE' } as const

/** `A1`, all RFC and classical, or `A2`, hybrid post-quantum. */
export const SuiteSchema = z.enum(['A1', 'A2'])
/** `A1`, all RFC and classical, or `A2`, hybrid post-quantum. */
export type Suite = z.output<typeof SuiteSchema>

/** Keys of one desk, all of one suite. */
export interface SuiteKeys<S extends Suite> {
  readonly suite: S
  readonly recipients: readonly AdmittedKey<(typeof ALGORITHMS)[S]>[]
}
/** To which keys a seal is made; one classical key among others would undo them, so suites are never mixed. */
export type SealKeys = SuiteKeys<'A1'> | SuiteKeys<'A2'>

/** The one suite under which everybody seals where a charter lists these, whatever keys a desk has. */
export function sealingSuite(listed: readonly Suite[]): Suite {
  return listed.includes('A2') ? 'A2' : 'A1'
}

/** The keys of a list that are of a suite, rising by their ids as a dispatch and a seal name them; others are left out. */
export function keysOfSuite(suite: Suite, keys: readonly AdmittedKey[]): SealKeys {
  const own = keys
    .filter(({ jwk }) => jwk.alg === ALGORITHMS[suite])
    .toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))
  if (suite === 'A1') {
    return { suite, recipients: own.map((key) => requireAlgorithm(key, ALGORITHMS.A1)) }
  }
  return { suite, recipients: own.map((key) => requireAlgorithm(key, ALGORITHMS.A2)) }
}

/** The suite whose seals say this `alg`; undefined for any other. */
export function suiteOfAlgorithm(algorithm: unknown): Suite | undefined {
  return SuiteSchema.options.find((suite) => ALGORITHMS[suite] === algorithm)
}
