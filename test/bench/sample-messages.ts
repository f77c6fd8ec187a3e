/**
 * What the bench sends: the filled referral, each time of another person, and an intelligence report of about the same
 * size, which belongs to no referral.
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
import { BODIES, type Groups } from '../support/message-bodies.ts'

/** Kinds that the bench sends. */
export type SampleKind = 'victim.referral/1' | 'intel.report/1'

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
export async function signSample(kind: SampleKind, origin: SampleOrigin): Promise<SignedStatement> {
  const { from, to, context, now, signers, random } = origin
  return signStatement({
    draft: {
      aud: [to],
      context,
      groups: kind === 'victim.referral/1' ? referralOf(random) : BODIES[kind],
      handling: {
        caveats: ['test:data'],
        retainUntil: expectedRetainUntil(kind, now),
        tlp: 'AMBER',
      },
      iat: now,
      iss: from,
      kind,
    },
    signers,
    random,
  })
}

/** The filled referral under a reference of its own. */
function referralOf(random: Random): Groups {
  const body = BODIES['victim.referral/1']
  const symbols = [...random(REFERENCE_SYMBOLS)]
    .map((byte) => SYMBOLS.charAt(byte % SYMBOLS.length))
    .join('')
  const referral = `NE-ANLTP-26-${symbols}-${referenceCheckCharacter(symbols)}`
  return { ...body, routing: { ...body['routing'], referral } }
}
