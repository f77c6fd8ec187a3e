/**
 * Members of signed objects and envelopes, with what everybody can read of them.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#inspecting
 */
import {
  canonicalize,
  decodeBase64url,
  decodeUtf8,
  digest,
  GeneralJwsSchema,
  type GeneralJws,
  isAnyAmanaError,
  type Json,
  parseCanonicalText,
} from '@amana/core'
import { CATALOGUES } from '@amana/vocabulary'

/** Objects that can be taken apart. */
export type InspectKind = keyof (typeof CATALOGUES)['en']['inspect']['what']

/** A key of the catalogue `inspect`, under `meanings`. */
export type MeaningKey = keyof (typeof CATALOGUES)['en']['inspect']['meanings']

/** Who can read a member: everybody, the addressees, or it is there to be verified. */
export type Visibility = 'clear' | 'sealed' | 'signature'

/** One member. */
export interface InspectMember {
  readonly path: string
  /** At most 120 characters. */
  readonly value: string
  readonly visibility: Visibility
  /** Page and heading of the specification. */
  readonly spec: string
  readonly meaning: MeaningKey
}

const VALUE_CHARS = 120

const SPEC: Readonly<Record<InspectKind, string>> = {
  bundle: 'docs/spec/07-bundle-and-verifier.md#bundle',
  charter: 'docs/spec/02-keys-and-trust.md#charter',
  checkpoint: 'docs/spec/05-audit-log.md#checkpoint',
  disclosure: 'docs/spec/03-statement-and-seal.md#signed-disclosure',
  dispatch: 'docs/spec/04-dispatch-channel-receipts.md#dispatch',
  envelope: 'docs/spec/04-dispatch-channel-receipts.md#envelope',
  heads: 'docs/spec/04-dispatch-channel-receipts.md#heads',
  invite: 'docs/spec/02-keys-and-trust.md#invite',
  leaf: 'docs/spec/05-audit-log.md#leaf',
  message: 'docs/spec/07-bundle-and-verifier.md#message-file',
  presentation: 'docs/spec/03-statement-and-seal.md#presentation',
  receipt: 'docs/spec/04-dispatch-channel-receipts.md#receipt',
  record: 'docs/spec/07-bundle-and-verifier.md#records',
  roster: 'docs/spec/02-keys-and-trust.md#roster',
  seal: 'docs/spec/03-statement-and-seal.md#seal',
  statement: 'docs/spec/03-statement-and-seal.md#statement',
  void: 'docs/spec/04-dispatch-channel-receipts.md#void',
}

/** The object that a JWS of that type is. */
const KIND_OF_TYPE: Readonly<Record<string, InspectKind>> = {
  'amana-charter+jws': 'charter',
  'amana-disclosure+jws': 'disclosure',
  'amana-dispatch+jws': 'dispatch',
  'amana-heads+jws': 'heads',
  'amana-invite+jws': 'invite',
  'amana-receipt+jws': 'receipt',
  'amana-roster+jws': 'roster',
  'amana-statement+sd-jwt': 'statement',
  'amana-void+jws': 'void',
}

/** What a member is, before its place in the specification and its meaning are looked up. */
export interface NewMember {
  readonly kind: InspectKind
  /** The member's name in its object; its meaning is found by it. */
  readonly name: string
  readonly path?: string
  readonly value: Json
  readonly visibility?: Visibility
}

/** One member with its meaning; `unknown` where the specification has no such member. */
export function memberOf(member: NewMember): InspectMember {
  const { kind, name, path = name, value, visibility = 'clear' } = member
  const keys = [`${kind}.${name}`, `common.${name}`]
  const meaning = keys.find((key) => isMeaning(key))
  return {
    path,
    value: shorten(typeof value === 'string' ? value : canonicalize(value)),
    visibility,
    spec: SPEC[kind],
    meaning: meaning !== undefined && isMeaning(meaning) ? meaning : 'common.unknown',
  }
}

function isMeaning(key: string): key is MeaningKey {
  return Object.hasOwn(CATALOGUES.en.inspect.meanings, key)
}

function shorten(text: string): string {
  if (text.length <= VALUE_CHARS) return text
  return `${text.slice(0, VALUE_CHARS - 1)}…`
}

