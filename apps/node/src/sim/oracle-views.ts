/**
 * What must hold at the end of every history of what the officers of both sides are shown: the same of each statement, the
 * urgent before the rest, and files that are whole.
 *
 * @module
 * @spec docs/spec/12-simulation.md#oracle
 */
import { isAnyAmanaError, type Leaf } from '@amana/core'
import { type SimNode } from './sim-node.ts'

/** What was durable so long before another was sealed could have been sealed in its place. */
const IN_TIME_MS = 500
/** Kinds of which lives hang on the first and nobody waits for the second. */
const URGENT = 'referral.event/1'
const ROUTINE = 'jtwg.minutes/1'

interface Sealing {
  readonly std: string
  readonly kind: string
  /** The place of its dispatch in the channel. */
  readonly place: number
}

/** An urgent statement that was durable when a routine one was sealed was sealed before it. */
export function urgencyProblems(machine: SimNode, sent: readonly Leaf[]): readonly string[] {
  const { acceptedMs, agency, sealedMs, withdrawn } = machine
  const sealings = sealingsIn(sent)
  return sealings
    .filter(({ kind }) => kind === ROUTINE)
    .flatMap(({ place, std: routine }) => {
      const atMs = sealedMs.get(place) ?? 0
      return [...acceptedMs]
        .filter(([std, since]) => since + IN_TIME_MS < atMs && !withdrawn.has(std))
        .filter(([std]) => isUrgentAfter(sealings, std, place))
        .map(([std]) => `${agency.id}: urgent ${std} waited for ${routine}`)
    })
}

/** Whether it is urgent and was sealed, and for the first time after that place. */
function isUrgentAfter(sealings: readonly Sealing[], std: string, place: number): boolean {
  const first = sealings.find((one) => one.std === std)
  return first?.kind === URGENT && first.place > place
}

function sealingsIn(sent: readonly Leaf[]): readonly Sealing[] {
  const places = new Map<string, number>()
  return sent.flatMap((leaf) => {
    if (leaf.event !== 'x.sealed') return []
    const { env, kind, std } = leaf.data
    if (!places.has(env)) places.set(env, places.size + 1)
    return [{ std, kind, place: places.get(env) ?? 0 }]
  })
}

/** States of a statement of which its sender says that the other side has not opened it. */
const NOT_OPENED: ReadonlySet<string> = new Set(['queued', 'sent', 'refused', 'withdrawn'])

/** Both sides say the same of each statement, also of one that was taken back. */
export async function viewProblems(machine: SimNode, other: SimNode): Promise<readonly string[]> {
  const problems: string[] = []
  for (const digest of machine.accepted) {
    const sent = (await machine.parts?.ledger.get(digest))?.state ?? 'unknown'
    const received = (await other.parts?.ledger.get(digest))?.state
    const isOpened = received !== undefined && received !== 'refused'
    if (NOT_OPENED.has(sent) === isOpened) {
      problems.push(
        `${machine.agency.id}: ${digest} is ${sent} here, ${received ?? 'unknown'} there`,
      )
    }
  }
  return problems
}

/** Each file of a statement that was opened is said once to be here, and is. */
export async function attachmentProblems(
  machine: SimNode,
  other: SimNode,
  received: readonly Leaf[],
): Promise<readonly string[]> {
  const problems: string[] = []
  for (const [std, file] of machine.agency.attached) {
    if (!isOpenedIn(received, std)) continue
    const released = received.filter(
      (leaf) =>
        leaf.event === 'x.attached' && leaf.data.std === std && leaf.data.att === file.digest,
    ).length
    if (released !== 1) problems.push(`attachment of ${std} released ${String(released)} times`)
    try {
      await other.parts?.blobs.assertWhole(file.digest, file.length)
    } catch (error) {
      if (!isAnyAmanaError(error)) throw error
      problems.push(`attachment of ${std} is not whole`)
    }
  }
  return problems
}

function isOpenedIn(received: readonly Leaf[], std: string): boolean {
  return received.some(
    (leaf) => leaf.event === 'x.receipt' && leaf.data.outcome === 'opened' && leaf.data.std === std,
  )
}
