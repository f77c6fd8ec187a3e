import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDraft, rawPublicKey } from '@amana/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendDraft, type UnlockedOfficer } from '../../apps/node/src/agency/signing.ts'
import { createControlClient } from '../../apps/node/src/http/control-client.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { NodeSecretsSchema } from '../../apps/node/src/vault/agency-secrets.ts'
import { keystorePath, readKeystore } from '../../apps/node/src/vault/keystore-file.ts'
import { loadSigningKey } from '../../apps/node/src/vault/load-keys.ts'
import {
  answerOf,
  type DiskAgency,
  makeAgencies,
  meet,
  of,
  unlocked,
} from '../support/agency-on-disk.ts'
import { type RunningProgram, startAmana } from '../support/amana-program.ts'
import { readJson, ROOT } from '../support/repository.ts'

/** What the whole process may hold at its highest (docs/spec/08-exchange.md#hostile-peers). */
const BOUND_KIB = 640 * 1024
const ATTACK_MS = 60_000
const DELIVERED_MS = 60_000

let root: string
let abuja: DiskAgency
let niamey: DiskAgency
let victim: RunningProgram
let peer: RunningProgram | undefined
let address: string
let officer: UnlockedOfficer
let services: { readonly abuja: NodeServices; readonly niamey: NodeServices }

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'amana-hostile-'))
  const agencies = await makeAgencies(root)
  await meet(root, agencies)
  niamey = agencies.niamey
  abuja = agencies.abuja
  officer = await unlocked(niamey, 'secretary-niamey')
  services = { abuja: clientOf(abuja), niamey: clientOf(niamey) }
  victim = await started(abuja)
  const { addresses } = await services.abuja.status({})
  address = addresses[0] ?? ''
}, 600_000)

afterAll(async () => {
  for (const node of [victim, peer]) {
    node?.signal('SIGKILL')
    await node?.ended
  }
  await rm(root, { recursive: true, force: true })
})

describe.skipIf(process.platform !== 'linux')('a node under attack by strangers', () => {
  it.each(['handshakes', 'half-open', 'slow-loris', 'varints', 'noise-lengths'])(
    'serves its peer and its control socket, and stays within its memory: %s',
    async (attack) => {
      peer ??= await started(niamey)
      const held = await underAttack(attack, '', async () => {
        await sendMinutes()
        expect(await services.niamey.waitDelivered({ timeoutMs: DELIVERED_MS })).toEqual({
          queued: 0,
        })
      })
      expect(held).toBeLessThan(BOUND_KIB)
    },
  )
})

describe.skipIf(process.platform !== 'linux')(
  'a node under attack with the key of its peer',
  () => {
    it.each([
      'huge-frame',
      'pings',
      'tiny-frames',
      'empty-frames',
      'windows',
      'streams',
      'never-reads',
      'resets',
    ])('serves its control socket, and stays within its memory: %s', async (attack) => {
      peer?.signal('SIGKILL')
      await peer?.ended
      peer = undefined
      await services.abuja.resumePeer({ agency: niamey.id })
      const held = await underAttack(attack, await keyOfPeer(), async () => {
        await services.abuja.auditVerify({})
      })
      expect(held).toBeLessThan(BOUND_KIB)
    })

    it.each(['nonsense', 'replays'])(
      'lets that peer in no more, says so, and lets it in again: %s',
      async (attack) => {
        await services.abuja.resumePeer({ agency: niamey.id })
        await underAttack(attack, await keyOfPeer(), async () => {
          while ((await lastFailure()) !== 'NET_PAUSED') await nextTurn()
        })
        const { peers } = await services.abuja.status({})
        expect(peers[0]?.line?.lastFailure).toBe('NET_PAUSED')
        const leaves = JSON.stringify(
          await services.abuja.auditList({ limit: 5, purpose: 'audit' }),
        )
        expect(leaves).toContain('NET_PAUSED')
        expect(await answerOf(abuja, ['peer', 'resume', niamey.id])).toMatchObject({
          resumed: 1,
        })
      },
    )

    it('delivers what waited once the peer is let in again', async () => {
      peer = await started(niamey)
      await sendMinutes()
      expect(await services.niamey.waitDelivered({ timeoutMs: DELIVERED_MS })).toEqual({
        queued: 0,
      })
    })
  },
)

/** Runs the attack in a process of its own, and meanwhile what must go on; gives the KiB that the node held at its highest. */
async function underAttack(
  attack: string,
  key: string,
  meanwhile: () => Promise<void>,
): Promise<number> {
  await writeFile(`/proc/${String(victim.pid)}/clear_refs`, '5')
  const child = spawn(
    process.execPath,
    [
      '--conditions=@amana/source',
      join(ROOT, 'test/support/hostile-child.ts'),
      attack,
      address,
      key,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  const exited = once(child, 'exit')
  const late = setTimeout(() => child.kill('SIGKILL'), ATTACK_MS)
  await meanwhile()
  for (let isOver = false; !isOver;) {
    await services.abuja.status({})
    isOver = await Promise.race([exited.then(() => true), nextTurn()])
  }
  clearTimeout(late)
  expect(await exited).toEqual([null, 'SIGTERM'])
  return peakKib()
}

async function lastFailure(): Promise<string | undefined> {
  const { peers } = await services.abuja.status({})
  return peers[0]?.line?.lastFailure
}

async function nextTurn(): Promise<false> {
  await new Promise((resolve) => setImmediate(resolve))
  return false
}

async function peakKib(): Promise<number> {
  const status = await readFile(`/proc/${String(victim.pid)}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1])
}

/** Seed and public key of the node of the peer, as a thief of its transport key has them; nothing else of its keystore. */
async function keyOfPeer(): Promise<string> {
  const passphrase = await readFile(join(niamey.passphrases, 'node.txt'), 'utf8')
  const path = keystorePath(niamey.folder, 'node')
  const { libp2p } = await readKeystore(path, passphrase.trimEnd(), NodeSecretsSchema)
  const { publicJwk, seed } = await loadSigningKey(libp2p)
  return Buffer.concat([seed, rawPublicKey(publicJwk)]).toString('base64')
}

function clientOf({ folder }: DiskAgency): NodeServices {
  return createControlClient(join(folder, 'control.sock'))
}

async function started(agency: DiskAgency): Promise<RunningProgram> {
  const node = startAmana(['node', 'run', '--json', ...of(agency)])
  await node.said('listening')
  return node
}

async function sendMinutes(): Promise<void> {
  const draft = parseDraft(readJson('examples/agadez/minutes.json'))
  const addressed = { ...draft, to: { agency: 'ng.naptip' } }
  await sendDraft(services.niamey, addressed, { author: officer, approvers: [] })
}
