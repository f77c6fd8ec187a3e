/**
 * Records of a bundle or message file, one by one: a whole file in overview, a single line with everything that is in it.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#inspecting
 */
import { decodeBase64url, decodeUtf8, type Json, parseCanonicalText } from '@amana/core'
import {
  type InspectMember,
  isMembers,
  jwsMembers,
  jwsOf,
  memberOf,
  type Visibility,
} from './inspect-members.ts'

/** A bundle or message file in overview: the members of its header, then one line a record. */
export function fileMembers(
  kind: 'bundle' | 'message',
  lines: readonly Json[],
): readonly InspectMember[] {
  const [header = null, ...records] = lines
  return [
    ...headerMembers(kind, header),
    ...records.map((record, index) => overviewOf(record, index + 2)),
  ]
}

/** The members of the first line. */
export function headerMembers(kind: 'bundle' | 'message', header: Json): readonly InspectMember[] {
  const head = isMembers(header) ? Object.entries(header) : []
  return head.map(([name, value]) => memberOf({ kind, name, value }))
}

/** One record, with the number of its line. */
export function overviewOf(record: Json, line: number): InspectMember {
  const members = isMembers(record) ? record : {}
  const name = textOf(members['record'])
  return memberOf({
    kind: 'record',
    name,
    path: `${String(line)} ${name}`,
    value: leafOf(members) ?? members['kind'] ?? members['index'] ?? '',
    visibility: visibilityOf(name),
  })
}

/** One record with its members; a leaf is decoded, a signed object taken apart. */
export function recordMembers(record: {
  readonly [member: string]: Json
}): readonly InspectMember[] {
  const name = textOf(record['record'])
  const leaf = leafOf(record)
  const content = jwsOf(record['content'] ?? null)
  return [
    ...Object.entries(record).map(([member, value]) =>
      memberOf({
        kind: member === 'record' ? 'record' : kindOf(name),
        name: member === 'record' ? name : member,
        path: member,
        value,
        visibility: visibilityOf(name),
      }),
    ),
    ...(isMembers(leaf ?? null) ? leafMembers(leaf ?? null) : []),
    ...(content === undefined ? [] : jwsMembers(content, 'content.')),
  ]
}

/** The members of a header are those of its file. */
function kindOf(record: string): 'bundle' | 'message' | 'record' {
  return record === 'bundle' || record === 'message' ? record : 'record'
}

function leafMembers(leaf: Json): readonly InspectMember[] {
  if (!isMembers(leaf)) return []
  return Object.entries(leaf).map(([name, value]) =>
    memberOf({ kind: 'leaf', name, path: `bytes.${name}`, value }),
  )
}

function leafOf(record: { readonly [member: string]: Json }): Json | undefined {
  if (record['record'] !== 'leaf') return undefined
  return parseCanonicalText(decodeUtf8(decodeBase64url(textOf(record['bytes']))))
}

/** A hash stands for what is withheld. */
function visibilityOf(record: string): Visibility {
  if (record === 'hash' || record === 'node') return 'sealed'
  return record === 'checkpoint' ? 'signature' : 'clear'
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
