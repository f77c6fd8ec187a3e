/**
 * An opening: what makes a statement's body readable. It is what the seal carries, what the store keeps encrypted, and
 * what erasure destroys.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#openings
 */
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, type Json, nestsWithin } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { digest, DigestSchema, type Digest, type Random } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { type ReadingDesk } from '../trust/roster.ts'
import { deskGroups, groupNames } from '../messages/kinds.ts'
import { discloseBody, groupDigest } from './disclosures.ts'

const SEED_BYTES = 32
const SALT_BYTES = 16
/** A group stands in its opening, in `groups`, in a statement's opening, in the list of them, in the plaintext. */
const GROUP_DEPTH = WIRE_LIMITS.jsonDepth - 5
const seedText = z
  .string()
  .length(43)
  .regex(/^[A-Za-z0-9_-]+$/)
const saltText = z
  .string()
  .length(22)
  .regex(/^[A-Za-z0-9_-]+$/)
const GroupValueSchema = z.record(z.string(), z.json())

/** The opening of one statement for one desk: groups whole with their seeds, the others by their digest. */
export const OpeningSchema = z.strictObject({
  groups: z.record(z.string(), z.strictObject({ seed: seedText, value: GroupValueSchema })),
  salt: saltText,
  withheld: z.record(z.string(), DigestSchema),
})

/** The opening of one statement. */
export interface Opening extends z.output<typeof OpeningSchema> {}

/** An opening whose every digest was computed again. */
export interface RebuiltOpening {
  /** What the statement's `_sd` must hold. */
  readonly body: Digest
  /** The digest of each group of the kind. */
  readonly groups: Readonly<Record<string, Digest>>
}

/** Fresh seeds and salt for the groups of a new statement; nothing is withheld yet. */
export function createOpening(
  groups: Readonly<Record<string, { readonly [member: string]: Json }>>,
  random: Random,
): Opening {
  const opened = Object.entries(groups).map(
    ([name, value]) => [name, { seed: encodeBase64url(random(SEED_BYTES)), value }] as const,
  )
  return OpeningSchema.parse({
    groups: Object.fromEntries(opened),
    salt: encodeBase64url(random(SALT_BYTES)),
    withheld: {},
  })
}

/** Reads an opening of unknown origin. @throws WIRE_DIS when its form is wrong, WIRE_CANON when it nests too deep */
export function parseOpening(value: unknown): Opening {
  if (!nestsWithin(value, WIRE_LIMITS.jsonDepth)) {
    throw new AmanaError('WIRE_CANON', { reason: 'depth' })
  }
  const parsed = OpeningSchema.safeParse(value)
  if (!parsed.success) throw new AmanaError('WIRE_DIS', { reason: 'form' })
  return parsed.data
}

/**
 * Computes every commitment of a kind's groups again. Does not look at the statement: compare `body` with its `_sd`.
 *
 * @throws WIRE_DIS when the names are not exactly the groups of the kind, or a member's name is reserved
 * @throws WIRE_SIZE when the groups are above 448 KiB or have more than 16,384 disclosures
 * @throws WIRE_CANON when a group nests deeper than its seal could carry
 */
export function rebuildOpening(kind: string, opening: Opening): RebuiltOpening {
  assertForm(kind, opening)
  const opened = Object.entries(opening.groups).map(commitmentOf)
  const groups = { ...opening.withheld, ...Object.fromEntries(opened) }
  return { body: discloseBody(opening.salt, groups).digest, groups }
}

/** Counts the disclosures of a dispatch before any is hashed. @throws WIRE_SIZE above 16,384, WIRE_CANON below 7 levels */
export function assertDisclosureCount(openings: readonly Opening[]): void {
  const count = openings.reduce((total, opening) => total + disclosuresIn(opening), 0)
  if (count > WIRE_LIMITS.disclosuresPerDispatch) {
    throw new AmanaError('WIRE_SIZE', {
      sizeBytes: count,
      limitBytes: WIRE_LIMITS.disclosuresPerDispatch,
    })
  }
}

/**
 * The opening that a desk is sent: what it may not see is left as its digest.
 *
 * @throws WIRE_INCOMPLETE when a group that the desk must see is not open here; as `groupsForDesk`
 */
