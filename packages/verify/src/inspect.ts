/**
 * Shows any Amana object member by member, without any key: what everybody can read, what is sealed, what is a
 * signature, and where the specification says what it means. Nothing is verified.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#inspecting
 */
import { AmanaError, decodeUtf8, isAnyAmanaError, type Json, parseCanonicalText } from '@amana/core'
import { fileMembers, recordMembers } from './inspect-bundle.ts'
import {
  envelopeMembers,
  type InspectedJws,
  type InspectKind,
  type InspectMember,
  isMembers,
  jwsMembers,
  jwsOf,
  sealMembers,
} from './inspect-members.ts'
import { checkpointMembers, presentationMembers } from './inspect-texts.ts'

/** An object taken apart. */
export interface InspectResult {
  readonly what: InspectKind
  readonly members: readonly InspectMember[]
}

/**
 * Takes a file apart. Its content says what it is; the name only serves the refusal.
 *
 * @throws VERIFY_UNKNOWN_FILE when it is none of the objects of the specification
 * @throws WIRE_* when it is one and cannot be read
 */
export function inspect(bytes: Uint8Array, name: string): InspectResult {
  const text = textOf(bytes, name)
  if (/^[\w-]+\.[\w-]+\.[\w-]+~/.test(text)) {
    return { what: 'presentation', members: presentationMembers(text) }
  }
  if (/^[^\n{]+\n[0-9]+\n[^\n]+\n\n— /.test(text)) {
    return { what: 'checkpoint', members: checkpointMembers(text) }
  }
  const lines = text.replace(/\n$/, '').split('\n')
  const [first = ''] = lines
  const what = lines.length > 1 ? fileOf(first) : undefined
  if (what !== undefined) {
    const records = lines.map((line) => jsonOf(line, name))
    return { what, members: fileMembers(what, records) }
  }
  return inspectJson(lines.length === 1 ? jsonOf(first, name) : null, name)
}

/** The file that begins so: canonical members rise, so the first one tells. */
export function fileOf(first: string): 'bundle' | 'message' | undefined {
  if (first.startsWith('{"classes":')) return 'bundle'
  return first.startsWith('{"created":') ? 'message' : undefined
}

function inspectJson(json: Json, name: string): InspectResult {
  const jws = jwsOf(json)
  if (jws?.kind !== undefined) return inspectJws(jws)
  if (isMembers(json) && json['dispatch'] !== undefined) {
    return { what: 'envelope', members: envelopeMembers(json) }
  }
  if (isMembers(json) && json['record'] !== undefined) {
    return { what: 'record', members: recordMembers(json) }
  }
  if (isMembers(json) && json['ciphertext'] !== undefined) {
    return { what: 'seal', members: sealMembers(json, '') }
  }
  throw new AmanaError('VERIFY_UNKNOWN_FILE', { name })
}

function inspectJws(jws: InspectedJws): InspectResult {
  return { what: jws.kind ?? 'record', members: jwsMembers(jws, '') }
}

/** A line, without its newline, as JSON. @throws VERIFY_UNKNOWN_FILE when it is none in canonical form */
export function recordOf(bytes: Uint8Array, name: string): Json {
  return jsonOf(textOf(bytes, name), name)
}

function textOf(bytes: Uint8Array, name: string): string {
  return refusing(name, () => decodeUtf8(bytes))
}

function jsonOf(text: string, name: string): Json {
  return refusing(name, () => parseCanonicalText(text))
}

/** What is not text, or not canonical JSON, is none of ours. */
function refusing<T>(name: string, step: () => T): T {
  try {
    return step()
  } catch (cause) {
    if (!isAnyAmanaError(cause)) throw cause
    throw new AmanaError('VERIFY_UNKNOWN_FILE', { name }, { cause })
  }
}
