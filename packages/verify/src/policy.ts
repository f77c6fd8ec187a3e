/**
 * The auditor's policy: whose logs and witnesses count. It comes another way than what it judges.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#policy
 */
import {
  type CheckpointPolicy,
  type Digest,
  digest,
  parsePolicy,
  parseVkey,
  policySafetyNumber,
  type Policy,
} from '@amana/core'

/** A policy file that was read. */
export interface ParsedPolicy {
  readonly policy: Policy
  readonly text: string
  /** Of the file's bytes: what a bundle's header names. */
  readonly digest: Digest
  /** The 60 digits to compare by telephone. */
  readonly digits: string
}

/**
 * Reads a policy file.
 *
 * @throws TRUST_POLICY, WIRE_KEY, WIRE_SIZE as `parsePolicy`
 */
export function readPolicy(text: string): ParsedPolicy {
  return {
    policy: parsePolicy(text),
    text,
    digest: digest(text),
    digits: policySafetyNumber(text),
  }
}

/** An agency's log by its name, as the policy trusts it. */
export function logOf(
  { policy }: ParsedPolicy,
  origin: string,
): Policy['logs'][number] | undefined {
  return policy.logs.find((log) => log.origin === origin)
}

/** The genesis that the policy names for an agency's log; empty for an unknown agency. */
export function genesisOf({ policy }: ParsedPolicy, agency: string): string {
  return policy.logs.find((log) => log.agency === agency)?.genesis ?? ''
}

/**
 * How a checkpoint of a log is judged. No witness is required here: which checkpoints are cosigned is counted later.
 *
 * @throws AUDIT_VKEY when a key of the policy is malformed
 */
export function checkpointPolicyOf(
  { policy }: ParsedPolicy,
  log: Policy['logs'][number],
): CheckpointPolicy {
  const witnesses = policy.witnesses.filter(({ agency }) => agency !== log.agency)
  return {
    origin: log.origin,
    logKeys: log.keys.map((key) => parseVkey(key)),
    witnesses: witnesses.map(({ keys }) => {
      const parsed = keys.map((key) => parseVkey(key))
      return { name: parsed[0]?.name ?? '', keys: parsed }
    }),
    quorum: 0,
  }
}
