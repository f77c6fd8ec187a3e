/**
 * Both sides' bundles of one exchange, verified; and what a side would verify as if its log told something else.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reconciliation
 */
import { readPolicy } from '../../packages/verify/src/policy.ts'
import {
  type BundleVerification,
  type VerifiedLog,
  verifyBundle,
} from '../../packages/verify/src/verify-bundle.ts'
import { type Exchange } from './built-exchange.ts'
import { fileOf } from './pieces.ts'

/** One side's bundle, verified. */
export async function verified(
  exchange: Exchange,
  side: 'naptip' | 'anltp',
): Promise<BundleVerification> {
  const bundle = await exchange[side].log.bundle(exchange)
  return verifyBundle(fileOf(bundle), readPolicy(exchange.policyText))
}

/** What another log of that side would verify as: signed by it, and not telling the same. */
export type Change = (log: VerifiedLog) => Partial<VerifiedLog>

/** The side with that log. */
export function changed(side: BundleVerification, change: Change): BundleVerification {
  if (side.log === undefined) throw new Error('no log')
  return { ...side, log: { ...side.log, ...change(side.log) } }
}
