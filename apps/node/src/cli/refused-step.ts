/**
 * A step that the referral does not allow, told to the officer who signs it: each condition in words, and what to do.
 *
 * @module
 * @spec docs/spec/08-exchange.md#acts-of-a-referral
 */
import { isAmanaError } from '@amana/core'
import { type Io } from './io.ts'

/** Does what it is given; why a step is refused is said before the error. @throws what `step` throws */
export async function tellingWhy<T>(io: Io, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (isAmanaError(error, 'REFERRAL_REFUSED')) {
      for (const line of missingLines(io, error.details.reasons)) io.talk(line)
    }
    throw error
  }
}

/** Two lines a reason: what is missing, and what to do. */
export function missingLines(
  { say }: Pick<Io, 'say'>,
  reasons: readonly string[],
): readonly string[] {
  return reasons.flatMap((reason) => [
    `  ✗ ${say(`referral:reason.${reason}`)}`,
    `    → ${say(`acts:todo.${reason}`)}`,
  ])
}
