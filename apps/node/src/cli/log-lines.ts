/**
 * How the log is, in the reader's language: lines of `amana node status`.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#age-of-the-newest-cosignature
 */
import { type NodeStatus } from '../service-views.ts'
import { type Io } from './io.ts'
import { dayOf } from './texts.ts'

const HOUR_SECONDS = 3600

/** What a person must know beside the sizes; nothing while all is well, but how the reading goes. */
export function logLines({ say }: Io, { log }: NodeStatus): readonly string[] {
  const { checking, claimedSize, conflicts, scrub, size, witnessed } = log
  const age =
    witnessed === undefined || witnessed.level === 'fresh'
      ? []
      : [
          say(`node.witnessed.${witnessed.level}`, {
            hours: Math.floor(witnessed.seconds / HOUR_SECONDS),
          }),
        ]
  const claimed =
    claimedSize === undefined ? [] : [say('node.claimed', { claimed: claimedSize, size })]
  const reading = checking === undefined ? [] : [say('audit.checking', { ...checking })]
  return [
    ...age,
    ...claimed,
    ...conflicts.map(({ kind, origin, since, state }) => {
      const what = state === 'conflict' ? kind : state
      return say(`node.conflict.${what}`, { origin, date: dayOf(since) })
    }),
    ...(scrub === undefined ? [] : [say(scrubKey(scrub), { ...scrubValues(scrub) })]),
    ...reading,
  ]
}

type Scrub = NonNullable<NodeStatus['log']['scrub']>

function scrubKey({ endedAt, isWhole }: Scrub): string {
  if (!isWhole) return 'node.scrub.damaged'
  return endedAt === undefined ? 'node.scrub.running' : 'node.scrub.done'
}

function scrubValues({ at, endedAt, startedAt, to }: Scrub): Record<string, string | number> {
  return { read: at, size: to, date: dayOf(endedAt ?? startedAt) }
}
