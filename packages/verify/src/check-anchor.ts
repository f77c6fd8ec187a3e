/**
 * The heads in signed minutes against the logs: the one thing that two agencies which rewrite both logs together do not
 * have in their hands.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#anchors
 */
import {
  anchorDigits,
  type AnchoredHead,
  decodeBase64url,
  encodeBase64url,
  isAnyAmanaError,
  parseAnchor,
} from '@amana/core'
import { type Finding, findingOfRefusal } from './findings.ts'

/** A log as far as an anchor can be held against it. */
export interface AnchoredLog {
  readonly agency: string
  readonly summary: { readonly origin: string }
  /** Roots in base64url that the leaves give, by size. */
  readonly roots: ReadonlyMap<number, string>
}

/** What an anchor showed. */
export interface AnchorCheck {
  /** Heads that the logs lead to. */
  readonly matched: number
  readonly findings: readonly Finding[]
  /** Whether the anchor could be read at all. */
  readonly isReadable: boolean
}

/** Holds an anchor, as it was printed or typed, against the logs that were read. */
export function checkAnchor(text: string, logs: readonly AnchoredLog[]): AnchorCheck {
  try {
    const { digits, heads } = parseAnchor(text)
    const found = heads.map((head) => compareHead(head, logs))
    const findings = found.flatMap(({ finding }) => finding ?? [])
    const roots = found.flatMap(({ root }) => root ?? [])
    const [first, second] = roots
    const isSame =
      first === undefined || second === undefined || anchorDigits(first, second) === digits
    const party = heads.map(({ origin }) => origin.slice(0, origin.indexOf('/'))).join(', ')
    const mismatch: Finding = { ...MISMATCH, party, where: digits }
    const all = isSame || findings.length > 0 ? findings : [mismatch]
    return { matched: all.length === 0 ? roots.length : 0, findings: all, isReadable: true }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    const finding = findingOfRefusal(error, { party: 'anchor', otherwise: 'ANCHOR_MALFORMED' })
    return { matched: 0, findings: [finding], isReadable: false }
  }
}

const MISMATCH = { code: 'ANCHOR_MISMATCH', severity: 'fail', level: 'CONTRADICTED' } as const

interface Compared {
  readonly root?: { readonly origin: string; readonly size: number; readonly root: Uint8Array }
  readonly finding?: Finding
}

/** The root that the leaves give at that size; the typed one, where there is one, is the same. */
function compareHead({ origin, root, size }: AnchoredHead, logs: readonly AnchoredLog[]): Compared {
  const log = logs.find(({ summary }) => summary.origin === origin)
  const shown = log?.roots.get(size)
  const where = `${origin} size ${String(size)}`
  if (log === undefined || shown === undefined) {
    const party = log?.agency ?? 'anchor'
    return { finding: { code: 'NOT_COMPARED', severity: 'info', level: 'INFO', party, where } }
  }
  if (root !== undefined && encodeBase64url(root) !== shown) {
    return { finding: { ...MISMATCH, party: log.agency, where } }
  }
  return { root: { origin, size, root: decodeBase64url(shown) } }
}
