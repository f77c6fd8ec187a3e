/**
 * The readers of what a carrier brings, of what lies at rest, of what people type of a referral,
 * and of what two officers hand each other.
 *
 * @module
 * @spec docs/spec/09-carriers.md#reading-one
 */
import { openDeposit, parseDeposit } from '@amana/core'
import { testDepositKey } from '../crafted-deposit.ts'
import { atRestReaders } from './at-rest-readers.ts'
import { type CoreSamples } from './core-samples.ts'
import { ofBytes, type Reader } from './reader.ts'
import { handOverReaders } from './hand-over-readers.ts'
import { piecesReaders } from './pieces-readers.ts'
import { referralReaders } from './referral-readers.ts'

/** Of the core. */
export async function depositReaders(samples: CoreSamples): Promise<readonly Reader[]> {
  const { deposit } = samples
  const key = await testDepositKey()
  return [
    ofBytes('parseDeposit', deposit, parseDeposit),
    ofBytes('openDeposit', deposit, (bytes) => openDeposit(parseDeposit(bytes), key)),
    ...piecesReaders(samples),
    ...(await atRestReaders()),
    ...referralReaders(),
    ...(await handOverReaders()),
  ]
}
