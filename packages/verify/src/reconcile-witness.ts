/**
 * What each agency's witness says of the other's log, held against that log.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reconciliation
 */
import { type WitnessedCheckpoint } from './check-references.ts'
import { isSignedUpTo, signsOtherwise } from './signed-history.ts'
import { type Finding } from './findings.ts'
import { type VerifiedLog } from './verify-bundle.ts'

/** A clock that was set back by less makes no log incomplete; by more, its times are findings. */
const SKEW_MS = 300_000

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

/** Two bundles of one log: what one signed is held against the other, both ways. */
function compareSameLog(a: VerifiedLog, b: VerifiedLog): readonly Finding[] {
  const sizes = new Set(
    [
      ...a.proven.filter((head) => signsOtherwise(b, head)),
      ...b.proven.filter((head) => signsOtherwise(a, head)),
    ].map(({ size }) => size),
  )
  return [...sizes].map((size): Finding => {
    const where = `size ${String(size)}`
    return { code: 'EQUIVOCATION', severity: 'fail', level: 'PROVEN', party: a.agency, where }
  })
}

function witnessedFindings(log: VerifiedLog, witness: VerifiedLog): readonly Finding[] {
  return witness.witnessed
    .filter(({ origin }) => origin === log.summary.origin)
    .flatMap((seen) => witnessedFinding(log, seen))
}

/**
 * A longer history than the bundle was cosigned before the bundle says that it was made: it was cut, or somebody wrote
 * another `created`, which nobody signs. Another history under the log's own signatures is proof.
 */
function witnessedFinding(log: VerifiedLog, seen: WitnessedCheckpoint): readonly Finding[] {
  const where = `size ${String(seen.size)}`
  const party = log.agency
  if (seen.size > log.summary.size) {
    const severity = seen.time <= log.createdAt ? 'fail' : 'warn'
    return [{ code: 'TRUNCATED_VS_WITNESS', severity, level: 'CONTRADICTED', party, where }]
  }
  if (!signsOtherwise(log, seen)) return []
  const level = seen.isSigned ? 'PROVEN' : 'CONTRADICTED'
  return [{ code: 'EQUIVOCATION', severity: 'fail', level, party, where }]
}

/** The log before: the first leaf of this one names the newest head of it that the other agency cosigned, and no older one. */
function previousFindings(log: VerifiedLog, { witnessed }: VerifiedLog): readonly Finding[] {
  const { agency: party, previous } = log
  if (previous === undefined || !isSignedUpTo(log, 1)) return []
  const seen = witnessed.filter(({ origin }) => origin === previous.log)
  return seen.flatMap(({ isSigned, root, size }): readonly Finding[] => {
    const isOther = size === previous.size && root !== previous.root
    if (size <= previous.size && !isOther) return []
    // that a longer head was cosigned is the witness's word alone
    const level = isSigned && isOther ? 'PROVEN' : 'CONTRADICTED'
    const code = isOther ? 'EQUIVOCATION' : 'TRUNCATED_VS_WITNESS'
    const where = `${previous.log} size ${String(size)}`
    return [{ code, severity: 'fail', level, party, where }]
  })
}

/** A cosignature that its own log does not name was made with a stolen key, or is hidden. */
function cosignatureFindings(log: VerifiedLog, witness: VerifiedLog): readonly Finding[] {
  if (!witness.isWhole.witness) return []
  const logged = new Set(
    witness.witnessed
      .filter(({ origin }) => origin === log.summary.origin)
      .map((seen) => `${String(seen.size)} ${seen.root}`),
  )
  return log.proven.flatMap(({ size, root, cosignedAt }): readonly Finding[] => {
    const covered = cosignedAt.some((time) => (time + 1) * 1000 + SKEW_MS <= witness.newestMs)
    const isLogged = logged.has(`${String(size)} ${root}`)
    if (!covered || isLogged) return []
    const where = `size ${String(size)}`
    const code = 'COSIGNATURE_NOT_LOGGED'
    return [{ code, severity: 'fail', level: 'CONTRADICTED', party: witness.agency, where }]
  })
}
