/**
 * What a presentation shows of a message, field by field, for a report.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#presentations
 */
import { type Json, type VerifiedDisclosure } from '@amana/core'
import { type Finding } from './findings.ts'
import { instantOf } from './instant.ts'
import { type VerifiedPresentation } from './presentation.ts'

/** How much of a group is shown; whether what is withheld still exists anywhere, nothing says. */
export type GroupExtent = 'whole' | 'partial' | 'withheld'

/** Who gave the presentation to whom, as he signed it. */
export interface HandedOver {
  readonly audience: string
  /** `officer, organisation (agency)`. */
  readonly by: string
  /** RFC 3339, by the officer's clock. */
  readonly at: string
  readonly purpose: string
}

/** The fields that one file shows of a statement; its presentation verified, or there is none and nothing is shown. */
export interface Disclosed {
  readonly file: string
  readonly kind: string
  readonly from: string
  /** Digest of the statement. */
  readonly statement: string
  /** Path and value of every field that is shown, as text. */
  readonly fields: readonly (readonly [path: string, value: string])[]
  /** Every group of the kind. */
  readonly groups: readonly (readonly [name: string, extent: GroupExtent])[]
  readonly handedOver?: HandedOver
}

/** What a presentation shows. */
export function disclosedOf(
  file: string,
  { groups, hidden, statement }: VerifiedPresentation,
): Disclosed {
  const shown = Object.entries(groups)
  const extents = [
    ...shown.map(([name, { extent }]) => [name, extent] as const),
    ...hidden.map((name) => [name, 'withheld'] as const),
  ]
  return {
    file,
    kind: statement.content.kind,
    from: statement.content.iss,
    statement: statement.digest,
    fields: shown.flatMap(([name, { value }]) => fieldsOf(name, value)),
    groups: extents.toSorted(([a], [b]) => (a < b ? -1 : 1)),
  }
}

/** Findings that say of each group how much of it is shown. */
export function groupFindings({ file, groups }: Disclosed): readonly Finding[] {
  return EXTENTS.flatMap(([extent, code]): readonly Finding[] => {
    const names = groups.flatMap(([name, shown]) => (shown === extent ? [name] : []))
    if (names.length === 0) return []
    const where = names.join(', ')
    return [{ code, severity: 'info', level: 'INFO', party: file, where }]
  })
}

const EXTENTS = [
  ['whole', 'GROUP_WHOLE'],
  ['partial', 'GROUP_PARTIAL'],
  ['withheld', 'WITHHELD'],
] as const

/** What a signed disclosure says; it verified. */
export function handedOverOf({ content, officer }: VerifiedDisclosure): HandedOver {
  const { audience, disclosedAt, purpose } = content
  const { agency, id, organisation } = officer
  return {
    audience,
    by: `${id}, ${organisation} (${agency})`,
    at: instantOf(disclosedAt),
    purpose,
  }
}

/** The leaves of a value with their paths. */
function fieldsOf(path: string, value: Json): Disclosed['fields'] {
  if (typeof value !== 'object' || value === null) return [[path, String(value)]]
  return Object.entries(value).flatMap(([name, member]) => fieldsOf(`${path}.${name}`, member))
}
