/**
 * What the bench sends: the filled referral, each time under another reference.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#victimreferral1
 */
import {
  type Context,
  expectedRetainUntil,
  type OfficerSigner,
  type Random,
  referenceCheckCharacter,
  type SignedStatement,
  signStatement,
} from '@amana/core'
import { FILLED_REFERRAL } from '../support/filled-referral.ts'

/** The kind of it. */
export const SAMPLE_KIND = 'victim.referral/1'

/** Who says it to whom, when, under which documents. */
export interface SampleOrigin {
  readonly from: string
  readonly to: string
  readonly context: Context
  /** Seconds since 1970. */
  readonly now: number
  readonly signers: readonly OfficerSigner[]
  readonly random: Random
}

const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const REFERENCE_SYMBOLS = 8

/** Signs a sample as officers do. */
export async function signSample(origin: SampleOrigin): Promise<SignedStatement> {
  const { from, to, context, now, signers, random } = origin
  return signStatement({
    draft: {
      aud: [to],
      context,
      groups: referralOf(random),
      handling: {
        caveats: ['test:data'],
        retainUntil: expectedRetainUntil(SAMPLE_KIND, now),
        tlp: 'AMBER',
      },
      iat: now,
      iss: from,
      kind: SAMPLE_KIND,
    },
    signers,
    random,
  })
}

/** Other symbols, and the check character that they need. */
function referralOf(random: Random): typeof FILLED_REFERRAL {
  const symbols = [...random(REFERENCE_SYMBOLS)]
    .map((byte) => SYMBOLS.charAt(byte % SYMBOLS.length))
    .join('')
  const referral = `NE-ANLTP-26-${symbols}-${referenceCheckCharacter(symbols)}`
  return { ...FILLED_REFERRAL, routing: { ...FILLED_REFERRAL['routing'], referral } }
}
