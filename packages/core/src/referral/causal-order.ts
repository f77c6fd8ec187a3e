/**
 * The order in which statements are read: what a signer knew comes before what she signed, and of two that knew nothing of
 * each other the one that happened first. Two nodes that have the same statements read them in the same order.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#order
 */
import { ReferralPlaceSchema } from '../messages/referral-place.ts'
import { type ReferralStatement } from './statement.ts'

interface Waiting {
  readonly statement: ReferralStatement
  readonly occurredAt: string
  /** Digests of the other agencies' statements that come before. */
  readonly after: ReadonlySet<string>
}

/**
 * The statements, each once. What an agency signed keeps the order in which it came; where it is not known what a
 * statement’s dispatch acknowledged, everything that came before it does.
 */
export function inCausalOrder(
  statements: readonly ReferralStatement[],
): readonly ReferralStatement[] {
  const queues = queuesOf(statements)
  const placed = new Set<string>()
  const ordered: ReferralStatement[] = []
  for (let next = takeNext(queues, placed); next !== undefined; next = takeNext(queues, placed)) {
    placed.add(next.digest)
    ordered.push(next)
  }
  return ordered
}

function queuesOf(statements: readonly ReferralStatement[]): readonly Waiting[][] {
  const queues = new Map<string, Waiting[]>()
  const known = new Map<string, string>()
  for (const statement of statements) {
    if (known.has(statement.digest)) continue
    const agency = agencyOf(statement)
    const others = [...known].filter(([, other]) => other !== agency).map(([digest]) => digest)
    const named = statement.relates.map(({ digest }) => digest)
    const after = new Set<string>([...(statement.acknowledges ?? others), ...named])
    const queue = queues.get(agency) ?? []
    queue.push({ statement, occurredAt: occurredAtOf(statement), after })
    queues.set(agency, queue)
    known.set(statement.digest, agency)
  }
  const digests = new Set(known.keys())
  return [...queues.values()].map((queue) =>
    queue.map((waiting) => ({
      ...waiting,
      after: new Set([...waiting.after].filter((digest) => digests.has(digest))),
    })),
  )
}

/** The first of all heads that wait for nothing; of heads that wait for each other, which nobody honest signs, the first. */
function takeNext(
  queues: readonly Waiting[][],
  placed: ReadonlySet<string>,
): ReferralStatement | undefined {
  const heads = queues.filter(({ length }) => length > 0)
  const free = heads.filter(([head]) => isFree(head, placed))
  const [first] = (free.length > 0 ? free : heads).toSorted(byInstant)
  return first?.shift()?.statement
}

function isFree(head: Waiting | undefined, placed: ReadonlySet<string>): boolean {
  return head !== undefined && [...head.after].every((digest) => placed.has(digest))
}

function byInstant([first]: readonly Waiting[], [second]: readonly Waiting[]): number {
  const [one = '', other = ''] = [first, second].map(
    (head) => `${head?.occurredAt ?? ''} ${head?.statement.digest ?? ''}`,
  )
  return one < other ? -1 : 1
}

function agencyOf({ signers }: ReferralStatement): string {
  return (signers.find(({ act }) => act === 'author') ?? signers[0])?.agency ?? ''
}

/** When it happened; a statement that says so in no group is refused when it is read. */
function occurredAtOf({ groups }: ReferralStatement): string {
  const places = ['body', 'routing'].map((name) => ReferralPlaceSchema.safeParse(groups[name]).data)
  return places.find((place) => place !== undefined)?.occurredAt ?? ''
}
