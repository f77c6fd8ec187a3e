/**
 * What the bench sends: the filled referral, each time under another reference; and shorter messages.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#victimreferral1
 */
import {
  type Context,
  expectedRetainUntil,
  type Json,
  type OfficerSigner,
  type Random,
  referenceCheckCharacter,
  type SignedStatement,
  signStatement,
} from '@amana/core'
import { z } from 'zod'
import { FILLED_REFERRAL } from '../support/filled-referral.ts'
import { BODIES } from '../support/message-bodies.ts'

/** A message as the bench sends it. */
export interface BenchSample {
  readonly kind: string
  /** Of the receiver. */
  readonly desk: string
  readonly groups: Readonly<Record<string, Readonly<Record<string, Json>>>>
}

/** The filled referral. */
export const FILLED: BenchSample = {
  kind: 'victim.referral/1',
  desk: 'protection',
  groups: FILLED_REFERRAL,
}

/** Of the filled referral what makes 2.4 KB of plain JSON: the other groups are empty. */
export const SHORT_REFERRAL: BenchSample = {
  ...FILLED,
  groups: {
    ...FILLED_REFERRAL,
    child: {},
    contact: {},
    exploitation: {},
    health: {},
    needs: {},
    risk: {},
  },
}

const REPORT = BODIES['intel.report/1']['body']

/** A report of 2.4 KB: a kind of one group. */
export const SHORT_REPORT: BenchSample = {
  kind: 'intel.report/1',
  desk: 'intelligence',
  groups: { body: { ...REPORT, statements: firstOf(REPORT?.['statements']) } },
}

function firstOf(value: Json | undefined): Json[] {
  return z.array(z.json()).parse(value).slice(0, 1)
}

/** Who says it to whom, when, under which documents. */
export interface SampleOrigin {
  readonly from: string
  readonly to: string
  readonly context: Context
  /** Seconds since 1970. */
  readonly now: number
  readonly signers: readonly OfficerSigner[]
  readonly random: Random
  /** The filled referral where nothing is said. */
  readonly sample?: BenchSample
}

const SYMBOLS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const REFERENCE_SYMBOLS = 8

/** Signs a sample as officers do. */
export async function signSample(origin: SampleOrigin): Promise<SignedStatement> {
  const { from, to, context, sample = FILLED, now, signers, random } = origin
  const { kind } = sample
  return signStatement({
    draft: {
      aud: [to],
      context,
      groups: othersOf(random, sample),
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

/** A referral with other symbols, and the check character that they need. */
function othersOf(random: Random, { groups, kind }: BenchSample): BenchSample['groups'] {
  if (kind !== FILLED.kind) return groups
  const symbols = [...random(REFERENCE_SYMBOLS)]
    .map((byte) => SYMBOLS.charAt(byte % SYMBOLS.length))
    .join('')
  const referral = `NE-ANLTP-26-${symbols}-${referenceCheckCharacter(symbols)}`
  return { ...groups, routing: { ...groups['routing'], referral } }
}