export function openingForDesk(kind: string, desk: ReadingDesk, opening: Opening): Opening {
  const { mustSee, mayNotSee } = groupsForDesk(kind, desk)
  assertComplete(mustSee, opening)
  assertForm(kind, opening)
  const groups = Object.entries(opening.groups)
  const open = groups.filter(([name]) => !mayNotSee.includes(name))
  const withheld = groups.filter(([name]) => mayNotSee.includes(name)).map(commitmentOf)
  return {
    groups: Object.fromEntries(open),
    salt: opening.salt,
    withheld: { ...opening.withheld, ...Object.fromEntries(withheld) },
  }
}

/**
 * What a desk must find open and what it may not be sent.
 *
 * @throws WIRE_POLICY when the desk does not read the kind: nobody may say that it was opened there
 */
export function groupsForDesk(kind: string, desk: ReadingDesk): ReturnType<typeof deskGroups> {
  const groups = deskGroups(kind, desk)
  if (groups.mustSee.length === 0) {
    throw new AmanaError('WIRE_POLICY', { rule: `${kind} for the desk ${desk.id}` })
  }
  return groups
}

/** @throws WIRE_INCOMPLETE naming the first group that must be open and is not */
export function assertComplete(mustSee: readonly string[], opening: Opening): void {
  const missing = mustSee.find((name) => !Object.hasOwn(opening.groups, name))
  if (missing !== undefined) throw new AmanaError('WIRE_INCOMPLETE', { group: missing })
}

/** What a receipt says of the groups that were opened; the sender compares it with what it sent. */
export function openedGroupsDigest({ groups, salt }: Opening): Digest {
  return namesDigest(salt, Object.keys(groups))
}

/** The same of a message that was sent whole: all that the desk may see. @throws WIRE_POLICY as `groupsForDesk` */
export function groupsSentTo(kind: string, desk: ReadingDesk, salt: string): Digest {
  const { mayNotSee } = groupsForDesk(kind, desk)
  return namesDigest(
    salt,
    groupNames(kind).filter((name) => !mayNotSee.includes(name)),
  )
}

function namesDigest(salt: string, names: readonly string[]): Digest {
  return digest(encodeCanonical([salt, names.toSorted()]))
}

/** The values of the open groups. */
export function openedValues(opening: Opening): Readonly<Record<string, unknown>> {
  const values = Object.entries(opening.groups).map(([name, { value }]) => [name, value] as const)
  return Object.fromEntries(values)
}

function assertForm(kind: string, opening: Opening): void {
  assertNames(kind, opening)
  assertDisclosureCount([opening])
  assertBodySize(opening)
}

function commitmentOf([name, { seed, value }]: readonly [
  string,
  Opening['groups'][string],
]): readonly [string, Digest] {
  return [name, groupDigest(decodeBase64url(seed), asJson(value))]
}

function assertNames(kind: string, opening: Opening): void {
  const names = [...Object.keys(opening.groups), ...Object.keys(opening.withheld)].toSorted()
  const expected = groupNames(kind)
  if (names.length !== expected.length || names.some((name, index) => name !== expected[index])) {
    throw new AmanaError('WIRE_DIS', { reason: 'groups' })
  }
}

/** The body's disclosure, each group's, and one for every member and element inside. */
function disclosuresIn({ groups }: Opening): number {
  const counts = Object.values(groups).map(({ value }) => 1 + partsOf(asJson(value), 1))
  return counts.reduce((total, count) => total + count, 1)
}

function partsOf(value: Json, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (depth > GROUP_DEPTH) throw new AmanaError('WIRE_CANON', { reason: 'depth' })
  return Object.values(value).reduce<number>(
    (total, part: Json) => total + 1 + partsOf(part, depth + 1),
    0,
  )
}

/** The order of members, which is what the canonical form may change, takes no bytes. */
function assertBodySize(opening: Opening): void {
  const values = Object.values(opening.groups).map(({ value }) => JSON.stringify(value))
  const sizeBytes = values.reduce((total, text) => total + encodeUtf8(text).byteLength, 0)
  if (sizeBytes > WIRE_LIMITS.bodyBytes) {
    throw new AmanaError('WIRE_SIZE', { sizeBytes, limitBytes: WIRE_LIMITS.bodyBytes })
  }
}

function asJson(value: Opening['groups'][string]['value']): { readonly [member: string]: Json } {
  return value
}
