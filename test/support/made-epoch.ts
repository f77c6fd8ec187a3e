/**
 * An agreement of two agencies that one of them begins another log.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#epochs
 */
import {
  createCursor,
  createNoteSigner,
  digest,
  DigestSchema,
  encodeBase64url,
  formatVkey,
  leafHash,
  type LogEpoch,
  nextLeaves,
  type PrivateKey,
  privateKeyFromSeed,
} from '@amana/core'

const AGENCY = 'ng.naptip'
/** The log before. */
const FIRST_LOG = 'ng.naptip/amana/audit/1'
/** The log that begins. */
const SECOND_LOG = 'ng.naptip/amana/audit/2'
/** How the new log names the one before. */
export const PREV = { kept: 16, log: FIRST_LOG, reason: 'keys', root: digest('root'), size: 16 }

/** The four keys of the new log and its witness. */
export type EpochKeys = readonly [string, string, string, string]

/** What the first leaf says, and of which log it is. */
export interface Beginning {
  readonly data?: Readonly<Record<string, unknown>>
  readonly origin?: string
}

/** The roster keys of the agency and of the other one. */
export function epochSigners(): Promise<readonly PrivateKey<'Ed25519'>[]> {
  return Promise.all([1, 2].map((n) => privateKeyFromSeed('Ed25519', seed(n))))
}

/** Keys from fixed seeds. */
export async function epochKeys(): Promise<EpochKeys> {
  const witness = 'ng.naptip/amana/witness/2'
  return [
    formatVkey(await createNoteSigner(SECOND_LOG, 'log', seed(3))),
    formatVkey(await createNoteSigner(SECOND_LOG, 'post-quantum', seed(4))),
    formatVkey(await createNoteSigner(witness, 'cosigner', seed(5))),
    formatVkey(await createNoteSigner(witness, 'post-quantum', seed(6))),
  ]
}

/** An agreement with its first leaf; `changes` are made to the agreement afterwards. */
export function madeEpoch(
  keys: EpochKeys,
  { data = { prev: PREV }, origin = SECOND_LOG }: Beginning = {},
  changes: Partial<LogEpoch> = {},
): LogEpoch {
  const genesis = { agency: AGENCY, keys, ...data }
  const events = [{ event: 'g.genesis', actor: 'sys', data: genesis }]
  const [leaf] = nextLeaves(createCursor(origin), events, 1).leaves
  const first = leaf?.bytes ?? new Uint8Array()
  const [log, later, witness, cosigner] = keys
  return {
    agency: AGENCY,
    first: encodeBase64url(first),
    iat: 1_795_334_400,
    log: {
      genesis: DigestSchema.parse(encodeBase64url(leafHash(first))),
      log: [log, later],
      origin,
      witness: [witness, cosigner],
    },
    v: 1,
    ...changes,
  }
}

function seed(n: number): Uint8Array {
  return new Uint8Array(32).fill(n)
}
