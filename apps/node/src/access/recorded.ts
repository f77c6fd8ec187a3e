/**
 * Log before act: what somebody looks at, takes away or is refused is a durable leaf before anything comes of it.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#log-before-act
 */
import {
  type ACTS,
  COUNT_BUCKETS,
  type EventName,
  isAnyAmanaError,
  type LeafField,
  type PURPOSES,
  type Random,
  requestDigest,
} from '@amana/core'
import { z } from 'zod'
import { type AppendedLeaf, type AuditEvent, type AuditWriter, type StoreWrite } from '../ports.ts'
import { discloseFields, disclosureWrites } from './disclosures.ts'
import { type Actor, NODE_ACTS, type Officers } from './officers.ts'
import { type YearKeyring } from './year-keys.ts'

/** One of the closed list. */
export type Act = (typeof ACTS)[number]
/** Why somebody asks. */
export type Purpose = (typeof PURPOSES)[number]

/** What records of access are made with. */
export interface AccessParts {
  readonly audit: AuditWriter
  readonly officers: Officers
  readonly years: YearKeyring
  readonly random: Random
}

/** A leaf of access that is to be written. */
export interface AccessLeaf {
  readonly event: EventName
  readonly data: Readonly<Record<string, unknown>>
}

const RequestSchema = z.record(z.string(), z.json())

/** Who does what, for the leaves of one act. */
export interface Recorded {
  readonly who: Actor
  readonly leaves: readonly AccessLeaf[]
  /** Free text about all of them; it lies outside the log. */
  readonly fields?: readonly LeafField[]
  /** Leaves of the same batch that are about the act and not by its officer. */
  readonly also?: readonly AuditEvent[]
  /** Rows of the same batch. */
  readonly writes?: (leaves: readonly AppendedLeaf[]) => readonly StoreWrite[]
}

/** Writes the leaves of an act; they are durable when this returns. @throws STORE_WRITE, AUDIT_DISCLOSURE */
export async function recordAct(
  { audit, random, years }: AccessParts,
  { also = [], fields = [], leaves, who, writes }: Recorded,
): Promise<readonly AppendedLeaf[]> {
  const all = [...who.fields, ...fields]
  const disclosed = leaves.map(({ event }) => discloseFields(event, all, random))
  const keys = all.length === 0 ? undefined : await years.current()
  const events = leaves.map(({ data, event }, at) => ({
    event,
    actor: who.actor,
    data,
    sd: (disclosed[at] ?? []).map(({ digest }) => digest),
  }))
  return audit.commit({
    events,
    writes: async (placed) => {
      const kept = placed.map(async ({ index }, at) =>
        keys === undefined ? [] : disclosureWrites(index, disclosed[at] ?? [], { keys, random }),
      )
      return {
        writes: [...(await Promise.all(kept)).flat(), ...(writes?.(placed) ?? [])],
        events: also,
      }
    },
  })
}

/** What a method was asked, with an officer's signature over all the rest where there is one. */
export interface Asked {
  readonly by?: unknown
  readonly purpose?: Purpose
  readonly reason?: string
}

/** Which act a call is. */
export interface AskedAct<I extends Asked> {
  readonly act: Act
  /** Of the control socket. */
  readonly method: string
  readonly input: I
  /** Of what it is about, where that is known. */
  readonly names?: Readonly<Record<string, string>>
}

/**
 * Finds out who asks and lets `step` do what it has to; a refusal of either is a leaf too.
 *
 * @throws what `step` throws, and as `Officers.of`
 */
export async function acting<I extends Asked & { readonly [member: string]: unknown }, T>(
  parts: AccessParts,
  { act, input, method, names = {} }: AskedAct<I>,
  step: (who: Actor) => Promise<T>,
): Promise<T> {
  let who = NODE_ACTS
  try {
    const { by, ...asked } = input
    if (by !== undefined) {
      const request = requestDigest(method, RequestSchema.parse(asked))
      const { purpose } = input
      const claim = { act, request, ...(purpose === undefined ? {} : { purpose }) }
      who = await parts.officers.of(by, claim)
    }
    return await step(who)
  } catch (error) {
    if (isAnyAmanaError(error) && !error.code.startsWith('STORE_')) {
      const data = { act, code: error.code, ...names }
      await recordAct(parts, { who, leaves: [{ event: 'a.denied', data }] })
    }
    throw error
  }
}

/** The reason as a field of the leaf. */
export function reasonOf({ reason }: Asked): readonly LeafField[] {
  return reason === undefined ? [] : [{ name: 'reason', value: reason }]
}

/** How many were found, rounded up so that it says little. */
export function countBucket(count: number): number {
  return COUNT_BUCKETS.find((bucket) => bucket >= count) ?? 100_000
}
