/**
 * Secrets as keys: the typed private keys that the parts of the node sign and open with.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#one-key-one-use
 */
import {
  AmanaError,
  createNoteSigner,
  decodeBase64url,
  type Desk,
  type HpkeJwk,
  type NoteSigner,
  type PrivateKey,
  privateKeyFromSeed,
  type RootPair,
} from '@amana/core'
import { type NodeSecrets, type OfficerSecrets, type RootSecrets } from './agency-secrets.ts'

/** Ed25519 first, ML-DSA-44 second, as a roster lists them. */
export interface NoteSigners {
  readonly ed25519: NoteSigner
  readonly mlDsa44: NoteSigner
}

/** The two keys by which a node is known. */
export interface NodeIdentity {
  /** The libp2p identity; its seed goes to the transport. */
  readonly peerKey: PrivateKey<'Ed25519'>
  /** Signs dispatches, receipts and heads. */
  readonly sealKey: PrivateKey<'Ed25519'>
}

/** The keys of a running node that stay as they are; those of desks and for deposits are in its ring. */
export interface NodeKeys extends NodeIdentity {
  /** Master key of the store, 32 bytes. */
  readonly storeKey: Uint8Array
  /** Makes officers' pseudonyms in the log, 32 bytes. */
  readonly pseudonymKey: Uint8Array
  readonly log: NoteSigners
  readonly witness: NoteSigners
}

/** The keys that carriers and other agencies seal to, of a new agency. */
export interface FirstOpeningKeys {
  readonly depositKey: PrivateKey<'HPKE-9-KE'>
  readonly desks: Readonly<Record<Desk, PrivateKey<'HPKE-9-KE'>>>
}

/** The names under which a node signs notes. */
export interface LogNames {
  /** `<agency>/amana/audit/<epoch>`. */
  readonly origin: string
  /** `<agency>/amana/witness/<number>`. */
  readonly witness: string
}

/** The first log of an agency and its witness. */
export function firstLogNames(agency: string): LogNames {
  return logNames(agency, 1)
}

/** A log of an agency by its number, and the witness of its time. */
export function logNames(agency: string, epoch: number): LogNames {
  const number = String(epoch)
  return { origin: `${agency}/amana/audit/${number}`, witness: `${agency}/amana/witness/${number}` }
}

/** What a node signs notes with. */
export type LogSigners = Pick<NodeKeys, 'log' | 'witness'>

/** The keys of one log and its witness. */
export async function loadLogSigners(
  { log, witness }: Pick<NodeSecrets, 'log' | 'witness'>,
  names: LogNames,
): Promise<LogSigners> {
  const { origin, witness: cosigner } = names
  return {
    log: {
      ed25519: await createNoteSigner(origin, 'log', decodeBase64url(log.ed25519)),
      mlDsa44: await createNoteSigner(origin, 'post-quantum', decodeBase64url(log.mlDsa44)),
    },
    witness: {
      ed25519: await createNoteSigner(cosigner, 'cosigner', decodeBase64url(witness.ed25519)),
      mlDsa44: await createNoteSigner(cosigner, 'post-quantum', decodeBase64url(witness.mlDsa44)),
    },
  }
}

/** The first opening keys, from the secrets of a new agency. */
export async function loadFirstOpeningKeys({
  depositKey,
  desks,
}: NodeSecrets): Promise<FirstOpeningKeys> {
  return {
    depositKey: await loadOpeningKey(depositKey),
    desks: {
      coordination: await loadOpeningKey(desks.coordination),
      intelligence: await loadOpeningKey(desks.intelligence),
      protection: await loadOpeningKey(desks.protection),
    },
  }
}

/** The keys of a node from its secrets. */
export async function loadNodeKeys(secrets: NodeSecrets, names: LogNames): Promise<NodeKeys> {
  const { log, witness } = secrets
  return {
    storeKey: decodeBase64url(secrets.storeKey),
    pseudonymKey: decodeBase64url(secrets.pseudonymKey),
    ...(await loadIdentity(secrets)),
    ...(await loadLogSigners({ log, witness }, names)),
  }
}

/** The keys by which a node is known, from their seeds. */
export async function loadIdentity(
  secrets: Pick<NodeSecrets, 'libp2p' | 'sealKey'>,
): Promise<NodeIdentity> {
  return {
    peerKey: await loadSigningKey(secrets.libp2p),
    sealKey: await loadSigningKey(secrets.sealKey),
  }
}

/** The key of a roster's or an officer's seed. */
export function loadSigningKey(seed: string): Promise<PrivateKey<'Ed25519'>> {
  return privateKeyFromSeed('Ed25519', decodeBase64url(seed))
}

type Reading = Partial<Pick<OfficerSecrets, 'encryption'>>

/** What an officer reads with, the newest last. */
export function loadReadingKeys({
  encryption = [],
}: Reading): Promise<readonly PrivateKey<'HPKE-9-KE'>[]> {
  return Promise.all(encryption.map((seed) => loadOpeningKey(seed)))
}

/** The public half of the newest of them. @throws STORE_KEYSTORE when there is none */
export async function newestJwk(secrets: Reading): Promise<HpkeJwk> {
  const newest = (await loadReadingKeys(secrets)).at(-1)
  if (newest === undefined) throw new AmanaError('STORE_KEYSTORE', { reason: 'encryption' })
  return newest.publicJwk
}

/** A root or recovery pair. */
export async function loadRootPair({ ed, pq }: RootSecrets): Promise<RootPair> {
  return {
    ed: await loadSigningKey(ed),
    pq: await privateKeyFromSeed('ML-DSA-65', decodeBase64url(pq)),
  }
}

/** The key of a desk’s or carrier’s seed. */
export function loadOpeningKey(seed: string): Promise<PrivateKey<'HPKE-9-KE'>> {
  return privateKeyFromSeed('HPKE-9-KE', decodeBase64url(seed))
}

/** The key of a desk’s seed for suite A1. */
export function loadClassicKey(seed: string): Promise<PrivateKey<'ECDH-ES+A256KW'>> {
  return privateKeyFromSeed('ECDH-ES+A256KW', decodeBase64url(seed))
}
