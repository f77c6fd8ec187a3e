/**
 * An audit log in memory with every class of event, for tests of proofs, bundles and tiles.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import {
  createCursor,
  digest,
  type LogCursor,
  type NewEvent,
  nextLeaves,
  type NextLeaves,
  type NodeReader,
  type PlacedLeaf,
  rootOf,
  sealLog,
} from '@amana/core'

/** The log's name. */
export const LOG = 'ng.naptip/amana/audit/1'

/** Half a second after noon, somewhere in the pilot. */
export const START_MS = 1_795_348_800_500

/** A log and readers of it. */
export interface BuiltLog {
  readonly size: number
  readonly root: Uint8Array
  readonly cursor: LogCursor
  readonly leaves: readonly PlacedLeaf[]
  readonly readNode: NodeReader
  readonly readLeaves: (from: number, to: number) => Promise<readonly Uint8Array[]>
}

/** A log of exactly `size` leaves, two at least; the last one is a seal. */
export function buildLog(size: number): BuiltLog {
  const events = [genesisEvent(), ...Array.from({ length: size - 2 }, (_, n) => eventOf(n))]
  const body = nextLeaves(createCursor(LOG), events, START_MS)
  const sealed = sealLog(body.cursor, 1, START_MS + 1000)
  return readersOf([body, sealed], sealed.cursor)
}

/** The first leaf of a log. */
export function genesisEvent(): NewEvent {
  const keys = [`${LOG}+00000000+AQAA`]
  return { event: 'g.genesis', actor: 'sys', data: { agency: 'ng.naptip', keys } }
}

/** One of five events, in turn. */
export function eventOf(n: number): NewEvent {
  const env = digest(`dispatch ${String(n)}`)
  const std = digest(`statement ${String(n)}`)
  const to = 'ne.anltp-tim'
  const events = [
    { event: 'x.sealed', actor: 'sys', data: { env, kind: 'victim.referral/1', std, to } },
    { event: 'x.sent', actor: 'sys', data: { env, to, try: 1 } },
    {
      event: 'a.open',
      actor: 'u_8Jx2kq0ZbYw3tQmN',
      data: { bg: false, env, purpose: 'referral', std },
    },
    { event: 'x.received', actor: 'sys', data: { env, from: to, osig: digest('o'), std } },
    { event: 'w.pad', actor: 'sys', data: {} },
  ]
  return events[n % events.length] ?? genesisEvent()
}

function readersOf(parts: readonly NextLeaves[], cursor: LogCursor): BuiltLog {
  const leaves = parts.flatMap((part) => part.leaves)
  const nodes = new Map(
    parts
      .flatMap((part) => part.nodes)
      .map(({ level, index, hash }) => [`${level}/${index}`, hash]),
  )
  return {
    size: leaves.length,
    root: rootOf(cursor.range),
    cursor,
    leaves,
    readNode: (level, index) => {
      const hash = level === 0 ? leaves[index]?.hash : nodes.get(`${level}/${index}`)
      if (hash === undefined) throw new Error(`no node ${String(level)}/${String(index)}`)
      return hash
    },
    readLeaves: (from, to) => Promise.resolve(leaves.slice(from, to).map((leaf) => leaf.bytes)),
  }
}
