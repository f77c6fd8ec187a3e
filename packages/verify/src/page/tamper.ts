/**
 * Five ways to tamper with the sample, each as somebody would do it who can write files and has no key: counts and
 * digest at the end of the file are made to fit, except where a single byte is changed.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#sample
 */
import {
  canonicalize,
  decodeUtf8,
  digest,
  encodeUtf8,
  type Json,
  parseCanonicalText,
} from '@amana/core'
import { type NamedFile } from '../source.ts'
import { type Sample } from './sample.ts'

/** What can be done to the sample, by the name of its text in the catalogue `page`. */
export const TAMPERINGS = ['byte', 'drop', 'swap', 'roster', 'lastWeek'] as const
/** One of them. */
export type Tampering = (typeof TAMPERINGS)[number]

/** The files of the sample after one tampering with the first bundle. */
export function tamper({ files, forged, lastWeek }: Sample, how: Tampering): readonly NamedFile[] {
  const [bundle, ...others] = files
  const lines = linesOf(bundle.bytes)
  const changed = {
    byte: () => changeByte(lines),
    drop: () => sealed(lines.toSpliced(middleLeaf(lines), 1)),
    swap: () => sealed(swapNext(lines, middleLeaf(lines))),
    roster: () => sealed(withRoster(lines, forged)),
    lastWeek: () => sealed(asOfToday(linesOf(lastWeek), lines)),
  }[how]()
  return [{ ...bundle, bytes: encodeUtf8(`${changed.join('\n')}\n`) }, ...others]
}

function linesOf(bytes: Uint8Array): readonly string[] {
  return decodeUtf8(bytes).trimEnd().split('\n')
}

/** One letter of the last signature in the file. */
function changeByte(lines: readonly string[]): readonly string[] {
  const at = lines.findLastIndex((line) => line.includes('"signature":"'))
  return lines.map((line, n) =>
    n === at
      ? line.replace(/("signature":")(.)/, (_, name: string, letter: string) => {
          return `${name}${letter === 'A' ? 'B' : 'A'}`
        })
      : line,
  )
}

function middleLeaf(lines: readonly string[]): number {
  const leaves = lines.flatMap((line, n) => (line.includes('"record":"leaf"') ? [n] : []))
  return leaves[Math.floor(leaves.length / 2)] ?? 0
}

/** Two entries that stand one after the other change their contents; each keeps its number in the file. */
function swapNext(lines: readonly string[], at: number): readonly string[] {
  const [one, two] = [recordOf(lines[at]), recordOf(lines[at + 1])]
  const swapped = [
    canonicalize({ ...one, bytes: two['bytes'] ?? '' }),
    canonicalize({ ...two, bytes: one['bytes'] ?? '' }),
  ]
  return lines.toSpliced(at, 2, ...swapped)
}

/** The first roster of the file gives way to another one, under its own digest. */
function withRoster(
  lines: readonly string[],
  { payload, signatures }: Sample['forged'],
): readonly string[] {
  const content = { payload, signatures: signatures.map((signature) => ({ ...signature })) }
  const record = { content, digest: digest(payload), kind: 'roster', record: 'evidence' }
  const at = lines.findIndex((line) => line.includes('"kind":"roster"'))
  return lines.toSpliced(at, 1, canonicalize(record))
}

/** An old bundle that says it was made when the new one was. */
function asOfToday(old: readonly string[], today: readonly string[]): readonly string[] {
  const { created = 0 } = recordOf(today[0])
  return old.with(0, canonicalize({ ...recordOf(old[0]), created }))
}

/** The lines with a last record that fits them. */
function sealed(lines: readonly string[]): readonly string[] {
  const body = lines.slice(0, -1)
  const count = (kind: string): number =>
    body.filter((line) => line.includes(`"record":"${kind}"`)).length
  const end = {
    ...recordOf(lines.at(-1)),
    checkpoints: count('checkpoint'),
    evidence: count('evidence'),
    leaves: count('leaf'),
    sha256: digest(`${body.join('\n')}\n`),
  }
  return [...body, canonicalize(end)]
}

function recordOf(line: string | undefined): { readonly [member: string]: Json } {
  const record = parseCanonicalText(line ?? '')
  return isRecord(record) ? record : {}
}

function isRecord(value: Json): value is { readonly [member: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
