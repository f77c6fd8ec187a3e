/**
 * Messages for the people who use a node: hand in, list, open for a purpose, show a part to an auditor.
 *
 * @module
 * @spec docs/spec/08-exchange.md#opening-a-message
 */
import { AmanaError, digest as digestOf, parseStatement } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { checkSubmission, type CheckedSubmission } from '../outbox/submission.ts'
import { type WithdrawalPlan } from '../outbox/withdrawal.ts'
import { type StatementRecord } from '../records.ts'
import {
  type MessageSummary,
  type MessageView,
  type NodeServices,
  type ServiceInput,
  type ServiceResults,
} from '../services.ts'
import { answeredDeliveries, answerFor } from '../statements/answers.ts'
import { ExclusiveByKey, InOrder } from '../statements/exclusive.ts'
import { valuesOf } from '../statements/statement-ledger.ts'
import { exportEnvelopeTo } from './envelope-export.ts'
import { exportMessageTo } from './message-export.ts'
import { logOpened, namesOf } from './opened.ts'
import { presentationOf } from './presented.ts'
import { assertStep, referenceOf } from './referral-services.ts'

type MessageServices = Pick<
  NodeServices,
  | 'submit'
  | 'withdraw'
  | 'messages'
  | 'message'
  | 'presentation'
  | 'exportMessage'
  | 'exportEnvelope'
>

/** The methods about messages. */
export function createMessageServices(parts: NodeParts): MessageServices {
  const { agency, clock, ledger, outbox, store, trust } = parts
  /** A step of a referral is judged after those before it were queued; other referrals do not wait for it. */
  const steps = new ExclusiveByKey()
  const checks = new InOrder()
  return {
    submit: async ({ dryRun, ...submission }) => {
      const rules = { agency, trust: trust.view(), ledger, store, now: clock.now() }
      const checked = await checks.run(
        () => checkSubmission(submission, rules),
        async (one) => {
          const take = async (): Promise<void> => {
            await assertStep(parts, one.record)
            await assertDue(parts, one)
            if (!dryRun) await outbox.queue(one)
          }
          const reference = referenceOf(one.record) ?? one.answer?.statement
          await (reference === undefined ? take() : steps.run(reference, take))
          return one
        },
      )
      return { digest: checked.record.digest, queued: !dryRun }
    },
    withdraw: async (asked) => withdraw(parts, asked, steps),
    messages: async ({ limit }) =>
      Promise.all((await ledger.newest(limit)).map((record) => summaryOf(parts, record))),
    message: async ({ digest, purpose }) => {
      const record = await find(parts, digest)
      await logOpened(parts, [record], purpose)
      return viewOf(parts, record)
    },
    presentation: async (asked) => present(parts, asked),
    exportMessage: async ({ digest, ...asked }) =>
      exportMessageTo(parts, await find(parts, digest), asked),
    exportEnvelope: async ({ digest, ...asked }) =>
      exportEnvelopeTo(parts, await find(parts, digest), asked),
  }
}

/** An answer that was checked beside another for the same statement waits for it. @throws WIRE_ANSWER */
async function assertDue({ store }: NodeParts, { answer }: CheckedSubmission): Promise<void> {
  if (answer === undefined) return
  const known = await answerFor(store, answer.statement, answer.desk)
  if (known !== undefined) throw new AmanaError('WIRE_ANSWER', { reason: 'again' })
}

async function present(
  parts: NodeParts,
  { digest, disclose, purpose }: ServiceInput<'presentation'>,
): Promise<ServiceResults['presentation']> {
  const record = await find(parts, digest)
  const presentation = presentationOf(record, disclose)
  const data = {
    ...namesOf(record),
    digest: digestOf(presentation),
    format: 'presentation',
    purpose,
  }
  await parts.audit.commit({
    events: [{ event: 'a.export', actor: 'sys', data }],
    writes: async () => ({ writes: [], events: [] }),
  })
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
  return { digest, withdrawn: !dryRun, ...plan }
}

async function find({ ledger }: NodeParts, digest: string): Promise<StatementRecord> {
  const record = await ledger.find(digest)
  if (record === undefined) throw new AmanaError('CLI_NO_MESSAGE', { digest })
  return record
}

async function summaryOf({ store }: NodeParts, record: StatementRecord): Promise<MessageSummary> {
  const deliveries = await answeredDeliveries(store, record)
  const { content } = parseStatement(record.statement)
  const { aud, handling, iat, iss, kind } = content
  const { digest, withdrawal } = record
  const [own] = deliveries
  const { refusal, state } = own ?? record
  return {
    digest,
    kind,
    from: iss,
    to: aud,
    issuedAt: iat,
    tlp: handling.tlp,
    state,
    desks: deliveries.map(({ dispatch: _env, receipt: _rcpt, ...delivery }) => delivery),
    ...(refusal === undefined ? {} : { refusal }),
    ...(withdrawal === undefined ? {} : { withdrawal }),
  }
}

async function viewOf(parts: NodeParts, record: StatementRecord): Promise<MessageView> {
  const { content } = parseStatement(record.statement)
  const { dispatch, opening, receipt, signers } = record
  return {
    ...(await summaryOf(parts, record)),
    signers: signers.map(({ roles: _roles, ...signer }) => signer),
    groups: valuesOf(record),
    withheld: Object.keys(opening?.withheld ?? {}),
    relates: content.relates ?? [],
    ...(dispatch === undefined ? {} : { dispatch }),
    ...(receipt === undefined ? {} : { receipt }),
  }
}
