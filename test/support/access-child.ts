/**
 * A process that asks a node's folder for something, and is killed at the batch that holds the leaf of it: right before it
 * is written, or right after it is durable. `node access-child.ts FOLDER METHOD before|after INPUT`; what it was shown it
 * would print.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#log-before-act
 */
import { z } from 'zod'
import { type Store } from '../../apps/node/src/ports.ts'
import { loadConfig } from '../../apps/node/src/config/load.ts'
import { openPartsOn, STORE_FOLDER } from '../../apps/node/src/node-parts.ts'
import { openLevelStore } from '../../apps/node/src/store/level-store.ts'
import { systemClock, systemRandom } from '../../apps/node/src/system.ts'
import { NodeSecretsSchema } from '../../apps/node/src/vault/agency-secrets.ts'
import { keystorePath, readKeystore } from '../../apps/node/src/vault/keystore-file.ts'
import { firstLogNames } from '../../apps/node/src/vault/load-keys.ts'
import { NodeKeyRing } from '../../apps/node/src/vault/node-key-ring.ts'
import { join } from 'node:path'
import { allServices } from './acting.ts'
import { passphraseOf } from './met-agencies.ts'

const [folder = '', method = '', moment = '', input = '{}'] = process.argv.slice(2)

/** A store whose process does not outlive the next batch with a leaf once it is armed; the key of a year may come before. */
function dying(store: Store): Store & { armed: boolean } {
  const mortal = {
    armed: false,
    get: store.get.bind(store),
    range: store.range.bind(store),
    keys: store.keys.bind(store),
    compact: store.compact.bind(store),
    close: store.close.bind(store),
    batch: async (writes: Parameters<Store['batch']>[0]) => {
      const isLast = mortal.armed && writes.some(({ space }) => space === 'leaf')
      if (isLast && moment === 'before') process.kill(process.pid, 'SIGKILL')
      await store.batch(writes)
      if (isLast) process.kill(process.pid, 'SIGKILL')
    },
  }
  return mortal
}

const config = await loadConfig(folder)
const path = keystorePath(folder, 'node')
const passphrase = passphraseOf('node')
const secrets = await readKeystore(path, passphrase, NodeSecretsSchema)
const file = { path, passphrase, random: systemRandom }
const ring = await NodeKeyRing.load(secrets, firstLogNames(config.agency.id), file)
const key = ring.keys.storeKey
const store = dying(
  await openLevelStore({ folder: join(folder, STORE_FOLDER), key, random: systemRandom }),
)
const parts = await openPartsOn({ folder, config, ring, store, clock: systemClock })
const asked = z.record(z.string(), z.json()).parse(JSON.parse(input))
const services = new Map(Object.entries(allServices(parts)))
store.armed = true
const call: unknown = services.get(method)
const shown: unknown =
  typeof call === 'function' ? await Reflect.apply(call, services, [asked]) : ''
process.stdout.write(`shown ${JSON.stringify(shown)}\n`)
