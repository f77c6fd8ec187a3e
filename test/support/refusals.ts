/**
 * What a call refuses with: the code and the details, for tests that compare both.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#refusals
 */
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
    if (!isRefusal(error)) throw error
    return { code: error.code, details: { ...error.details } }
  }
  return undefined
}

/** The refusal of a row whose code may be absent, where the row is accepted. */
export function refusalWith(
  code: string | undefined,
  details: Refusal['details'],
): Refusal | undefined {
  return code === undefined ? undefined : { code, details }
}

/** The code of a call's refusal; undefined when it succeeds. */
export async function codeOf(call: () => unknown): Promise<string | undefined> {
  return (await refusalOf(call))?.code
}

/** By its shape: a test of bytes need not load all of core to name a refusal. */
function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && error.name === 'AmanaError' && 'code' in error
}
