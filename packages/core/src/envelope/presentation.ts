/**
 * Presentations: a statement with chosen disclosures for an auditor, as a compact SD-JWT that any RFC 9901 verifier
 * reads. Fields travel with their salts, never with a seed.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#presentation
 */
import { z } from 'zod'
import { decodeBase64url } from '../bytes/base64.ts'
import { parseCanonical, type Json } from '../bytes/jcs.ts'
import { digest, DigestSchema } from '../crypto/digest.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { groupNames } from '../messages/kinds.ts'
import { isAscending } from '../trust/identifiers.ts'
import {
  type Disclosure,
  discloseBody,
  discloseGroup,
  type FieldPath,
  groupDigest,
  RESERVED,
} from './disclosures.ts'
import { type Opening } from './opening.ts'
import { assertOpens, bodyDigest, parseStatement, type UnverifiedStatement } from './statement.ts'

const PRESENTATION_CHARS = 4 * WIRE_LIMITS.bodyBytes
const JWT_PARTS = 3

/** A presentation whose disclosures lead to the statement's digest; the author's signature is not checked. */
export interface UnverifiedPresentation {
  readonly statement: UnverifiedStatement
  /** What was disclosed, by group; a group of which something is missing is partial. */
  readonly groups: Readonly<
    Record<string, { readonly value: Json; readonly extent: 'whole' | 'partial' }>
  >
  /** Groups of which nothing was disclosed. */
  readonly hidden: readonly string[]
}

/**
 * Builds a presentation that discloses the given fields, each as `group` or `group.member.member`, with all that stands
 * below and the parents above them.
 *
 * @throws WIRE_DIS when the opening is not the statement's, or a path names nothing
 */
export function buildPresentation(
  statement: GeneralJws,
  opening: Opening,
  fields: readonly string[],
): string {
  const { content, signed } = parseStatement(statement)
  assertOpens(content, opening)
  const author = signed.signatures.find(({ act }) => act === 'author')
  const entry = author === undefined ? undefined : statement.signatures[author.index]
  if (entry === undefined) throw new AmanaError('WIRE_HDR', { member: 'act' })
  const wanted = wantedPaths(fields)
  const groups = Object.keys(opening.groups).toSorted()
  const unknown = [...wanted.keys()].find((name) => !groups.includes(name))
  if (unknown !== undefined) throw new AmanaError('WIRE_DIS', { reason: 'path' })
  const disclosed = groups.flatMap((name) => chosen(opening, name, wanted.get(name)))
  const body = discloseBody(opening.salt, groupDigests(opening))
  const jwt = `${entry.protected}.${statement.payload}.${entry.signature}`
  return `${[jwt, body.encoded, ...disclosed].join('~')}~`
}

/**
 * Reads a compact presentation: every disclosure is used exactly once, no digest stands in two places, no reserved name,
 * and the body has exactly the groups of its kind. White space after the last `~` is passed over.
 *
 * @throws WIRE_SIZE, WIRE_MEMBER, WIRE_DIS; as `parseStatement`; WIRE_SCHEMA when the kind is not known
 */
export function parsePresentation(text: string): UnverifiedPresentation {
  if (text.length > PRESENTATION_CHARS) {
    throw new AmanaError('WIRE_SIZE', { sizeBytes: text.length, limitBytes: PRESENTATION_CHARS })
  }
  const { jws, encoded } = takeApart(text)
  const statement = parseStatement(jws)
  const pool = disclosurePool(encoded)
  const body = BodySchema.safeParse(takeMember(pool, bodyDigest(statement.content), 'body'))
  if (!body.success) throw new AmanaError('WIRE_DIS', { reason: 'body' })
  assertGroups(statement.content.kind, Object.keys(body.data))
  const opened = Object.entries(body.data).map(
    ([
      name,
      {
        _sd: [commitment],
      },
    ]) => [name, openGroup(pool, commitment)] as const,
  )
  if (pool.unused.size > 0) throw new AmanaError('WIRE_DIS', { reason: 'unused' })
  return {
    statement,
    groups: Object.fromEntries(
      opened.flatMap(([name, group]) => (group === undefined ? [] : [[name, group]])),
    ),
    hidden: opened.flatMap(([name, group]) => (group === undefined ? [name] : [])),
  }
}