/** Whether a value is a JSON object. */
export function isMembers(value: Json): value is { readonly [member: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A signed object that was taken apart. */
export interface InspectedJws {
  /** By its header; absent when the type is not of the specification. */
  readonly kind: InspectKind | undefined
  readonly jws: GeneralJws
  readonly payload: Json
  readonly headers: readonly Json[]
}

/**
 * Takes a signed object apart; nothing when it is none.
 *
 * @throws WIRE_B64, WIRE_UTF8, WIRE_CANON when payload or header cannot be read
 */
export function jwsOf(json: Json): InspectedJws | undefined {
  const jws = GeneralJwsSchema.safeParse(json)
  if (!jws.success) return undefined
  const headers = jws.data.signatures.map((entry) => decodeJson(entry.protected))
  const [header = null] = headers
  const type = isMembers(header) ? header['typ'] : undefined
  return {
    kind: kindOfType(type),
    jws: jws.data,
    payload: decodeJson(jws.data.payload),
    headers,
  }
}

function kindOfType(type: Json | undefined): InspectKind | undefined {
  const isKnown = typeof type === 'string' && Object.hasOwn(KIND_OF_TYPE, type)
  return isKnown ? KIND_OF_TYPE[type] : undefined
}

function decodeJson(encoded: string): Json {
  return parseCanonicalText(decodeUtf8(decodeBase64url(encoded)))
}

/** Members of a signed object under a path: its digest, its payload, its signatures. */
export function jwsMembers(object: InspectedJws, prefix: string): readonly InspectMember[] {
  const { kind = 'record', jws, payload, headers } = object
  const own = digest(jws.payload)
  const content = isMembers(payload) ? Object.entries(payload) : []
  return [
    memberOf({ kind, name: 'digest', path: `${prefix}(digest)`, value: own }),
    ...content.flatMap(([name, value]) => payloadMember(kind, { name, value, prefix })),
    ...headers.map((header, index) =>
      memberOf({
        kind,
        name: 'signature',
        path: `${prefix}signatures.${String(index)}`,
        value: header,
        visibility: 'signature',
      }),
    ),
  ]
}

function payloadMember(
  kind: InspectKind,
  { name, value, prefix }: { readonly name: string; readonly value: Json; readonly prefix: string },
): readonly InspectMember[] {
  const path = `${prefix}${name}`
  const nested = jwsOf(value)
  if (nested !== undefined) return jwsMembers(nested, `${path}.`)
  return [memberOf({ kind, name, path, value, visibility: name === '_sd' ? 'sealed' : 'clear' })]
}

/** Members of an envelope: its dispatch, its seal, its statements, or the void in their place. */
export function envelopeMembers(json: {
  readonly [member: string]: Json
}): readonly InspectMember[] {
  return Object.entries(json).flatMap(([name, value]) => envelopeMember(name, value))
}

function envelopeMember(name: string, value: Json): readonly InspectMember[] {
  if (name === 'seal') {
    const whole = memberOf({ kind: 'envelope', name, value, visibility: 'sealed' })
    return [whole, ...(typeof value === 'string' ? sealTextMembers(value) : [])]
  }
  const parts: readonly Json[] = Array.isArray(value) ? value : [value]
  const members = parts.flatMap((part, index) => {
    const jws = jwsOf(part)
    const prefix = Array.isArray(value) ? `${name}.${String(index)}.` : `${name}.`
    return jws === undefined ? [] : jwsMembers(jws, prefix)
  })
  return members.length === 0 ? [memberOf({ kind: 'envelope', name, value })] : members
}

/** What everybody can read of a seal inside an envelope; nothing where it is no JWE. */
function sealTextMembers(text: string): readonly InspectMember[] {
  try {
    const json = parseCanonicalText(text)
    return isMembers(json) ? sealMembers(json, 'seal.') : []
  } catch (error) {
    if (isAnyAmanaError(error)) return []
    throw error
  }
}

/**
 * Members of a seal under a path: what it is bound to, how it is encrypted, for which keys of which suite.
 *
 * @throws WIRE_B64, WIRE_UTF8, WIRE_CANON, WIRE_JSON when its header or its additional data cannot be read
 */
export function sealMembers(
  json: { readonly [member: string]: Json },
  prefix: string,
): readonly InspectMember[] {
  return Object.entries(json).flatMap(([name, value]) => {
    if (name === 'recipients') {
      const entries: readonly Json[] = Array.isArray(value) ? value : [value]
      return entries.flatMap((entry, n) => recipientMembers(entry, `${prefix}${name}.${n}.`))
    }
    const isCoded = (name === 'aad' || name === 'protected') && typeof value === 'string'
    return [sealMember({ name, value: isCoded ? decodeJson(value) : value, prefix })]
  })
}

/** The header says the suite: `epk` stands in A1, `ek` in A2. */
function recipientMembers(entry: Json, prefix: string): readonly InspectMember[] {
  if (!isMembers(entry)) return [sealMember({ name: 'recipients', value: entry, prefix })]
  return Object.entries(entry).flatMap(([name, value]) => {
    if (name !== 'header' || !isMembers(value)) return [sealMember({ name, value, prefix })]
    return Object.entries(value).map(([member, content]) =>
      sealMember({ name: member, value: content, prefix: `${prefix}header.` }),
    )
  })
}

const CLOSED = new Set(['ciphertext', 'encrypted_key', 'tag'])

function sealMember({
  name,
  value,
  prefix,
}: {
  readonly name: string
  readonly value: Json
  readonly prefix: string
}): InspectMember {
  const visibility = CLOSED.has(name) ? 'sealed' : 'clear'
  return memberOf({ kind: 'seal', name, path: `${prefix}${name}`, value, visibility })
}
