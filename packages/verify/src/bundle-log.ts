/**
 * What the log's own signatures and those of its witnesses say about the leaves that were read.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#checkpoints
 */
import { digest, encodeBase64url, type VerifiedCheckpoint } from '@amana/core'
import { type BundleReading } from './bundle-reading.ts'
import { type Finding } from './findings.ts'
import { type LogSummary } from './report.ts'

/** A checkpoint whose root came out of the leaves. */
export interface ProvenCheckpoint {
  readonly size: number
  readonly root: string
  /** Seconds since 1970, by the clock of a witness; earliest first. */
  readonly cosignedAt: readonly number[]
}

/** The log as far as signatures carry it. */
export interface LogCheck {
  readonly summary: LogSummary
  readonly proven: readonly ProvenCheckpoint[]
  readonly findings: readonly Finding[]
}

/** Compares every checkpoint with the tree, and every cosignature that the log claims with the notes. */
export function checkLog(reading: BundleReading): LogCheck {
  const proven = reading.checkpoints
    .flatMap((checkpoint) => provenBy(reading, checkpoint))
    .toSorted((a, b) => a.size - b.size)
  const cosignedSize = Math.max(
    0,
    ...proven.filter(({ cosignedAt }) => cosignedAt.length > 0).map(({ size }) => size),
  )
  const { header, roots, shownCount } = reading
  const summary = {
    origin: header.log,
    leaves: shownCount,
    size: header.size,
    cosignedSize,
    root: roots.get(header.size) ?? '',
  }
  const findings = [
    ...rootFindings(reading),
    ...headFindings(reading, proven),
    ...witnessFindings(reading, cosignedSize),
    ...claimFindings(reading),
    ...sealFindings(reading),
  ]
  return { summary, proven, findings }
}

function provenBy(
  { roots }: BundleReading,
  checkpoint: VerifiedCheckpoint,
): readonly ProvenCheckpoint[] {
  const root = encodeBase64url(checkpoint.root)
  if (roots.get(checkpoint.size) !== root) return []
  const cosignedAt = checkpoint.cosignatures.map(({ time }) => time).toSorted((a, b) => a - b)
  return [{ size: checkpoint.size, root, cosignedAt }]
}

/** A signed root that the leaves do not give. Where the size lies inside a withheld subtree nothing can be compared. */
function rootFindings({ agency, checkpoints, header, roots }: BundleReading): readonly Finding[] {
  return checkpoints.flatMap(({ size, root }): readonly Finding[] => {
    const where = `size ${String(size)}`
    const found = roots.get(size)
    if (size > header.size) {
      return [{ code: 'TRUNCATED', severity: 'fail', level: 'PROVEN', party: agency, where }]
    }
    if (found === undefined) {
      return [{ code: 'NOT_COMPARED', severity: 'info', level: 'INFO', party: agency, where }]
    }
    if (found === encodeBase64url(root)) return []
    return [{ code: 'ROOT_MISMATCH', severity: 'fail', level: 'PROVEN', party: agency, where }]
  })
}

/** The bundle's own size must be signed. */
function headFindings(
  { agency, header, checkpoints }: BundleReading,
  proven: readonly ProvenCheckpoint[],
): readonly Finding[] {
  const isSigned = proven.some(({ size }) => size === header.size)
  if (isSigned || checkpoints.some(({ size }) => size === header.size)) return []
  const where = `size ${String(header.size)}`
  return [{ code: 'CHECKPOINT_UNSIGNED', severity: 'fail', level: 'LOCAL', party: agency, where }]
}

function witnessFindings(
  { agency, header }: BundleReading,
  cosignedSize: number,
): readonly Finding[] {
  if (cosignedSize === 0) {
    return [{ code: 'NOT_WITNESSED', severity: 'fail', level: 'LOCAL', party: agency }]
  }
  if (cosignedSize === header.size) return []
  const where = `${String(cosignedSize)}–${String(header.size - 1)}`
  return [{ code: 'UNWITNESSED_TAIL', severity: 'warn', level: 'LOCAL', party: agency, where }]
}

/** Every checkpoint that the log says was cosigned is in the bundle, with that cosignature. */
function claimFindings({ agency, checkpoints, leaves }: BundleReading): readonly Finding[] {
  const byDigest = new Map(checkpoints.map((checkpoint) => [digest(checkpoint.note), checkpoint]))
  return leaves.flatMap(({ leaf }): readonly Finding[] => {
    if (leaf.event !== 'w.cosigned') return []
    const { by, note, size, time } = leaf.data
    const found = byDigest.get(note)
    const isShown =
      found?.size === size &&
      found.cosignatures.some((line) => line.witness === by && line.time === time)
    if (isShown) return []
    const where = `index ${String(leaf.index)}`
    const code = 'COSIGNED_NOTE_MISSING'
    return [{ code, severity: 'fail', level: 'LOCAL', party: agency, where }]
  })
}

/** Without the seal behind it, the last leaf of a class could have been left out unseen. */
function sealFindings({ agency, header, leaves }: BundleReading): readonly Finding[] {
  const newestSeal = leaves.findLast(({ leaf }) => leaf.event === 'w.seal')?.leaf.index ?? -1
  const [, to] = header.range
  if (newestSeal === to - 1) return []
  const where = `${String(newestSeal + 1)}–${String(to - 1)}`
  return [{ code: 'SEAL_WITHHELD', severity: 'warn', level: 'LOCAL', party: agency, where }]
}
