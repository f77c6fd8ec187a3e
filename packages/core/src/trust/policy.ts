/**
 * The auditor's policy file: whose logs and witnesses count. A C2SP tlog-policy file with comment lines that other tools
 * skip. It is a pure function of charter and rosters, so that both agencies print the same bytes.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#policy-file
 */
import { decodeBase64url, encodeBase64 } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { type Digest, DigestSchema } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { AgencyIdSchema, isAscending } from './identifiers.ts'
import { type RosterLog } from './roster.ts'
import { logKeys } from './verifier-key.ts'
import { type VerifiedCharter } from './verified-charter.ts'
import { type VerifiedRoster } from './verified-roster.ts'

const FIRST_LOG_LINE = 3

/** Verifier keys of one log or witness: Ed25519, then ML-DSA-44. */
type VerifierKeyPair = RosterLog['log']

/** An agency's log as a policy trusts it. */
export interface PolicyLog {
  readonly agency: string
  readonly origin: string
  /** RFC 6962 hash of leaf 0. */
  readonly genesis: Digest
  readonly keys: VerifierKeyPair
}

/** An agency's witness; it counts for the logs of other agencies only. */
export interface PolicyWitness {
  readonly agency: string
  readonly keys: VerifierKeyPair
}

/** What a policy file says. */
export interface Policy {
  readonly charterDigest: Digest
  readonly logs: readonly PolicyLog[]
  readonly witnesses: readonly PolicyWitness[]
  /** How many witnesses of other agencies must have cosigned a checkpoint, each with both of its keys. */
  readonly quorum: 1
}

/**
 * The policy of the agencies of a charter.
 *
 * @throws TRUST_NO_ROSTER when an agency has no roster among these, or one that names no node
 */
export function policyOf(charter: VerifiedCharter, rosters: readonly VerifiedRoster[]): Policy {
  const agencies = Object.keys(charter.payload.agencies).toSorted()
  const entries = agencies.map((agency) => ({ agency, log: newestLog(agency, rosters) }))
  return {
    charterDigest: charter.digest,
    logs: entries.map(({ agency, log }) => ({
      agency,
      origin: log.origin,
      genesis: log.genesis,
      keys: log.log,
    })),
    witnesses: entries.map(({ agency, log }) => ({ agency, keys: log.witness })),
    quorum: 1,
  }
}

function newestLog(agency: string, rosters: readonly VerifiedRoster[]): RosterLog {
  const [newest] = rosters
    .filter((roster) => roster.agency === agency)
    .toSorted((a, b) => b.version - a.version)
  const log = newest?.payload.nodes[0]?.log
  if (log === undefined) throw new AmanaError('TRUST_NO_ROSTER', { agency })
  return log
}

/** The policy file of a charter and its rosters. @throws TRUST_NO_ROSTER as `policyOf` */
export function formatPolicy(charter: VerifiedCharter, rosters: readonly VerifiedRoster[]): string {
  return printPolicy(policyOf(charter, rosters))
}

