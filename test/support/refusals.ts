/**
 * What a call refuses with: the code and the details, for tests that compare both.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#refusals
 */
import { isAnyAmanaError } from '@amana/core'

/** A refusal as a test writes it down. */
export interface Refusal {
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>
}

/** The refusal of a call; undefined when it succeeds. What is no error of the table is thrown on. */
export async function refusalOf(call: () => unknown): Promise<Refusal | undefined> {
  try {
    await call()
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return { code: error.code, details: { ...error.details } }
  }
  return undefined
}

/** The code of a call's refusal; undefined when it succeeds. */
export async function codeOf(call: () => unknown): Promise<string | undefined> {
  return (await refusalOf(call))?.code
}
