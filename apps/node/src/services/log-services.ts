/**
 * The own log and the peer's for the people who use a node: checked, anchored in minutes, and what is held against it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#witnessing
 */
import {
  AmanaError,
  anchorDigits,
  type Checkpoint,
  digest,
  encodeUtf8,
  equalBytes,
  formatAnchor,
  loadRange,
  parseAnchor,
  parseCheckpoint,
  parseNote,
  rootOf,
} from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { acting, type Asked, reasonOf, recordAct } from '../access/recorded.ts'
import { createNodeReader } from '../audit/log-rows.ts'
import { scrubState } from '../audit/scrub.ts'
import { type NodeParts } from '../node-parts.ts'
import { allRecords, RECORDS } from '../records.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type NodeStatus } from '../service-views.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { logOf } from '../witness/log-keys.ts'
import { writeWhole } from './written-file.ts'

type LogServices = Pick<NodeServices, 'anchor' | 'confirmAnchor' | 'exportConflict'>

/** The methods about the heads of both logs. */
export function createLogServices(parts: NodeParts): LogServices {
  return {
    exportConflict: (input) =>
      acting(parts, { act: 'copy', method: 'exportConflict', input }, (who) =>
        exportConflict(parts, input, who),
      ),
    anchor: (input) =>
      acting(parts, { act: 'print', method: 'anchor', input }, async (who) =>
        keepAnchor(parts, await newestHeads(parts), { asked: input, who }),
      ),
    confirmAnchor: (input) =>
      acting(parts, { act: 'print', method: 'confirmAnchor', input }, async (who) =>
        keepAnchor(parts, await headsOf(parts, input.text), { asked: input, who }),
      ),
  }
}

/** What the status of the node says of its log. @throws STORE_DAMAGED */
export async function logStatus(parts: NodeParts): Promise<NodeStatus['log']> {
  const { audit, origin, store, witness } = parts
  const { claimedSize } = witness
  const { checking } = audit
  const [age, scrub] = [await witness.age(), await scrubState(store)]
  return {
    origin,
    size: audit.head().size,
    cosignedSize: (await witness.newest()).size,
    conflicts: await witness.conflicts.list(),
    ...(age === undefined ? {} : { witnessed: age }),
    ...(claimedSize === undefined ? {} : { claimedSize }),
    ...(scrub === undefined ? {} : { scrub }),
    ...(checking === undefined ? {} : { checking }),
  }
}

/** The evidence as its leaf names it. @throws CLI_NO_CONFLICT, CLI_FILE */
async function exportConflict(
  parts: NodeParts,
  asked: ServiceInput<'exportConflict'>,
  who: Actor,
): Promise<ServiceResults['exportConflict']> {
  const { witness } = parts
  const { log, to } = asked
  const conflicts = await witness.conflicts.list()
  const state = conflicts.findLast(({ origin }) => log === undefined || origin === log)
  const evidence = state === undefined ? undefined : await witness.conflicts.evidence(state.origin)
  if (state === undefined || evidence === undefined) throw new AmanaError('CLI_NO_CONFLICT', {})
  await writeWhole(to, async (file) => {
    await file.write(encodeUtf8(evidence))
    const data = { digest: digest(evidence), purpose: 'audit' }
    const leaves = [{ event: 'a.copy' as const, data }]
    await recordAct(parts, { who, leaves, fields: reasonOf(asked) })
    await file.finish()
  })
  return { file: to, log: state.origin, kind: state.kind, digest: digest(evidence) }
}

/** The newest heads that each agency's node cosigned for the other. @throws AUDIT_NOT_WITNESSED, TRUST_NO_CHARTER */
async function newestHeads(parts: NodeParts): Promise<TwoHeads> {
  const { trust, witness } = parts
  const own = await witness.newest()
  const [peer] = await witnessedHeads(parts, logOf(trust.view(), trust.peer()).origin)
  if (own.size === 0 || peer === undefined) {
    const witnesses = own.size === 0 ? 0 : 1
    throw new AmanaError('AUDIT_NOT_WITNESSED', { size: own.size, witnesses, quorum: 2 })
  }
  return [headOf(own.note), peer]
}

/**
 * An anchor that the other agency printed: both heads are in this store, and the digits are theirs.
 *
 * @throws AUDIT_ANCHOR when it is not in its form, AUDIT_ANCHOR_MISMATCH when it is of other heads
 */
async function headsOf(parts: NodeParts, text: string): Promise<TwoHeads> {
  const { digits, heads } = parseAnchor(text)
  const found: Checkpoint[] = []
  for (const head of heads) {
    const known = await knownHead(parts, head.origin, head.size)
    if (known === undefined || !equalBytes(head.root ?? known.root, known.root)) {
      throw new AmanaError('AUDIT_ANCHOR_MISMATCH', { log: head.origin, size: head.size })
    }
    found.push(known)
  }
  const [first, second] = found
  if (first === undefined || second === undefined || anchorDigits(first, second) !== digits) {
    throw new AmanaError('AUDIT_ANCHOR_MISMATCH', { log: heads[0].origin, size: heads[0].size })
  }
  return [first, second]
}

/** A head of the own log at any size; of the peer's, one that this node cosigned. */
async function knownHead(
  parts: NodeParts,
  origin: string,
  size: number,
): Promise<Checkpoint | undefined> {
  if (origin === parts.origin) {
    if (size > parts.audit.head().size) return undefined
    const range = await loadRange(createNodeReader(parts.store), size)
    return { origin, size, root: rootOf(range) }
  }
  return (await witnessedHeads(parts, origin)).find((head) => head.size === size)
}

/** Heads of a log of the peer that this node cosigned, the newest first. */
async function witnessedHeads(
  { store }: NodeParts,
  origin: string,
): Promise<readonly Checkpoint[]> {
  const rows = await allRecords(store, RECORDS.witnessed, {})
  return rows
    .map(({ value }) => headOf(value.note))
    .filter((head) => head.origin === origin)
    .toSorted((a, b) => b.size - a.size)
}

type TwoHeads = readonly [Checkpoint, Checkpoint]

interface AskedAnchor {
  readonly asked: Asked & { readonly minutes?: string }
  readonly who: Actor
}

/** The leaves say what was printed, and who asked for it, before anybody can print it. */
async function keepAnchor(
  parts: NodeParts,
  [first, second]: TwoHeads,
  { asked, who }: AskedAnchor,
): Promise<ServiceResults['anchor']> {
  const { minutes } = asked
  const text = formatAnchor(first, second)
  const ref = minutes === undefined ? {} : { ref: minutes }
  const data = { digest: digest(text), kind: 'minutes', ...ref }
  const printed = { digest: digest(text), purpose: 'audit' }
  await recordAct(parts, {
    who,
    leaves: [{ event: 'a.print', data: printed }],
    fields: reasonOf(asked),
    also: [{ event: 'w.anchor', actor: 'sys', data }],
  })
  return { text, digits: anchorDigits(first, second), digest: digest(text) }
}

function headOf(note: string): Checkpoint {
  return parseCheckpoint(parseNote(note).text)
}