interface CompactParts {
  readonly jws: GeneralJws
  readonly encoded: readonly string[]
}

/** White space that files end in, and no other. */
function withoutTail(text: string): string {
  let end = text.length
  while (end > 0 && ' \t\n\r'.includes(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}

/** No list is copied: a text of nothing but ~ would make it long. @throws WIRE_MEMBER */
function takeApart(text: string): CompactParts {
  const encoded = withoutTail(text).split('~')
  const last = encoded.pop()
  const [header, payload, signature, more] = encoded.shift()?.split('.', JWT_PARTS + 1) ?? []
  if (
    last !== '' ||
    header === undefined ||
    payload === undefined ||
    signature === undefined ||
    more !== undefined
  ) {
    throw new AmanaError('WIRE_MEMBER', { path: 'presentation' })
  }
  return { jws: { payload, signatures: [{ protected: header, signature }] }, encoded }
}

const BodySchema = z.record(z.string(), z.strictObject({ _sd: z.tuple([DigestSchema]) }))
const DisclosureSchema = z.union([
  z.tuple([z.string().min(22), z.string(), z.json()]),
  z.tuple([z.string().min(22), z.json()]),
])
type Disclosed = z.output<typeof DisclosureSchema>

/** Disclosures by their digest, and the digests that were met on the way from the statement's. */
interface Pool {
  readonly unused: Map<string, Disclosed>
  readonly met: Set<string>
}

/** Where a reader stands below a group: how deep, and how much was left out so far. */
interface Reading {
  readonly pool: Pool
  readonly missing: { count: number }
  readonly depth: number
}

function wantedPaths(fields: readonly string[]): ReadonlyMap<string, readonly FieldPath[]> {
  const wanted = new Map<string, FieldPath[]>()
  for (const field of fields) {
    const [group = '', ...path] = field.split('.')
    const steps = path.map((step) => (/^\d+$/.test(step) ? Number(step) : step))
    wanted.set(group, [...(wanted.get(group) ?? []), steps])
  }
  return wanted
}

function chosen(
  opening: Opening,
  name: string,
  paths: readonly FieldPath[] | undefined,
): readonly string[] {
  const group = opening.groups[name]
  if (paths === undefined || group === undefined) return []
  const all = discloseGroup(decodeBase64url(group.seed), group.value)
  const missing = paths.find((path) => !all.some((entry) => samePath(entry.path, path)))
  if (missing !== undefined) throw new AmanaError('WIRE_DIS', { reason: 'path' })
  return all
    .filter((entry) => paths.some((path) => onTheWay(entry, path)))
    .map(({ encoded }) => encoded)
}

/** Parents of the path, the field itself, and all below it. */
function onTheWay(entry: Disclosure, path: FieldPath): boolean {
  const shorter = Math.min(entry.path.length, path.length)
  return samePath(entry.path.slice(0, shorter), path.slice(0, shorter))
}

function samePath(a: FieldPath, b: FieldPath): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index])
}

function groupDigests(opening: Opening): Readonly<Record<string, string>> {
  const open = Object.entries(opening.groups).map(
    ([name, { seed, value }]) => [name, groupDigest(decodeBase64url(seed), value)] as const,
  )
  return { ...opening.withheld, ...Object.fromEntries(open) }
}

function disclosurePool(encoded: readonly string[]): Pool {
  const unused = new Map<string, Disclosed>()
  for (const text of encoded) {
    const name = digest(text)
    const json = parseCanonical(decodeBase64url(text), WIRE_LIMITS.bodyBytes)
    const parsed = DisclosureSchema.safeParse(json)
    if (!parsed.success || unused.has(name)) throw new AmanaError('WIRE_DIS', { reason: 'form' })
    unused.set(name, parsed.data)
  }
  return { unused, met: new Set() }
}

