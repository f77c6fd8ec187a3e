/**
 * What the fault tests ran: said by each of them, and added up by `pnpm test:faults`.
 *
 * @module
 * @spec docs/spec/12-simulation.md#command
 */
import { appendFileSync } from 'node:fs'
import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** A file where what was run is added up; none where nobody asks. */
    readonly tally: string
  }
}

/** Says how many faults, kills among them, and how many simulated histories a test ran. */
export function ranFaults(
  what: string,
  { faults, histories = 0 }: { readonly faults: number; readonly histories?: number },
): void {
  const played = histories === 0 ? '' : `${String(histories)} histories, `
  process.stdout.write(`${what}: ${played}${String(faults)} faults\n`)
  const tally = inject('tally')
  if (tally !== '') appendFileSync(tally, `${String(histories)} ${String(faults)}\n`)
}
