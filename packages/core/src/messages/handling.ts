/**
 * Handling: what the clear part of a statement says about how its contents may be used. The policy gate of every exit
 * reads it; an unmarked or doubly marked message does not exist.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#handling
 */
import { z } from 'zod'
import { AmanaError } from '../errors.ts'
import { CODE_LISTS } from './code-lists.ts'
import { kindDefinition } from './kinds.ts'

/** Widest first; the rank says how strict. CLEAR is not a wire value. */
const TLP_RANK = { GREEN: 1, AMBER: 2, 'AMBER+STRICT': 3, RED: 4 } as const

/** The least strict TLP that a scope of distribution may stand beside. */
const SCOPE_NEEDS = {
  'named-persons': 'RED',
  agency: 'AMBER+STRICT',
  bilateral: 'AMBER+STRICT',
  jtwg: 'AMBER',
  partners: 'AMBER',
  community: 'GREEN',
} as const

const SCOPE_CAVEATS = CODE_LISTS.distribution.map((scope) => `dist:${scope}` as const)
const HANDLING_CAVEATS = CODE_LISTS.europolHandling.map((handling) => `eu:${handling}` as const)
const ACTION_CAVEATS = CODE_LISTS.pap.map((action) => `pap:${action}` as const)

/** A caveat: scope of distribution, Europol handling code, permissible action, or the mark of invented data. */
export const CaveatSchema = z.enum([
  ...SCOPE_CAVEATS,
  ...HANDLING_CAVEATS,
  ...ACTION_CAVEATS,
  'test:data',
])

const CaveatsSchema = z
  .array(CaveatSchema)
  .max(8)
  .refine(isSortedSet, { error: 'sorted, none twice' })
const TlpSchema = z.enum(CODE_LISTS.tlp)

/** What a sender chooses; the retention year follows from kind and day of signing. */
export const HandlingChoiceSchema = z.strictObject({ caveats: CaveatsSchema, tlp: TlpSchema })

/** The `handling` member of a statement. */
export const HandlingSchema = z.strictObject({
  caveats: CaveatsSchema,
  retainUntil: z.string().regex(/^\d{4}-12-31$/),
  tlp: TlpSchema,
})

/** What a sender chooses. */
export interface HandlingChoice extends z.output<typeof HandlingChoiceSchema> {}

/** How the contents may be used. */
export interface Handling extends z.output<typeof HandlingSchema> {}

/**
 * The last day on which a message of `kind` signed at `issuedAt` (seconds) is kept.
 *
 * @throws WIRE_SCHEMA when the kind is not known
 */
export function expectedRetainUntil(kind: string, issuedAt: number): string {
  const year = new Date(issuedAt * 1000).getUTCFullYear()
  return `${year + kindDefinition(kind).retainYears}-12-31`
}

/**
 * Refuses handling that contradicts itself or its kind. Call `assertRestriction` too where the body is open.
 *
 * @throws WIRE_POLICY when the year, the scope, H0 or the TLP of a victim’s message is wrong
 * @throws WIRE_SCHEMA when the kind is not known
 */
export function assertHandling(handling: Handling, kind: string, issuedAt: number): void {
  refuseUnless(handling.retainUntil === expectedRetainUntil(kind, issuedAt), 'handling.retainUntil')
  assertHandlingChoice(handling, kind)
}

/**
 * The part of `assertHandling` that a draft can be asked.
 *
 * @throws WIRE_POLICY when the scope, H0 or the TLP is wrong
 * @throws WIRE_SCHEMA when the kind is not known
 */
export function assertHandlingChoice({ caveats, tlp }: HandlingChoice, kind: string): void {
  const scopes = CODE_LISTS.distribution.filter((scope) => caveats.includes(`dist:${scope}`))
  const actions = caveats.filter((caveat) => caveat.startsWith('pap:'))
  const europol = caveats.filter((caveat) => caveat.startsWith('eu:'))
  const rank = TLP_RANK[tlp]
  refuseUnless(scopes.length <= 1, 'handling.distribution')
  refuseUnless(
    scopes.every((scope) => TLP_RANK[SCOPE_NEEDS[scope]] >= rank),
    'handling.distribution',
  )
  refuseUnless(actions.length <= 1, 'handling.pap')
  refuseUnless(!europol.includes('eu:H0') || europol.length === 1, 'handling.europol')
  refuseUnless(rank >= TLP_RANK[kindDefinition(kind).widestTlp], 'handling.tlp')
}

/**
 * H3 means “other restrictions”: without their text it says nothing.
 *
 * @throws WIRE_POLICY when H3 stands and the body has no restriction
 */
export function assertRestriction(
  { caveats }: HandlingChoice,
  groups: Readonly<Record<string, unknown>>,
): void {
  const body = groups['body']
  const hasText = typeof body === 'object' && body !== null && 'restriction' in body
  refuseUnless(!caveats.includes('eu:H3') || hasText, 'handling.restriction')
}

function refuseUnless(holds: boolean, rule: string): void {
  if (!holds) throw new AmanaError('WIRE_POLICY', { rule })
}

function isSortedSet(values: readonly string[]): boolean {
  return values.every((value, index) => index === 0 || (values[index - 1] ?? '') < value)
}
