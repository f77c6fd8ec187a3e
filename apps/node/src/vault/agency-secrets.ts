/**
 * The secrets of an agency, one record a keystore file: 32-byte seeds in base64url, nothing that can be recomputed.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { AgencyIdSchema, encodeBase64url, LocalIdSchema, type Random } from '@amana/core'
import { z } from 'zod'

/** 32 bytes in base64url. */
const SeedSchema = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)
const NoteSeedsSchema = z.strictObject({ ed25519: SeedSchema, mlDsa44: SeedSchema })

/** What a key of a node is for that can be made anew while the node lives. */
export const RotatedUseSchema = z.enum(['coordination', 'deposit', 'intelligence', 'protection'])
/** One desk, or what a carrier brings. */
export type RotatedUse = z.output<typeof RotatedUseSchema>

/** Keys made after the first ones: three desks with weekly keys of both suites and those in their grace take half. */
export const MOST_KEYS = 512

/** `node.keystore.json`: what the running node holds. */
export const NodeSecretsSchema = z.strictObject({
  /** Keys made after the first ones, the newest last; absent until one was made. */
  also: z.exactOptional(
    z
      .array(
        z.strictObject({
          seed: SeedSchema,
          /** Of A2 where nothing is said. */
          suite: z.exactOptional(z.literal('A1')),
          use: RotatedUseSchema,
        }),
      )
      .max(MOST_KEYS),
  ),
  depositKey: SeedSchema,
  /** Keys of later logs and their witnesses. */
  epochs: z.exactOptional(
    z
      .array(
        z.strictObject({ epoch: z.int().min(2), log: NoteSeedsSchema, witness: NoteSeedsSchema }),
      )
      .max(64),
  ),
  desks: z.strictObject({
    coordination: SeedSchema,
    intelligence: SeedSchema,
    protection: SeedSchema,
  }),
  libp2p: SeedSchema,
  log: NoteSeedsSchema,
  /** Keys by which the node is to be known from a later roster on; absent unless they wait. */
  next: z.exactOptional(z.strictObject({ libp2p: SeedSchema, sealKey: SeedSchema })),
  pseudonymKey: SeedSchema,
  sealKey: SeedSchema,
  storeKey: SeedSchema,
  witness: NoteSeedsSchema,
})
/** `roster.keystore.json`: the key that signs the agency's own list. */
export const RosterSecretsSchema = z.strictObject({ seed: SeedSchema })
/** `root-<n>.keystore.json` and `recovery-<n>.keystore.json`: one pair that signs charters. */
export const RootSecretsSchema = z.strictObject({ ed: SeedSchema, pq: SeedSchema })
/** Encryption keys that an officer had before and still reads with, and the one in use. */
const MOST_READING_KEYS = 16

/** `officers/<id>.keystore.json`: the keys of one officer. */
export const OfficerSecretsSchema = z.strictObject({
  agency: AgencyIdSchema,
  /** What he reads with, the newest last; absent in keystores of before. */
  encryption: z.exactOptional(z.array(SeedSchema).min(1).max(MOST_READING_KEYS)),
  id: LocalIdSchema,
  seed: SeedSchema,
})

/** `desks/<id>.keystore.json`: the key of one partner desk; no node opens it. */
export const DeskSecretsSchema = z.strictObject({
  agency: AgencyIdSchema,
  id: LocalIdSchema,
  seed: SeedSchema,
  /** Of A2 where nothing is said. */
  suite: z.exactOptional(z.literal('A1')),
})

/** What the running node holds: a type, since `writeKeystore` takes no interface for JSON. */
export type NodeSecrets = z.output<typeof NodeSecretsSchema>
/** The seed of the roster key. */
export type RosterSecrets = z.output<typeof RosterSecretsSchema>
/** The two seeds of a pair. */
export type RootSecrets = z.output<typeof RootSecretsSchema>
/** The seeds of an officer's keys, and whose they are. */
export type OfficerSecrets = z.output<typeof OfficerSecretsSchema>

/** The seed of a partner desk's key, and whose it is. */
export type DeskSecrets = z.output<typeof DeskSecretsSchema>

/** All secrets that an agency begins with; each record goes into a file of its own. */
export interface AgencySecrets {
  readonly node: NodeSecrets
  readonly roster: RosterSecrets
  /** Three pairs, of which two sign. */
  readonly roots: readonly RootSecrets[]
  /** Three pairs, kept apart from the roots. */
  readonly recovery: readonly RootSecrets[]
}

const SEED_BYTES = 32
const PAIRS = 3

/** Makes all secrets of a new agency. They are text from here on and go out of memory with their record. */
export function createAgencySecrets(random: Random): AgencySecrets {
  const seed = (): string => createSeed(random)
  const pairs = (): readonly RootSecrets[] =>
    Array.from({ length: PAIRS }, () => ({ ed: seed(), pq: seed() }))
  return {
    node: {
      depositKey: seed(),
      desks: { coordination: seed(), intelligence: seed(), protection: seed() },
      libp2p: seed(),
      log: { ed25519: seed(), mlDsa44: seed() },
      pseudonymKey: seed(),
      sealKey: seed(),
      storeKey: seed(),
      witness: { ed25519: seed(), mlDsa44: seed() },
    },
    roster: { seed: seed() },
    roots: pairs(),
    recovery: pairs(),
  }
}

/** Makes the secrets of one officer. */
export function createOfficerSecrets(agency: string, id: string, random: Random): OfficerSecrets {
  return { agency, encryption: [createSeed(random)], id, seed: createSeed(random) }
}

/** New secrets in the place of those of before, which go on reading what was sealed for them. */
export function renewOfficerSecrets(
  { agency, encryption = [], id }: OfficerSecrets,
  random: Random,
): OfficerSecrets {
  const { encryption: fresh = [], ...made } = createOfficerSecrets(agency, id, random)
  return { ...made, encryption: [...encryption, ...fresh].slice(-MOST_READING_KEYS) }
}

/** Makes the secrets of one partner desk. */
export function createDeskSecrets(agency: string, id: string, random: Random): DeskSecrets {
  return { agency, id, seed: createSeed(random) }
}

/** 32 random bytes as a keystore holds them. */
export function createSeed(random: Random): string {
  const bytes = random(SEED_BYTES)
  const text = encodeBase64url(bytes)
  bytes.fill(0)
  return text
}
