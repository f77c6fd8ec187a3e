/**
 * Messages for the people who use a node: hand in, list, open for a purpose, show a part to an auditor.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#log-before-act
 */
import { AmanaError, digest as digestOf, parseStatement, type ReferralStep } from '@amana/core'
import { type Actor, NODE_ACTS } from '../access/officers.ts'
import { acting, reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { assertDisclosable, stopDisclosures } from '../outbox/stopped.ts'
import { checkSubmission, type CheckedSubmission } from '../outbox/submission.ts'
import { type WithdrawalPlan } from '../outbox/withdrawal.ts'
import { type StatementRecord } from '../records.ts'
import { assertOwnCorrection } from '../rights/corrections.ts'
import { assertOwnOrder } from '../rights/orders.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type MessageSummary, type MessageView } from '../service-views.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { answeredDeliveries, answerFor } from '../statements/answers.ts'
import { ExclusiveByKey, InOrder } from '../statements/exclusive.ts'
import { stagesOf } from '../statements/stages.ts'
import { shownOpening } from '../statements/at-rest-form.ts'
import { valuesOf, withoutKeys } from '../statements/statement-values.ts'
import { atRestViewOf, factsTold } from './at-rest-view.ts'
import { assertAttached, dropAttachments } from './attachment-services.ts'
import { exportEnvelopeTo } from './envelope-export.ts'
import { exportMessageTo } from './message-export.ts'
import { logListed } from './listed.ts'
import { receiptFacts, receiptViews, stageViews } from './message-stages.ts'
import { logBrokenGlass, logOpened, namesOf } from './opened.ts'
import { hasEnded, overdueRecords } from './overdue.ts'
import { assertOnward } from './onward.ts'
import { presentationIn } from './presented.ts'
import { release, type Releasing } from './release-gate.ts'
import { assertStep, referenceOf } from './referral-services.ts'

type MessageServices = Pick<
  NodeServices,
  | 'submit'
  | 'withdraw'
  | 'messages'
  | 'message'
  | 'stages'
  | 'presentation'
  | 'exportMessage'
  | 'exportEnvelope'
>

/** The methods about messages. */
export function createMessageServices(parts: NodeParts): MessageServices {
  /** A step of a referral is judged after those before it were queued; other referrals do not wait for it. */
  const steps = new ExclusiveByKey()
  return {
    submit: submitting(parts, steps),
    withdraw: async (asked) => withdraw(parts, asked, steps),
    messages: async (input) =>
      acting(parts, { act: 'list', method: 'messages', input }, (who) =>
        listMessages(parts, input, who),
      ),
    message: async (input) =>
      acting(parts, { act: 'open', method: 'message', input }, async (who) => {
        const record = await find(parts, input.digest)
        if (input.breakGlass === true) {
          const review = await logBrokenGlass(parts, record, { asked: input, who })
          return { ...(await viewOf(parts, record, who)), review }
        }
        await logOpened(parts, [record], { asked: input, who })
        return viewOf(parts, record, who)
      }),
    stages: async ({ digest }) => receiptFacts(parts, await find(parts, digest)),
    presentation: async (input) =>
      acting(parts, { act: 'export', method: 'presentation', input }, (who) =>
        present(parts, input, who),
      ),
    exportMessage: async (input) =>
      acting(parts, { act: 'export', method: 'exportMessage', input }, async (who) =>
        exportMessageTo(parts, await find(parts, input.digest), { asked: input, who }),
      ),
    exportEnvelope: async (input) =>
      acting(parts, { act: 'export', method: 'exportEnvelope', input }, async (who) =>
        exportEnvelopeTo(parts, await find(parts, input.digest), { asked: input, who }),
      ),
  }
}

/** The newest, or those that wait too long; the leaf is durable before the list is shown. */
async function listMessages(
  parts: NodeParts,
  asked: ServiceInput<'messages'>,
  who: Actor,
): Promise<ServiceResults['messages']> {
  const { limit, overdue } = asked
  const hours = overdue?.hours
  const late = overdue === undefined ? undefined : await overdueRecords(parts, { hours, limit })
  const records = late?.map(({ record }) => record) ?? (await parts.ledger.newest(limit))
  const summaries = await Promise.all(records.map((record) => summaryOf(parts, record)))
  const listed = summaries.map((summary, at) => {
    const awaited = late?.[at]?.awaited
    return awaited === undefined ? summary : { ...summary, awaited }
  })
  const query = late === undefined ? {} : { query: `overdue ${String(hours ?? 'by urgency')}` }
  await logListed(parts, { asked, who, what: 'messages', count: listed.length, ...query })
  return listed
}

function submitting(parts: NodeParts, steps: ExclusiveByKey): MessageServices['submit'] {
  const checks = new InOrder()
  const submitBy = async (
    asked: ServiceInput<'submit'>,
    who: Actor,
  ): Promise<ServiceResults['submit']> => {
    const { dryRun, ...submission } = asked
    const { agency, clock, ledger, store, trust } = parts
    const rules = { agency, trust: trust.view(), ledger, store, now: clock.now() }
    const taken = await checks.run(
      async () => {
        const one = await checkSubmission(submission, rules)
        if (!dryRun) await assertAttached(parts, one.record)
        return one
      },
      async (one) => {
        const said = one.answer ?? one.stage
        const reference = referenceOf(one.record) ?? said?.statement
        const take = async (): Promise<ReferralStep | undefined> =>
          taking(parts, one, { asked, who })
        const step = await (reference === undefined ? take() : steps.run(reference, take))
        return { digest: one.record.digest, ...(step === undefined ? {} : { step }) }
      },
    )
    return { ...taken, queued: !dryRun }
  }
  /** What nobody accepts is no act of an officer beside his signature under the statement. */
  return async (input) =>
    input.accepts === undefined
      ? submitBy(input, NODE_ACTS)
      : acting(parts, { act: 'release', method: 'submit', input }, async (who) =>
          submitBy(input, who),
        )
}

/** Everything that may refuse it, then the queue. */
async function taking(
  parts: NodeParts,
  one: CheckedSubmission,
  releasing: Releasing,
): Promise<ReferralStep | undefined> {
  const { ledger, outbox, store, trust } = parts
  const stops = { ledger, store, trust: () => trust.view() }
  const step = await assertStep(parts, one.record)
  await assertOwnOrder(parts, one.record)
  await assertOwnCorrection(parts, one.record)
  await assertDisclosable(stops, one)
  await assertDue(parts, one)
  await release(parts, one, releasing)
  if (releasing.asked.dryRun) return step
  await stopDisclosures(stops, outbox, one.record)
  await outbox.queue(one)
  return step
}

/** An answer or receipt that was checked beside another for the same statement waits for it. @throws WIRE_ANSWER, WIRE_STAGE */
async function assertDue(
  { store }: NodeParts,
  { answer, stage }: CheckedSubmission,
): Promise<void> {
  if (stage !== undefined) {
    const { [stage.stage]: said } = await stagesOf(store, stage.statement)
    if (said !== undefined && said.isStep !== true) {
      throw new AmanaError('WIRE_STAGE', { reason: 'again' })
    }
  }
  if (answer === undefined) return
  const known = await answerFor(store, answer.statement, answer.desk)
  if (known !== undefined) throw new AmanaError('WIRE_ANSWER', { reason: 'again' })
}

async function present(
  parts: NodeParts,
  asked: ServiceInput<'presentation'>,
  who: Actor,
): Promise<ServiceResults['presentation']> {
  const { digest, purpose } = asked
  const found = await find(parts, digest)
  assertOnward(found, purpose)
  const presentation = presentationIn(found, asked)
  const data = {
    ...namesOf(found),
    digest: digestOf(presentation),
    format: 'presentation',
    purpose,
  }
  await recordAct(parts, { who, leaves: [{ event: 'a.export', data }], fields: reasonOf(asked) })
  return { presentation }
}

/** Judged and taken back in the order in which steps of the same referral are queued. */
async function withdraw(
  parts: NodeParts,
  { digest: asked, dryRun, reason }: ServiceInput<'withdraw'>,
  steps: ExclusiveByKey,
): Promise<ServiceResults['withdraw']> {
  const record = await find(parts, asked)
  const { digest } = record
  const take = async (): Promise<WithdrawalPlan> =>
    dryRun ? parts.outbox.withdrawal(digest) : parts.outbox.withdraw(digest, reason)
  const reference = referenceOf(record)
  const plan = await (reference === undefined ? take() : steps.run(reference, take))
  if (!dryRun) await dropAttachments(parts, record)
  return { digest, withdrawn: !dryRun, ...plan }
}

async function find({ ledger }: NodeParts, digest: string): Promise<StatementRecord> {
  const record = await ledger.find(digest)
  if (record === undefined) throw new AmanaError('CLI_NO_MESSAGE', { digest })
  return record
}

async function summaryOf(parts: NodeParts, record: StatementRecord): Promise<MessageSummary> {
  const { clock, store } = parts
  const deliveries = await answeredDeliveries(store, record)
  const { content } = parseStatement(record.statement)
  const { aud, handling, iat, iss, kind } = content
  const { digest, withdrawal } = record
  const [own] = deliveries
  const { refusal, state } = own ?? record
  const isWaiting = state === 'queued' || state === 'sent'
  return {
    digest,
    kind,
    from: iss,
    to: aud,
    issuedAt: iat,
    tlp: handling.tlp,
    state,
    desks: deliveries.map(({ dispatch: _env, receipt: _rcpt, ...delivery }) => delivery),
    stages: await stageViews(parts, record),
    ...(refusal === undefined ? {} : { refusal }),
    ...(withdrawal === undefined ? {} : { withdrawal }),
    ...(isWaiting && hasEnded(record, clock.now()) ? { ended: true } : {}),
  }
}

/** What never came here; what was destroyed here is told apart. */
function withheldIn({ atRest, erased = [], opening }: StatementRecord): readonly string[] {
  const names = Object.keys(atRest?.withheld ?? opening?.withheld ?? {})
  return names.filter((name) => !erased.includes(name))
}

async function viewOf(parts: NodeParts, record: StatementRecord, who: Actor): Promise<MessageView> {
  const { content } = parseStatement(record.statement)
  const { dispatch, receipt, signers } = record
  const facts = factsTold(record)
  const opening = shownOpening(record)
  const atRest = await atRestViewOf(parts, record, who)
  return {
    ...(await summaryOf(parts, record)),
    signers: signers.map(({ roles: _roles, ...signer }) => signer),
    groups: withoutKeys(valuesOf({ opening })),
    withheld: withheldIn(record),
    ...(record.erased === undefined ? {} : { erased: record.erased }),
    ...(atRest === undefined ? {} : { atRest }),
    ...(facts === undefined ? {} : { facts }),
    relates: content.relates ?? [],
    receipts: await receiptViews(parts, record),
    ...(dispatch === undefined ? {} : { dispatch }),
    ...(receipt === undefined ? {} : { receipt }),
  }
}
