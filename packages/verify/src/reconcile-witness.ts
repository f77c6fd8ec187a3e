/**
 * What each agency's witness says of the other's log, held against that log.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reconciliation
 */
import { type WitnessedCheckpoint } from './check-references.ts'
import { type Finding } from './findings.ts'
import { type VerifiedLog } from './verify-bundle.ts'

/** Compares what was cosigned with what was handed over, both ways; of one log twice, its two histories. */
export function reconcileWitness(a: VerifiedLog, b: VerifiedLog): readonly Finding[] {
  if (a.agency === b.agency) return compareSameLog(a, b)
  return [
    ...witnessedFindings(a, b),
    ...witnessedFindings(b, a),
    ...previousFindings(a, b),
    ...previousFindings(b, a),
    ...cosignatureFindings(a, b),
    ...cosignatureFindings(b, a),
  ]
}

/** Two bundles of one log: where both signed the same size, the root is the same. */
function compareSameLog(a: VerifiedLog, b: VerifiedLog): readonly Finding[] {
  return a.proven.flatMap(({ size, root }): readonly Finding[] => {
    const other = b.proven.find((checkpoint) => checkpoint.size === size)
    if (other === undefined || other.root === root) return []
    const where = `size ${String(size)}`
    return [{ code: 'EQUIVOCATION', severity: 'fail', level: 'PROVEN', party: a.agency, where }]
  })
}

function witnessedFindings(log: VerifiedLog, witness: VerifiedLog): readonly Finding[] {
  return witness.witnessed
    .filter(({ origin }) => origin === log.summary.origin)
    .flatMap((seen) => witnessedFinding(log, seen))
}

/** A longer history than the bundle was cosigned before the bundle says that it was made: it was cut. */
function witnessedFinding(log: VerifiedLog, seen: WitnessedCheckpoint): readonly Finding[] {
  const where = `size ${String(seen.size)}`
  const level = seen.isSigned ? 'PROVEN' : 'CONTRADICTED'
  const party = log.agency
  if (seen.size > log.summary.size) {
    const severity = seen.time <= log.createdAt ? 'fail' : 'warn'
    return [{ code: 'TRUNCATED_VS_WITNESS', severity, level, party, where }]
  }
  const root = log.roots.get(seen.size)
  if (root === seen.root || (root === undefined && !log.isWhole.witness)) return []
  return [{ code: 'EQUIVOCATION', severity: 'fail', level, party, where }]
}

/** The log before: the first leaf of this one names the newest head of it that the other agency cosigned, and no older one. */
function previousFindings(
  { agency: party, previous }: VerifiedLog,
  { witnessed }: VerifiedLog,
): readonly Finding[] {
  if (previous === undefined) return []
  const seen = witnessed.filter(({ origin }) => origin === previous.log)
  return seen.flatMap(({ isSigned, root, size }): readonly Finding[] => {
    const isOther = size === previous.size && root !== previous.root
    if (size <= previous.size && !isOther) return []
    const level = isSigned ? 'PROVEN' : 'CONTRADICTED'
    const code = isOther ? 'EQUIVOCATION' : 'TRUNCATED_VS_WITNESS'
    const where = `${previous.log} size ${String(size)}`
    return [{ code, severity: 'fail', level, party, where }]
  })
}

/** A cosignature that its own log does not name was made with a stolen key, or is hidden. */
function cosignatureFindings(log: VerifiedLog, witness: VerifiedLog): readonly Finding[] {
  if (!witness.isWhole.witness) return []
  return log.proven.flatMap(({ size, root, cosignedAt }): readonly Finding[] => {
    const covered = cosignedAt.some((time) => (time + 1) * 1000 <= witness.newestMs)
    const isLogged = witness.witnessed.some(
      (seen) => seen.origin === log.summary.origin && seen.size === size && seen.root === root,
    )
    if (!covered || isLogged) return []
    const where = `size ${String(size)}`
    const code = 'COSIGNATURE_NOT_LOGGED'
    return [{ code, severity: 'fail', level: 'CONTRADICTED', party: witness.agency, where }]
  })
}
