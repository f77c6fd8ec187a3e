/**
 * A closed loop: so many lanes, each of which begins its next message when the last one is over.
 *
 * @module
 * @spec docs/spec/08-exchange.md#outbox
 */
import { setTimeout } from 'node:timers/promises'
import { ownCpu } from './child.ts'
import { type Load, type Run } from './child-messages.ts'

/** How long what has begun may go on when no more may begin. */
const PATIENCE_MS = 20_000

/** Sends as the load says; `send` resolves when its message is over. What does not end in time counts as unfinished. */
export async function runLanes(
  { count, inFlight, forMs }: Load,
  send: (index: number) => Promise<void>,
): Promise<Run> {
  const latenciesMs: number[] = []
  const { cpuMicros } = ownCpu()
  const start = performance.now()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < count && performance.now() - start < forMs) {
      const index = next
      next += 1
      const since = performance.now()
      await send(index)
      latenciesMs.push(performance.now() - since)
    }
  }
  const over = new AbortController()
  const lanes = Promise.all(Array.from({ length: inFlight }, lane))
  await Promise.race([lanes, patience(forMs + PATIENCE_MS, over.signal)])
  over.abort()
  const elapsedMs = performance.now() - start
  return {
    elapsedMs,
    latenciesMs: [...latenciesMs],
    unfinished: next - latenciesMs.length,
    cpuMicros: ownCpu().cpuMicros - cpuMicros,
  }
}

async function patience(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => undefined)
}
