/**
 * What the node knows of statements about a person’s rights without an officer: references, codes, instants, digests.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#derived-facts
 */
import { parseStatement, referralReferenceOf } from '@amana/core'
import { z } from 'zod'
import { type StatementLedger } from '../statements/statement-ledger.ts'
import { type StatementRecord } from '../records.ts'

const Text = z.string()
const Routing = z.object({ referral: Text })
const TargetsSchema = z.array(z.object({ groups: z.array(Text), statement: Text }))

const ErasureSchema = z.object({
  routing: Routing.extend({ occurredAt: Text }),
  rights: z.object({
    act: z.enum(['request', 'attestation']),
    action: Text,
    basis: z.enum(['retention_end', 'request', 'sent_in_error', 'court']),
    executedAt: z.exactOptional(Text),
    holds: z.exactOptional(z.array(z.object({ by: Text, until: Text }))),
    proof: z.exactOptional(Text),
    targets: TargetsSchema,
  }),
})
const CorrectionSchema = z.object({
  routing: Routing.extend({
    act: z.enum(['proposal', 'accepted', 'refused', 'applied']),
    occurredAt: Text,
  }),
  rights: z.object({
    targets: z.array(z.object({ group: Text, member: Text, statement: Text })),
  }),
})
const RequestSchema = z.object({
  routing: Routing.extend({ channel: Text, dueAt: Text, receivedAt: Text, type: Text }),
  rights: z.object({ codeWordChecked: Text, requester: Text }),
})
const AnswerSchema = z.object({
  routing: Routing.extend({ answeredAt: Text }),
  rights: z.object({ decision: Text }),
})
const BreachSchema = z.object({
  body: z.object({
    authorityNotifiedAt: z.exactOptional(Text),
    awareAt: Text,
    breach: Text,
    personsInformedAt: z.exactOptional(Text),
    severity: Text,
  }),
})

interface FactsByKind {
  readonly 'rights.answer/1': z.output<typeof AnswerSchema>
  readonly 'rights.breach/1': z.output<typeof BreachSchema>
  readonly 'rights.correction/1': z.output<typeof CorrectionSchema>
  readonly 'rights.erasure/1': z.output<typeof ErasureSchema>
  readonly 'rights.request/1': z.output<typeof RequestSchema>
}

/** A kind about a person’s rights. */
export type RightsKind = keyof FactsByKind

const FACTS: { readonly [K in RightsKind]: z.ZodType<FactsByKind[K]> } = {
  'rights.answer/1': AnswerSchema,
  'rights.breach/1': BreachSchema,
  'rights.correction/1': CorrectionSchema,
  'rights.erasure/1': ErasureSchema,
  'rights.request/1': RequestSchema,
}

/** A statement about rights, and what the node knows of it. */
export interface Said<K extends RightsKind> {
  readonly record: StatementRecord
  readonly facts: FactsByKind[K]
  /** The agency whose officer signed it. */
  readonly from: string
  /** What it answers. */
  readonly answers: readonly string[]
  /** Seconds since 1970. */
  readonly issuedAt: number
}

/** Statements that were refused here say nothing. */
const UNHEARD: ReadonlySet<string> = new Set(['refused', 'stored', 'withdrawn'])

/** What a statement of a kind says; nothing where it is of another one, was refused, or its facts were erased. */
export function saidIn<K extends RightsKind>(
  ledger: StatementLedger,
  kind: K,
  record: StatementRecord,
): Said<K> | undefined {
  const { content } = parseStatement(record.statement)
  const isHeard = record.direction === 'out' || !UNHEARD.has(record.state)
  if (content.kind !== kind || !isHeard) return undefined
  const facts = FACTS[kind].safeParse(ledger.factsOf(record)).data
  if (facts === undefined) return undefined
  const answers = (content.relates ?? []).filter(({ relation }) => relation === 'answers')
  return {
    answers: answers.map(({ digest }) => digest),
    facts,
    from: content.iss,
    issuedAt: content.iat,
    record,
  }
}

/** Every statement of a kind that says something, oldest first. @throws STORE_DAMAGED */
export async function allSaid<K extends RightsKind>(
  ledger: StatementLedger,
  kind: K,
): Promise<readonly Said<K>[]> {
  const records = await ledger.rights()
  return records.flatMap((record) => saidIn(ledger, kind, record) ?? [])
}

const PlacedSchema = z.object({ routing: Routing })

/** The referral that a statement is about, also where it is about a person’s rights. */
export function referenceOfRecord(
  ledger: StatementLedger,
  record: StatementRecord,
): string | undefined {
  const { kind } = parseStatement(record.statement).content
  const facts = ledger.factsOf(record)
  const placed = PlacedSchema.safeParse(facts).data
  return referralReferenceOf(kind, facts) ?? placed?.routing.referral
}

/** Whether a message belongs to an exercise. */
export function isTestData({ statement }: StatementRecord): boolean {
  return parseStatement(statement).content.handling.caveats.includes('test:data')
}

/** Seconds since 1970 of an instant or a day of a message. */
export function secondsOf(instant: string): number {
  return Math.floor(Date.parse(instant) / 1000)
}
