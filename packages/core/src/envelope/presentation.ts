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
import { digest } from '../crypto/digest.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import {
  type Disclosure,
  discloseBody,
  discloseGroup,
  type FieldPath,
  lastDigest,
} from './disclosures.ts'
import { type Opening } from './opening.ts'
import { assertOpens, parseStatement, type UnverifiedStatement } from './statement.ts'

const PRESENTATION_CHARS = 4 * WIRE_LIMITS.bodyBytes

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
 * Reads a compact presentation: every disclosure is used exactly once, nothing repeats, no reserved name.
 *
 * @throws WIRE_SIZE, WIRE_MEMBER, WIRE_DIS; as `parseStatement`
 */
export function parsePresentation(text: string): UnverifiedPresentation {
  if (text.length > PRESENTATION_CHARS) {
    throw new AmanaError('WIRE_SIZE', { sizeBytes: text.length, limitBytes: PRESENTATION_CHARS })
  }
  const [jwt = '', ...encoded] = text.trimEnd().split('~')
  const last = encoded.pop()
  const [header, payload, signature, ...rest] = jwt.split('.')
  if (
    last !== '' ||
    header === undefined ||
    payload === undefined ||
    signature === undefined ||
    rest.length > 0
  ) {
    throw new AmanaError('WIRE_MEMBER', { path: 'presentation' })
  }
  const statement = parseStatement({ payload, signatures: [{ protected: header, signature }] })
  const pool = disclosurePool(encoded)
  const body = BodySchema.safeParse(takeMember(pool, statement.content._sd[0], 'body'))
  if (!body.success) throw new AmanaError('WIRE_DIS', { reason: 'body' })
  const opened = Object.entries(body.data).map(
    ([name, { _sd }]) => [name, openGroup(pool, _sd[0])] as const,
  )
  if (pool.size > 0) throw new AmanaError('WIRE_DIS', { reason: 'unused' })
  return {
    statement,
    groups: Object.fromEntries(
      opened.flatMap(([name, group]) => (group === undefined ? [] : [[name, group]])),
    ),
    hidden: opened.flatMap(([name, group]) => (group === undefined ? [name] : [])),
  }
}

const BodySchema = z.record(z.string(), z.strictObject({ _sd: z.tuple([z.string()]) }))
const DisclosureSchema = z.union([
  z.tuple([z.string().min(22), z.string(), z.json()]),
  z.tuple([z.string().min(22), z.json()]),
])
type Pool = Map<string, z.output<typeof DisclosureSchema>>

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
  const open = Object.entries(opening.groups).map(([name, { seed, value }]) => [
    name,
    lastDigest(discloseGroup(decodeBase64url(seed), value)),
  ])
  return { ...opening.withheld, ...Object.fromEntries(open) }
}

function disclosurePool(encoded: readonly string[]): Pool {
  const pool: Pool = new Map()
  for (const text of encoded) {
    const name = digest(text)
    const json = parseCanonical(decodeBase64url(text), WIRE_LIMITS.bodyBytes)
    const parsed = DisclosureSchema.safeParse(json)
    if (!parsed.success || pool.has(name)) throw new AmanaError('WIRE_DIS', { reason: 'form' })
    pool.set(name, parsed.data)
  }
  return pool
}

/** Uses up the disclosure of an object member of a given name. */
function takeMember(pool: Pool, name: string, member: string): Json | undefined {
  const found = pool.get(name)
  if (found === undefined) return undefined
  if (found.length !== 3 || found[1] !== member)
    throw new AmanaError('WIRE_DIS', { reason: 'name' })
  pool.delete(name)
  return found[2]
}

function openGroup(
  pool: Pool,
  name: string,
): { readonly value: Json; readonly extent: 'whole' | 'partial' } | undefined {
  const committed = takeMember(pool, name, 'value')
  if (committed === undefined) return undefined
  const missing = { count: 0 }
  const value = reveal(pool, committed, missing)
  return { value, extent: missing.count === 0 ? 'whole' : 'partial' }
}

const CommittedObjectSchema = z.strictObject({ _sd: z.array(z.string()).min(1) })
const CommittedArraySchema = z.array(z.strictObject({ '...': z.string() }))
const EmptyObjectSchema = z.strictObject({})

function reveal(pool: Pool, committed: Json, missing: { count: number }): Json {
  const members = CommittedObjectSchema.safeParse(committed)
  if (members.success) return revealMembers(pool, members.data._sd, missing)
  const elements = CommittedArraySchema.safeParse(committed)
  if (elements.success) return revealElements(pool, elements.data, missing)
  const isPlain = typeof committed !== 'object' || EmptyObjectSchema.safeParse(committed).success
  if (!isPlain) throw new AmanaError('WIRE_DIS', { reason: 'plain member' })
  return committed
}

function revealMembers(pool: Pool, digests: readonly string[], missing: { count: number }): Json {
  const revealed = new Map<string, Json>()
  for (const name of digests) {
    const found = pool.get(name)
    if (found === undefined) {
      missing.count += 1
      continue
    }
    const [, member, value] = found
    if (
      found.length !== 3 ||
      typeof member !== 'string' ||
      value === undefined ||
      revealed.has(member)
    ) {
      throw new AmanaError('WIRE_DIS', { reason: 'member' })
    }
    if (RESERVED.has(member)) throw new AmanaError('WIRE_DIS', { reason: 'name' })
    pool.delete(name)
    revealed.set(member, reveal(pool, value, missing))
  }
  return Object.fromEntries(revealed)
}

const RESERVED: ReadonlySet<string> = new Set(['...', '__proto__', '_sd', '_sd_alg'])

function revealElements(
  pool: Pool,
  elements: readonly { readonly '...': string }[],
  missing: { count: number },
): Json {
  return elements.flatMap((element) => {
    const found = pool.get(element['...'])
    if (found === undefined) {
      missing.count += 1
      return []
    }
    if (found.length !== 2) throw new AmanaError('WIRE_DIS', { reason: 'element' })
    pool.delete(element['...'])
    return [reveal(pool, found[1], missing)]
  })
}
