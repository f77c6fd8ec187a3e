/**
 * Every error Amana raises, in one table: what the caller may do about it, and what it says in English and French.
 * The rows stand in one file an area, under `errors/`; this file joins them.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { AUDIT_ERRORS } from './errors/audit.ts'
import { CLI_ERRORS } from './errors/cli.ts'
import { CLI_REFERRAL_ERRORS } from './errors/cli-referral.ts'
import { HANDOVER_ERRORS } from './errors/handover.ts'
import { NET_ERRORS } from './errors/net.ts'
import { REFERRAL_ERRORS } from './errors/referral.ts'
import { RIGHTS_ERRORS } from './errors/rights.ts'
import { STORE_ERRORS } from './errors/store.ts'
import { TRUST_ERRORS } from './errors/trust.ts'
import { VERIFY_ERRORS } from './errors/verify.ts'
import { type ErrorRow } from './errors/row.ts'
import { WIRE_ATTACHMENT_ERRORS } from './errors/wire-attachment.ts'
import { WIRE_CHANNEL_ERRORS } from './errors/wire-channel.ts'
import { WIRE_ERRORS } from './errors/wire.ts'

const TABLE = {
  ...WIRE_ERRORS,
  ...WIRE_ATTACHMENT_ERRORS,
  ...WIRE_CHANNEL_ERRORS,
  ...TRUST_ERRORS,
  ...AUDIT_ERRORS,
  ...STORE_ERRORS,
  ...NET_ERRORS,
  ...REFERRAL_ERRORS,
  ...HANDOVER_ERRORS,
  ...RIGHTS_ERRORS,
  ...CLI_ERRORS,
  ...CLI_REFERRAL_ERRORS,
  ...VERIFY_ERRORS,
}

/** A code of the table. */
export type ErrorCode = keyof typeof TABLE

type DetailsTable = {
  readonly [C in ErrorCode]: (typeof TABLE)[C] extends ErrorRow<infer D> ? D : never
}

/** What a code carries. */
export type ErrorDetails<C extends ErrorCode> = DetailsTable[C]

/** The one table. */
export const ERRORS: { readonly [C in ErrorCode]: ErrorRow<DetailsTable[C]> } = TABLE

/** The only error class that leaves an Amana package. Branch on `code`; never on the message. */
export class AmanaError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'AmanaError'
  readonly code: C
  readonly details: ErrorDetails<C>

  constructor(code: C, details: ErrorDetails<C>, options?: ErrorOptions) {
    super(sentence(code, details, 'en'), options)
    this.code = code
    this.details = details
  }

  /** What happened, in the reader's language. */
  in(language: 'en' | 'fr'): string {
    return sentence(this.code, this.details, language)
  }

  /** What to do now, in the reader's language. */
  hint(language: 'en' | 'fr'): string {
    return language === 'en' ? ERRORS[this.code].hintEn : ERRORS[this.code].hintFr
  }
}

/** Narrows by code, across bundles and workers, where `instanceof` would not. */
export function isAmanaError<C extends ErrorCode>(error: unknown, code: C): error is AmanaError<C> {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Whether a thrown value is one of ours, of any code. */
export function isAnyAmanaError(error: unknown): error is AmanaError {
  return error instanceof AmanaError
}

/**
 * The error that another process of this project reported by code and details.
 *
 * @throws nothing; an unknown code, and details that its sentence cannot say, give `CLI_UNEXPECTED`
 */
export function reviveError(code: string, details: unknown): AmanaError {
  if (!isErrorCode(code) || !isDetails(code, details) || !canBeSaid(code, details)) {
    return new AmanaError('CLI_UNEXPECTED', { what: code })
  }
  return new AmanaError(code, details)
}

/** Whoever listens at the socket, an error of the table must come of it that can be printed. */
function canBeSaid<C extends ErrorCode>(code: C, details: ErrorDetails<C>): boolean {
  try {
    return sentence(code, details, 'en') !== '' && sentence(code, details, 'fr') !== ''
  } catch {
    return false
  }
}

/** The exit status of a command that ends with this error. */
export function exitStatusOf(code: ErrorCode): number {
  return ERRORS[code].exit
}

/** Whether the table has a row of that name. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}

/** The other process is this same program: the code says which members the details have. */
function isDetails<C extends ErrorCode>(_code: C, details: unknown): details is ErrorDetails<C> {
  return typeof details === 'object' && details !== null
}

function sentence<C extends ErrorCode>(
  code: C,
  details: ErrorDetails<C>,
  language: 'en' | 'fr',
): string {
  return ERRORS[code][language](details)
}
