/**
 * The keys of a node while it lives: what its keystore holds, keys that are made anew, and private halves that are
 * destroyed when nobody can need them any more. Every change is in the keystore file before it counts.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#the-life-of-a-key
 */
import { AmanaError, type OpeningKey, type Random, type Suite } from '@amana/core'
import {
  createSeed,
  MOST_KEYS,
  type NodeSecrets,
  type RotatedUse,
  RotatedUseSchema,
} from './agency-secrets.ts'
import { replaceKeystore } from './keystore-file.ts'
import {
  loadClassicKey,
  loadIdentity,
  loadLogSigners,
  loadNodeKeys,
  loadOpeningKey,
  type LogNames,
  logNames,
  type LogSigners,
  type NodeIdentity,
  type NodeKeys,
} from './load-keys.ts'

/** The keystore file that a ring stands for. */
export interface RingFile {
  readonly path: string
  readonly passphrase: string
  readonly random: Random
}

/** A private key that opens, and what for. */
export interface RingKey {
  readonly use: RotatedUse
  readonly key: OpeningKey
}

interface Held extends RingKey {
  readonly seed: string
}

interface Kept {
  readonly secrets: NodeSecrets
  readonly held: readonly Held[]
  readonly next: NodeIdentity | undefined
}

/** The keys of a node that can be made and destroyed while it lives. */
export class NodeKeyRing {
  #keys: NodeKeys
  readonly #file: RingFile
  #kept: Kept
  #writing: Promise<void> = Promise.resolve()

  private constructor(keys: NodeKeys, file: RingFile, kept: Kept) {
    this.#keys = keys
    this.#file = file
    this.#kept = kept
  }

  /** The ring of secrets that were read from `file`. */
  static async load(secrets: NodeSecrets, names: LogNames, file: RingFile): Promise<NodeKeyRing> {
    const held = await Promise.all(
      seedsOf(secrets).map(async ({ seed, suite, use }) => ({
        seed,
        use,
        key: await keyOfSeed(seed, suite),
      })),
    )
    const next = secrets.next === undefined ? undefined : await loadIdentity(secrets.next)
    return new NodeKeyRing(await loadNodeKeys(secrets, names), file, { secrets, held, next })
  }

  /** What stays as it is, and the keys by which the node is known. */
  get keys(): NodeKeys {
    return this.#keys
  }

  /** Every private key that opens, the oldest of a use first. */
  get opening(): readonly RingKey[] {
    return this.#kept.held.map(({ use, key }) => ({ use, key }))
  }

  /** Those that may be destroyed: all but the newest of each use and suite. */
  get destructible(): readonly RingKey[] {
    const newest = newestOf(this.#kept.held)
    return this.opening.filter(({ key }) => !newest.has(key.keyId))
  }

  /** The private half of a desk's key, where it is still there. */
  deskKey(keyId: string): OpeningKey | undefined {
    return this.#kept.held.find(({ use, key }) => use !== 'deposit' && key.keyId === keyId)?.key
  }

  /** The private half of a key for deposits, where it is still there. */
  depositKey(keyId: string): OpeningKey | undefined {
    return this.#kept.held.find(({ use, key }) => use === 'deposit' && key.keyId === keyId)?.key
  }

  /**
   * Makes keys of a suite; they are in the keystore when the promise resolves.
   *
   * @throws STORE_FILE; STORE_KEYS_FULL when it holds as many as it may
   */
  async make(use: RotatedUse, suite: Suite, count = 1): Promise<readonly OpeningKey[]> {
    const made = await Promise.all(
      Array.from({ length: count }, async () => {
        const seed = createSeed(this.#file.random)
        return { use, seed, key: await keyOfSeed(seed, suite) }
      }),
    )
    await this.#write((kept) => ({ ...kept, held: [...kept.held, ...made] }))
    return made.map(({ key }) => key)
  }

  /**
   * Destroys private halves: afterwards they are neither in memory nor in the keystore. The newest of each use and suite
   * stays.
   *
   * @throws STORE_FILE
   */
  async destroy(keyIds: ReadonlySet<string>): Promise<void> {
    await this.#write((kept) => {
      const newest = newestOf(kept.held)
      const held = kept.held.filter(({ key }) => newest.has(key.keyId) || !keyIds.has(key.keyId))
      return { ...kept, held }
    })
  }

  /** The keys by which the node is to be known from a later roster on, where some wait. */
  get next(): NodeIdentity | undefined {
    return this.#kept.next
  }

