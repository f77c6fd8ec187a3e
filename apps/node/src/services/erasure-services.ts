/**
 * Erasure for the people who use a node: orders and what became of them, holds, and what has been kept long enough.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#erasure
 */
import { AmanaError, parseStatement } from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { acting, reasonOf } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { type StatementRecord } from '../records.ts'
import { assertMayErase, secondOf } from '../rights/acting.ts'
import { dueNow, type DueGroups } from '../rights/due.ts'
import { erase, type Erasing, type TargetPlan } from '../rights/erasures.ts'
import { allHolds, holdStatements, liftHolds } from '../rights/holds.ts'
import { leafBasisOf, orderOf, orderView, orderViews } from '../rights/orders.ts'
import { isTestData, referenceOfRecord } from '../rights/rights-facts.ts'
import { ERASED_TOGETHER, type ServiceInput } from '../service-inputs.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { groupsHere } from '../statements/erased-groups.ts'

type ErasureServices = Pick<
  NodeServices,
  | 'erasable'
  | 'erasures'
  | 'erasure'
  | 'erase'
  | 'hold'
  | 'holds'
  | 'retain'
  | 'retention'
  | 'unhold'
>

/** The methods about erasure. */
export function createErasureServices(parts: NodeParts): ErasureServices {
  return {
    erasable: async ({ digest }) => {
      const record = await find(parts, digest)
      const { erased = [], peer } = record
      const referral = referenceOfRecord(parts.ledger, record)
      return {
        digest: record.digest,
        erased,
        groups: groupsHere(record),
        isOwn: parseStatement(record.statement).content.iss === parts.agency,
        isTest: isTestData(record),
        peer,
        ...(referral === undefined ? {} : { referral }),
      }
    },
    erasures: async () => orderViews(parts),
    erasure: async ({ order }) => {
      const record = await find(parts, order)
      return orderView(parts, await orderOf(parts, record))
    },
    erase: async (input) =>
      acting(parts, { act: 'erase', method: 'erase', input }, (who) => carryOut(parts, input, who)),
    holds: async () => allHolds(parts.store),
    hold: async (input) =>
      acting(parts, { act: 'hold', method: 'hold', input }, (who) => hold(parts, input, who)),
    unhold: async (input) =>
      acting(parts, { act: 'hold', method: 'unhold', input }, (who) => unhold(parts, input, who)),
    retention: async () => ({ due: await dueNow(parts) }),
    retain: async (input) =>
      acting(parts, { act: 'erase', method: 'retain', input }, (who) => retain(parts, input, who)),
  }
}

/** Carries an order out. Again it changes nothing, and says what was done. */
async function carryOut(
  parts: NodeParts,
  asked: ServiceInput<'erase'>,
  who: Actor,
): Promise<ServiceResults['erase']> {
  assertMayErase(who)
  const second = await secondOf(parts, { input: asked, method: 'erase' }, who)
  const order = await orderOf(parts, await find(parts, asked.order))
  const { digest } = order.record
  const erasing = { basis: leafBasisOf(order), fields: reasonOf(asked), order: digest, second, who }
  const planned = await erase(parts, order.facts.rights.targets, erasing)
  return { erased: countDue(planned), order: await orderView(parts, order) }
}

/** Erases the next of what is due; what is only to be looked at, held or on its way stays. */
async function retain(
  parts: NodeParts,
  asked: ServiceInput<'retain'>,
  who: Actor,
): Promise<ServiceResults['retain']> {
  assertMayErase(who)
  const second = await secondOf(parts, { input: asked, method: 'retain' }, who)
  const due = (await dueNow(parts)).filter(isErasable)
  const next = due.slice(0, ERASED_TOGETHER)
  const erasing: Erasing = { basis: 'retention', fields: reasonOf(asked), second, who }
  const planned = await erase(parts, next, erasing)
  return { erased: countDue(planned), left: due.length - next.length }
}

/** Whether a run erases it. */
function isErasable({ action, kept }: DueGroups): boolean {
  return action === 'erase' && kept === undefined
}

function countDue(planned: readonly TargetPlan[]): number {
  return planned.flatMap(({ groups }) => Object.values(groups)).filter((state) => state === 'due')
    .length
}

async function hold(
  parts: NodeParts,
  asked: ServiceInput<'hold'>,
  who: Actor,
): Promise<ServiceResults['hold']> {
  assertMayErase(who)
  const { about, basis, office, reason, until } = asked
  const { records, scope } = await heldBy(parts, about)
  const setAt = parts.clock.now()
  const held = await holdStatements(parts, records, {
    fields: reasonOf(asked),
    hold: { basis, by: office, reason, scope, setAt, until },
    who,
  })
  return { held, statements: records.map(({ digest }) => digest) }
}

async function unhold(
  parts: NodeParts,
  asked: ServiceInput<'unhold'>,
  who: Actor,
): Promise<ServiceResults['unhold']> {
  assertMayErase(who)
  const { about } = asked
  const { records } = await heldBy(parts, about)
  const lifted = await liftHolds(parts, { about, records }, { fields: reasonOf(asked), who })
  return { lifted }
}

/** The statements of a referral, or the one that a digest names. @throws CLI_NO_MESSAGE */
async function heldBy(
  parts: NodeParts,
  about: string,
): Promise<{
  readonly records: readonly StatementRecord[]
  readonly scope: 'message' | 'referral'
}> {
  const records = await parts.ledger.ofReferral(about)
  if (records.length > 0) return { records, scope: 'referral' }
  return { records: [await find(parts, about)], scope: 'message' }
}

async function find({ ledger }: NodeParts, digest: string): Promise<StatementRecord> {
  const record = await ledger.find(digest)
  if (record === undefined) throw new AmanaError('CLI_NO_MESSAGE', { digest })
  return record
}
