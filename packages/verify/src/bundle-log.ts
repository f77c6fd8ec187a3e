/**
 * What the log's own signatures and those of its witnesses say about the leaves that were read.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#checkpoints
 */
import { type BundleReading } from './bundle-reading.ts'
import { type ReadCheckpoint } from './checkpoint-shelf.ts'
import { type Finding } from './findings.ts'
import { instantOf } from './instant.ts'
import { type ParsedPolicy } from './policy.ts'
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
export function checkLog(reading: BundleReading, { policy }: ParsedPolicy): LogCheck {
  const proven = reading.checkpoints
    .flatMap((checkpoint) => provenBy(reading, checkpoint))
    .toSorted((a, b) => a.size - b.size)
  const cosignedSize = proven.findLast(({ cosignedAt }) => cosignedAt.length > 0)?.size ?? 0
  const { header, roots, shownCount } = reading
  const summary = {
    origin: header.log,
    leaves: shownCount,
    size: header.size,
    cosignedSize,
    root: roots.get(header.size) ?? '',
    ...periodOf(proven),
    classes: reading.classCounts,
    withheld: reading.withheld,
    erased: 0,
  }
  const findings = [
    ...rootFindings(reading),
    ...headFindings(reading, proven),
    ...witnessFindings(reading, proven, cosignedSize),
    ...claimFindings(reading, policy.witnesses),
    ...sealFindings(reading),
    ...scopeFindings(reading),
  ]
  return { summary, proven, findings }
}

/** From the first to the last cosignature that counts. */
function periodOf(proven: readonly ProvenCheckpoint[]): Pick<LogSummary, 'period'> {
  const times = proven.flatMap(({ cosignedAt }) => cosignedAt).toSorted((a, b) => a - b)
  const [from, to] = [times[0], times.at(-1)]
  return from === undefined || to === undefined ? {} : { period: [instantOf(from), instantOf(to)] }
}

function provenBy(
  { roots }: BundleReading,
  { cosignatures, root, size }: ReadCheckpoint,
): readonly ProvenCheckpoint[] {
  if (roots.get(size) !== root) return []
  const cosignedAt = cosignatures.map(({ time }) => time).toSorted((a, b) => a - b)
  return [{ size, root, cosignedAt }]
}

/**
 * A signed root that the leaves do not give. Nobody signs the leaves of a file, so whoever had it may have changed them:
 * LOCAL. Where the size lies inside a withheld subtree nothing can be compared.
 */
function rootFindings({ agency, checkpoints, header, roots }: BundleReading): readonly Finding[] {
  return checkpoints.flatMap(({ size, root }): readonly Finding[] => {
    const where = `size ${String(size)}`
    const found = roots.get(size)
    if (size > header.size) {
      return [{ code: 'TRUNCATED', severity: 'fail', level: 'LOCAL', party: agency, where }]
    }
    if (found === undefined) {
      return [{ code: 'NOT_COMPARED', severity: 'info', level: 'INFO', party: agency, where }]
    }
    if (found === root) return []
    return [{ code: 'ROOT_MISMATCH', severity: 'fail', level: 'LOCAL', party: agency, where }]
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
  proven: readonly ProvenCheckpoint[],
  cosignedSize: number,
): readonly Finding[] {
  if (cosignedSize === 0) {
    return [{ code: 'NOT_WITNESSED', severity: 'fail', level: 'LOCAL', party: agency }]
  }
  if (cosignedSize === header.size) return []
  const newest = proven.findLast(({ cosignedAt }) => cosignedAt.length > 0)?.cosignedAt.at(-1) ?? 0
  const where = `${String(cosignedSize)}–${String(header.size - 1)}, ${instantOf(newest)}`
  return [{ code: 'UNWITNESSED_TAIL', severity: 'warn', level: 'LOCAL', party: agency, where }]
}

/**
 * Every checkpoint that the log says was cosigned is in the bundle, with that cosignature. Of a witness whose agency has
 * another one now, the policy has no keys: its cosignature counts for nothing, and is only there.
 */
function claimFindings(
  { agency, checkpoints, claims }: BundleReading,
  witnesses: ParsedPolicy['policy']['witnesses'],
): readonly Finding[] {
  const names = witnesses.map(({ keys }) => keys[0]?.split('+')[0] ?? '')
  const isFormer = (by: string): boolean =>
    !names.includes(by) && witnesses.some((known) => by.startsWith(`${known.agency}/`))
  const byDigest = new Map<string, ReadCheckpoint>(
    checkpoints.map((checkpoint) => [checkpoint.note, checkpoint]),
  )
  return claims.cosigned.flatMap(({ by, index, note, size, time }): readonly Finding[] => {
    const found = byDigest.get(note)
    const isShown =
      found?.size === size &&
      (isFormer(by) || found.cosignatures.some((line) => line.witness === by && line.time === time))
    if (isShown) return []
    const where = `index ${String(index)}`
    const code = 'COSIGNED_NOTE_MISSING'
    return [{ code, severity: 'fail', level: 'LOCAL', party: agency, where }]
  })
}

/**
 * Without the seal behind it, the last leaf of a class could have been left out unseen. Every head ends with one: a bundle
 * that says to show class w up to it, and does not show the seal, does not show what it says.
 */
function sealFindings({ agency, claims, header }: BundleReading): readonly Finding[] {
  const { newestSeal } = claims
  const [, to] = header.range
  if (newestSeal === to - 1) return []
  const where = `${String(newestSeal + 1)}–${String(to - 1)}`
  const isPromised = to === header.size && header.classes.includes('w')
  const severity = isPromised ? 'fail' : 'warn'
  return [{ code: 'SEAL_WITHHELD', severity, level: 'LOCAL', party: agency, where }]
}

/** Who hands over less than the exchange, the trust documents and the witness is said so, though all of it verifies. */
function scopeFindings({ agency: party, header }: BundleReading): readonly Finding[] {
  const { classes, range, size } = header
  const [from, to] = range
  const isUsual = from === 0 && to === size && USUAL.every((name) => classes.includes(name))
  if (isUsual) return []
  const where = `${classes.join(' ')}, ${String(from)}–${String(to - 1)}`
  return [{ code: 'PARTLY_SHOWN', severity: 'info', level: 'INFO', party, where }]
}

/** What one agency shows the other. */
const USUAL = ['g', 'w', 'x'] as const