  /** Makes such keys, unless some wait already; they are in the keystore when the promise resolves. @throws STORE_FILE */
  async makeNext(): Promise<NodeIdentity> {
    if (this.next !== undefined) return this.next
    const { random } = this.#file
    const seeds = { libp2p: createSeed(random), sealKey: createSeed(random) }
    const next = await loadIdentity(seeds)
    await this.#write((kept) =>
      kept.next === undefined ? { ...kept, secrets: { ...kept.secrets, next: seeds }, next } : kept,
    )
    return this.next ?? next
  }

  /**
   * Puts the keys that wait in the place of those before, which are then neither in the keystore nor in a ring that is
   * loaded from it. @throws STORE_FILE
   */
  async settleNext(): Promise<void> {
    const { next: identity } = this
    await this.#write((kept) => {
      const { next, ...rest } = kept.secrets
      if (next === undefined) return kept
      return { ...kept, secrets: { ...rest, ...next }, next: undefined }
    })
    this.#keys = { ...this.#keys, ...identity }
  }

  /** The keys of a later log of the agency; nothing where none were made. */
  async signersOf(agency: string, epoch: number): Promise<LogSigners | undefined> {
    if (epoch === 1) return loadLogSigners(this.#kept.secrets, logNames(agency, 1))
    const seeds = this.#kept.secrets.epochs?.find((entry) => entry.epoch === epoch)
    return seeds === undefined ? undefined : loadLogSigners(seeds, logNames(agency, epoch))
  }

  /** Makes the keys of a later log, once; they are in the keystore when the promise resolves. @throws STORE_FILE */
  async makeEpoch(epoch: number): Promise<void> {
    const seed = (): string => createSeed(this.#file.random)
    const pair = (): { ed25519: string; mlDsa44: string } => ({ ed25519: seed(), mlDsa44: seed() })
    await this.#write((kept) => {
      const { epochs = [] } = kept.secrets
      if (epochs.some((entry) => entry.epoch === epoch)) return kept
      const added = { epoch, log: pair(), witness: pair() }
      return { ...kept, secrets: { ...kept.secrets, epochs: [...epochs, added] } }
    })
  }

  /** One after the other: each change is made to what the one before left, or a key that was made would be lost. */
  #write(change: (kept: Kept) => Kept): Promise<void> {
    const turn = this.#writing.then(() => this.#replace(change(this.#kept)))
    this.#writing = turn.catch(() => undefined)
    return turn
  }

  async #replace(kept: Kept): Promise<void> {
    const { path, passphrase, random } = this.#file
    const secrets = secretsWith(kept.secrets, kept.held)
    // a keystore that cannot be read again would be the loss of every key in it
    if ((secrets.also?.length ?? 0) > MOST_KEYS) {
      throw new AmanaError('STORE_KEYS_FULL', { most: MOST_KEYS })
    }
    await replaceKeystore({ path, secrets, passphrase }, random)
    this.#kept = { ...kept, secrets }
  }
}

/** The newest of each use and suite. */
function newestOf(held: readonly Held[]): ReadonlySet<string> {
  const newest = new Map(
    held.map(({ use, key }) => [`${use} ${key.algorithm}`, key.keyId] as const),
  )
  return new Set(newest.values())
}

type SeedOf = NonNullable<NodeSecrets['also']>[number]

async function keyOfSeed(seed: string, suite: Suite = 'A2'): Promise<OpeningKey> {
  return suite === 'A1' ? loadClassicKey(seed) : loadOpeningKey(seed)
}

function seedsOf({ also = [], depositKey, desks }: NodeSecrets): readonly SeedOf[] {
  const first = RotatedUseSchema.options.map((use) => ({
    use,
    seed: use === 'deposit' ? depositKey : desks[use],
  }))
  return [...first, ...also]
}

/** The oldest seed of A2 of each use stands where the first one stood, the others in `also`. */
function secretsWith(secrets: NodeSecrets, held: readonly Held[]): NodeSecrets {
  const oldest = (use: RotatedUse): string =>
    held.find((entry) => entry.use === use && entry.key.algorithm === 'HPKE-9-KE')?.seed ??
    (use === 'deposit' ? secrets.depositKey : secrets.desks[use])
  const { also: _before, ...rest } = secrets
  const desks = {
    coordination: oldest('coordination'),
    intelligence: oldest('intelligence'),
    protection: oldest('protection'),
  }
  const also = held
    .filter(({ seed, use }) => seed !== oldest(use))
    .map(({ key, seed, use }) => ({
      seed,
      use,
      ...(key.algorithm === 'HPKE-9-KE' ? {} : { suite: 'A1' as const }),
    }))
  const all = { ...rest, depositKey: oldest('deposit'), desks }
  return also.length === 0 ? all : { ...all, also }
}
