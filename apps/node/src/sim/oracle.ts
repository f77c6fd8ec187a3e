/**
 * What must hold at the end of every history, by the nodes' own logs and the auditor's own verifier.
 *
 * @module
 * @spec docs/spec/12-simulation.md#oracle
 */
import { isAnyAmanaError, type Leaf, parseLeaf } from '@amana/core'
import {
  type BundleVerification,
  type ParsedPolicy,
  readPolicy,
  reconcile,
  verifyBundle,
} from '@amana/verify'
import { type NodeParts } from '../node-parts.ts'
import { bundleOf } from '../services/audit-services.ts'
import { policyText } from '../services/policy-text.ts'
import { attachmentProblems, urgencyProblems, viewProblems } from './oracle-views.ts'
import { MOST_UNREAD_BYTES, type SimNetwork } from './sim-network.ts'
import { type SimNode } from './sim-node.ts'

/** Why a node does not take what an officer hands in: its disk is full. */
const MAY_REFUSE: ReadonlySet<string> = new Set(['STORE_WRITE'])

/** Everything that does not hold. Whether the auditor looks too, who takes as long as the rest, the caller decides. */
export async function judge(
  machines: readonly SimNode[],
  network: SimNetwork,
  isAudited: boolean,
): Promise<readonly string[]> {
  const problems = [...(await endsOf(machines))]
  if (network.mostUnreadBytes > MOST_UNREAD_BYTES) problems.push('more was sent than is allowed')
  if (!isAudited && problems.length === 0) return problems
  for (let index = 0; index < machines.length; index += 2) {
    const [one, other] = [machines[index]?.parts, machines[index + 1]?.parts]
    if (one !== undefined && other !== undefined)
      problems.push(...(await logProblems([one, other])))
  }
  return problems
}

/** What each node did with what it took, and what the other made of it. */
async function endsOf(machines: readonly SimNode[]): Promise<readonly string[]> {
  const problems: string[] = []
  const logs = new Map<SimNode, readonly Leaf[]>()
  for (const machine of machines) logs.set(machine, await leavesOf(machine))
  for (const machine of machines) {
    const other = machines.find(({ agency }) => agency.id === machine.agency.peer)
    problems.push(...(await nodeProblems(machine)))
    if (machine.parts === undefined || other?.parts === undefined) continue
    const [sent, received] = [logs.get(machine) ?? [], logs.get(other) ?? []]
    problems.push(
      ...deliveryProblems(machine, sent, received),
      ...urgencyProblems(machine, sent),
      ...(await viewProblems(machine, other)),
      ...(await attachmentProblems(machine, other, received)),
    )
  }
  return problems
}

/** What one node did with what it took. */
async function nodeProblems(machine: SimNode): Promise<readonly string[]> {
  const { agency, parts, problem = 'no reason', refusals } = machine
  if (parts === undefined) return [`${agency.id} did not open: ${problem}`]
  const refused = refusals
    .filter((code) => !MAY_REFUSE.has(code))
    .map((code) => `${agency.id} did not take a message: ${code}`)
  return [...refused, ...(await wholeness(parts))]
}

async function leavesOf({ parts }: SimNode): Promise<readonly Leaf[]> {
  const leaves = (await parts?.audit.leaves(0, parts.audit.head().size)) ?? []
  return leaves.map((bytes) => parseLeaf(bytes))
}

/** Nothing acknowledged is lost, nothing comes twice, and the order is kept. */
function deliveryProblems(
  machine: SimNode,
  sent: readonly Leaf[],
  received: readonly Leaf[],
): readonly string[] {
  const { accepted, agency, withdrawn } = machine
  const sealed = sent.flatMap((leaf) => (leaf.event === 'x.sealed' ? [placeOf(leaf.data)] : []))
  const arrived = received.flatMap((leaf) =>
    leaf.event === 'x.received' && leaf.data.from === agency.id ? [placeOf(leaf.data)] : [],
  )
  const opened = received.flatMap(openedIn)
  const lost = accepted.filter((digest) => !withdrawn.has(digest) && !opened.includes(digest))
  const twice = [...arrived, ...opened].filter((one, index, all) => all.indexOf(one) !== index)
  const unsent = arrived.filter((place) => !sealed.includes(place))
  const inOrder = sealed.filter((place) => arrived.includes(place))
  return [
    ...lost.map((digest) => `${agency.id} lost ${digest}`),
    ...twice.map((place) => `twice: ${place}`),
    ...unsent.map((place) => `received and not sent: ${place}`),
    ...(inOrder.join() === arrived.join() ? [] : [`${agency.id}: received in another order`]),
    ...overtaken(machine, sent),
  ]
}