function assertGroups(kind: string, found: readonly string[]): void {
  if (found.toSorted().join(' ') !== groupNames(kind).join(' ')) {
    throw new AmanaError('WIRE_DIS', { reason: 'groups' })
  }
}

/** Uses up what a digest stands for. RFC 9901 section 7.1: a digest that is met twice refuses the whole. */
function take(pool: Pool, name: string): Disclosed | undefined {
  if (pool.met.has(name)) throw new AmanaError('WIRE_DIS', { reason: 'repeated' })
  pool.met.add(name)
  const found = pool.unused.get(name)
  pool.unused.delete(name)
  return found
}

/** Uses up the disclosure of an object member of a given name. */
function takeMember(pool: Pool, name: string, member: string): Json | undefined {
  const found = take(pool, name)
  if (found === undefined) return undefined
  if (found.length !== 3 || found[1] !== member) {
    throw new AmanaError('WIRE_DIS', { reason: 'name' })
  }
  return found[2]
}

function openGroup(
  pool: Pool,
  name: string,
): { readonly value: Json; readonly extent: 'whole' | 'partial' } | undefined {
  const committed = takeMember(pool, name, 'value')
  if (committed === undefined) return undefined
  if (!isObject(committed)) throw new AmanaError('WIRE_DIS', { reason: 'group' })
  const missing = { count: 0 }
  const value = reveal(committed, { pool, missing, depth: 1 })
  return { value, extent: missing.count === 0 ? 'whole' : 'partial' }
}

function isObject(value: Json): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const CommittedObjectSchema = z.strictObject({
  _sd: z.array(DigestSchema).min(1).refine(isAscending),
})
const CommittedArraySchema = z.array(z.strictObject({ '...': DigestSchema }))
const EmptyObjectSchema = z.strictObject({})

function reveal(committed: Json, reading: Reading): Json {
  if (reading.depth > WIRE_LIMITS.jsonDepth) throw new AmanaError('WIRE_DIS', { reason: 'depth' })
  const members = CommittedObjectSchema.safeParse(committed)
  if (members.success) return revealMembers(members.data, reading)
  const elements = CommittedArraySchema.safeParse(committed)
  if (elements.success) return revealElements(elements.data, reading)
  const isPlain = typeof committed !== 'object' || EmptyObjectSchema.safeParse(committed).success
  if (!isPlain) throw new AmanaError('WIRE_DIS', { reason: 'plain member' })
  return committed
}

function below({ pool, missing, depth }: Reading): Reading {
  return { pool, missing, depth: depth + 1 }
}

function revealMembers(
  { _sd: digests }: z.output<typeof CommittedObjectSchema>,
  reading: Reading,
): Json {
  const revealed = new Map<string, Json>()
  for (const name of digests) {
    const found = take(reading.pool, name)
    if (found === undefined) {
      reading.missing.count += 1
      continue
    }
    const [member, value] = memberOf(found)
    if (revealed.has(member)) throw new AmanaError('WIRE_DIS', { reason: 'member' })
    revealed.set(member, reveal(value, below(reading)))
  }
  return Object.fromEntries(revealed)
}

function memberOf(found: Disclosed): readonly [string, Json] {
  if (found.length !== 3) throw new AmanaError('WIRE_DIS', { reason: 'member' })
  const [, member, value] = found
  if (RESERVED.has(member)) throw new AmanaError('WIRE_DIS', { reason: 'name' })
  return [member, value]
}

function revealElements(elements: readonly { readonly '...': string }[], reading: Reading): Json {
  return elements.flatMap((element) => {
    const found = take(reading.pool, element['...'])
    if (found === undefined) {
      reading.missing.count += 1
      return []
    }
    if (found.length !== 2) throw new AmanaError('WIRE_DIS', { reason: 'element' })
    return [reveal(found[1], below(reading))]
  })
}
