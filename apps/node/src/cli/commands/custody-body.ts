/**
 * What an officer types of a hand-over, as the body of the half that is signed.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#commands
 */
import { AmanaError, type Json, type UnverifiedHalf } from '@amana/core'
import { z } from 'zod'

type Body = UnverifiedHalf['body']

/** What either officer says of the moment. */
export interface MomentOptions {
  readonly at?: string | undefined
  readonly place?: string | undefined
  readonly condition?: string | undefined
  readonly transport?: string | undefined
  readonly carrier?: string | undefined
  readonly document?: readonly string[] | undefined
  readonly belonging?: readonly string[] | undefined
  readonly identityChecked?: string | undefined
  readonly says?: string | undefined
  readonly reservations?: string | undefined
}

/** Members of a body. */
export interface Members {
  readonly [member: string]: Json
}

const ListSchema = z.array(z.json())
const TypedSchema = z.looseObject({ item: z.string() })

/** A belonging as it is typed: `bag` or `bag=2`. */
const BELONGING = /^(?<item>.*?)(?:=(?<quantity>[0-9]{1,4}))?$/s

/** What was typed, by its member; what was not typed is absent. */
export function momentOf(options: MomentOptions, now: number): Members {
  const { at, belonging, document, identityChecked, says } = options
  const { carrier, condition, place, reservations, transport } = options
  const instant = new Date(now * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
  return defined({
    belongings: belonging?.map((text) => belongingOf(text)),
    carrier: composed(carrier),
    condition,
    documents: document?.map((name) => name.normalize('NFC')),
    identityChecked,
    occurredAt: at ?? instant,
    personStatement: composed(says),
    place,
    reservations: composed(reservations),
    transport,
  })
}

/**
 * The receiver’s version: what was offered, without what is missing, with what she typed.
 *
 * @throws CLI_OPTION when something is said to be missing that was not offered
 */
export function receivedBody(
  offered: Body,
  typed: Members,
  missing: readonly string[] = [],
): Members {
  const names = new Set(missing.map((name) => name.normalize('NFC')))
  const { belongings = [], documents = [], leg, legType, from, to, referral } = offered
  const known = new Set([...documents, ...belongings.map(({ item }) => item)])
  if ([...names].some((name) => !known.has(name)))
    throw new AmanaError('CLI_OPTION', { option: '--missing' })
  const { belongings: more = [], documents: others = [], ...rest } = typed
  const kept = [
    ...belongings.filter(({ item }) => !names.has(item) && !isTyped(more, item)),
    ...listOf(more),
  ]
  const papers = [...documents.filter((name) => !names.has(name)), ...listOf(others)]
  return {
    ...defined({
      condition: offered.condition,
      place: offered.place,
      transport: offered.transport,
      carrier: offered.carrier,
      belongings: kept.length === 0 ? undefined : kept,
      documents: papers.length === 0 ? undefined : papers,
    }),
    ...rest,
    act: 'receipt',
    leg,
    legType,
    from: { ...from },
    to: { ...to },
    referral,
  }
}

/** JSON without members that are absent. */
export function defined(members: Readonly<Record<string, Json | undefined>>): Members {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  )
}

function belongingOf(text: string): Members {
  const { item = '', quantity = '1' } = BELONGING.exec(text.normalize('NFC'))?.groups ?? {}
  return { item, quantity: Number(quantity) }
}

function composed(typed: string | undefined): string | undefined {
  return typed?.normalize('NFC')
}

function isTyped(more: Json, item: string): boolean {
  return listOf(more).some((one) => TypedSchema.safeParse(one).data?.item === item)
}

function listOf(value: Json): readonly Json[] {
  return ListSchema.safeParse(value).data ?? []
}