/** One statement in one dispatch: what was refused with a void beside it comes again in another. */
function placeOf({ env, std }: { readonly env: string; readonly std: string }): string {
  return `${env} ${std}`
}

function openedIn(leaf: Leaf): readonly string[] {
  return leaf.event === 'x.receipt' && leaf.data.outcome === 'opened' ? [leaf.data.std] : []
}

/** Of one desk, what was durable before another was handed in is sealed before it. */
function overtaken(
  { acceptedMs, agency, submittedMs }: SimNode,
  sent: readonly Leaf[],
): readonly string[] {
  const sealed: readonly string[] = sent.flatMap((leaf) =>
    leaf.event === 'x.sealed' ? [leaf.data.std] : [],
  )
  return [...acceptedMs].flatMap(([first, firstMs]) =>
    [...submittedMs]
      .filter(
        ([second, secondMs]) => firstMs < secondMs && kindOf(sent, first) === kindOf(sent, second),
      )
      .filter(([second]) => sealed.includes(second))
      .filter(([second]) => sealed.indexOf(first) > sealed.indexOf(second))
      .map(([second]) => `${agency.id}: ${second} overtook ${first}`),
  )
}

/** Statements of one kind go to one desk. */
function kindOf(leaves: readonly Leaf[], digest: string): string {
  const leaf = leaves.find((one) => one.event === 'x.sealed' && one.data.std === digest)
  return leaf?.event === 'x.sealed' ? leaf.data.kind : ''
}

/** The node reads its whole log again. */
async function wholeness(parts: NodeParts | undefined): Promise<readonly string[]> {
  try {
    await parts?.audit.verify()
    return []
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return [`log: ${error.code}`]
  }
}

/** The auditor finds that both bundles are right, and that they agree. */
async function logProblems(pair: readonly [NodeParts, NodeParts]): Promise<readonly string[]> {
  try {
    const policy = policyOf(policyText(pair[0]))
    const [first, second] = [await verified(pair[0], policy), await verified(pair[1], policy)]
    const { findings, totals } = reconcile(first, second)
    const all = [...first.findings, ...second.findings, ...findings]
    const { matched, mismatched, received, sent } = totals
    return [
      ...all.filter(({ severity }) => severity === 'fail').map(({ code }) => `verifier: ${code}`),
      ...[first, second].flatMap(({ verdict }) => (verdict === 'verified' ? [] : [verdict])),
      ...(mismatched === 0 && sent === matched && received === matched
        ? []
        : [`${String(sent)} sent, ${String(received)} received, ${String(matched)} matched`]),
    ]
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return [`bundle: ${error.code}`]
  }
}

/** Beyond so many all are forgotten. */
const MOST_POLICIES = 100
/** The digits of a policy cost more than its history: read once for each text. */
const policies = new Map<string, ParsedPolicy>()

function policyOf(text: string): ParsedPolicy {
  const policy = policies.get(text) ?? readPolicy(text)
  if (policies.size >= MOST_POLICIES) policies.clear()
  policies.set(text, policy)
  return policy
}

async function verified(parts: NodeParts, policy: ParsedPolicy): Promise<BundleVerification> {
  const { size } = await parts.witness.newest()
  const bytes = await bundleBytes(parts, size)
  return verifyBundle({ name: `${parts.agency}.bundle.jsonl`, bytes }, policy)
}

async function bundleBytes(parts: NodeParts, size: number): Promise<Uint8Array> {
  const lines: Uint8Array[] = []
  for await (const line of await bundleOf(parts, { classes: ['g', 'w', 'x'], size })) {
    lines.push(new Uint8Array(line))
  }
  return new Uint8Array(Buffer.concat(lines))
}