function printPolicy({ charterDigest, logs, witnesses }: Policy): string {
  const lines = [
    '#amana policy 1',
    `#amana charter ${charterDigest}`,
    ...logs.flatMap(({ keys }) => keys.map((key) => `log ${key}`)),
    ...witnesses.flatMap(witnessLines),
    `group peers any ${witnesses.map(({ agency }) => agency).join(' ')}`,
    'quorum peers',
    ...logs.map(
      ({ origin, genesis }) => `#amana genesis ${origin} ${encodeBase64(decodeBase64url(genesis))}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

function witnessLines({ agency, keys: [ed25519, mlDsa] }: PolicyWitness): readonly string[] {
  return [
    `witness ${agency}/ed25519 ${ed25519}`,
    `witness ${agency}/ml-dsa-44 ${mlDsa}`,
    `group ${agency} all ${agency}/ed25519 ${agency}/ml-dsa-44`,
  ]
}

/**
 * Reads a policy file exactly as `formatPolicy` writes it; one byte off is refused, so that its digits mean its rules.
 *
 * @throws WIRE_SIZE when it is too large
 * @throws TRUST_POLICY when a line is not as it must be, WIRE_KEY when a verifier key is not
 */
export function parsePolicy(text: string): Policy {
  const sizeBytes = encodeUtf8(text).length
  if (sizeBytes > TRUST_LIMITS.policyBytes) {
    throw new AmanaError('WIRE_SIZE', { sizeBytes, limitBytes: TRUST_LIMITS.policyBytes })
  }
  const lines = text.split('\n')
  const policy = collectPolicy(lines)
  assertSameLines(lines, printPolicy(policy).split('\n'))
  assertAgencies(policy)
  for (const [index, log] of policy.logs.entries()) assertKeys(log, policy.witnesses[index])
  return policy
}

function collectPolicy(lines: readonly string[]): Policy {
  const valuesOf = (pattern: RegExp): readonly string[] =>
    lines.flatMap((line) => pattern.exec(line)?.slice(1) ?? [])
  const [charter] = valuesOf(/^#amana charter (\S+)$/)
  const charterDigest = DigestSchema.safeParse(charter)
  if (!charterDigest.success) throw new AmanaError('TRUST_POLICY', { line: 2 })
  const logs = pairsOf(valuesOf(/^log (\S+)$/))
  const witnesses = pairsOf(valuesOf(/^witness \S+ (\S+)$/))
  const genesis = pairsOf(valuesOf(/^#amana genesis (\S+) (\S+)$/))
  return {
    charterDigest: charterDigest.data,
    logs: genesis.map(([origin, hash], index) => ({
      agency: agencyOf(origin),
      origin,
      genesis: genesisDigest(hash, lines),
      keys: logs[index] ?? ['', ''],
    })),
    witnesses: witnesses.map((keys) => ({ agency: agencyOf(keys[0]), keys })),
    quorum: 1,
  }
}

function pairsOf(values: readonly string[]): readonly VerifierKeyPair[] {
  return values.flatMap((value, index): VerifierKeyPair[] => {
    const next = values[index + 1]
    return index % 2 === 1 || next === undefined ? [] : [[value, next]]
  })
}

function agencyOf(name: string): string {
  return AgencyIdSchema.safeParse(name.slice(0, name.indexOf('/'))).data ?? ''
}

/** Only the form is judged here; that the base64 is the one spelling, the comparison of the lines shows. */
function genesisDigest(base64: string, lines: readonly string[]): Digest {
  const digest = DigestSchema.safeParse(
    base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=$/, ''),
  )
  if (digest.success) return digest.data
  throw new AmanaError('TRUST_POLICY', {
    line: lines.findIndex((line) => line.endsWith(` ${base64}`)) + 1,
  })
}

function assertSameLines(found: readonly string[], expected: readonly string[]): void {
  const length = Math.max(found.length, expected.length)
  for (let index = 0; index < length; index += 1) {
    if (found[index] !== expected[index]) throw new AmanaError('TRUST_POLICY', { line: index + 1 })
  }
}

/** Two agencies at least, sorted, each with one log and one witness: as a charter gives them. */
function assertAgencies({ logs, witnesses }: Policy): void {
  const agencies = logs.map(({ agency }) => agency)
  if (agencies.length < 2 || !isAscending(agencies)) {
    throw new AmanaError('TRUST_POLICY', { line: FIRST_LOG_LINE })
  }
  if (witnesses.length !== logs.length) {
    throw new AmanaError('TRUST_POLICY', { line: FIRST_LOG_LINE + 2 * logs.length })
  }
}

function assertKeys(log: PolicyLog, witness: PolicyWitness | undefined): void {
  const { agency, origin, genesis, keys } = log
  if (witness?.agency !== agency) throw new AmanaError('WIRE_KEY', { reason: 'witness of the log' })
  logKeys(agency, { genesis, log: keys, origin, witness: witness.keys })
}
