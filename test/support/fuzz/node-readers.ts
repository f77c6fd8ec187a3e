/**
 * Every reader of the node: frames, what a peer says in them, settings, keystores and other files, the control socket,
 * and what lies in the store.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import {
  canonicalize,
  digest,
  encodeBase64url,
  encodeCanonical,
  encodeUtf8,
  type GeneralJws,
  type Json,
  reviveError,
  sealKeystore,
} from '@amana/core'
import { z } from 'zod'
import withdrawn from '../../../examples/withdrawn/story.json' with { type: 'json' }
import {
  parseProposal,
  proposalAfter,
  proposalDigest,
} from '../../../apps/node/src/agency/proposals.ts'
import { readCheckpointFile } from '../../../apps/node/src/audit/checkpoint-file.ts'
import { readState, stateWrites } from '../../../apps/node/src/audit/log-rows.ts'
import { Arrivals } from '../../../apps/node/src/carriers/arrivals.ts'
import { sealFrame } from '../../../apps/node/src/carriers/deposits.ts'
import { readBytes, readJson, readJws } from '../../../apps/node/src/cli/files.ts'
import { formatConfig } from '../../../apps/node/src/config/config.ts'
import { loadConfig } from '../../../apps/node/src/config/load.ts'
import { compressBody, decompressBody } from '../../../apps/node/src/exchange/compression.ts'
import {
  encodeAnswer,
  encodeRequest,
  parseAnswer,
  parseRequest,
} from '../../../apps/node/src/blobs/blob-frames.ts'
import { parseStory } from '../../../apps/node/src/demo/story.ts'
import { decodeFrame, encodeFrame } from '../../../apps/node/src/exchange/frames.ts'
import { openSession } from '../../../apps/node/src/exchange/session.ts'
import { createControlServer } from '../../../apps/node/src/http/control-server.ts'
import {
  decodeMailboxFrame,
  ListSchema,
  parseBody,
} from '../../../apps/node/src/mailbox/messages.ts'
import { PeerDesk } from '../../../apps/node/src/peer-desk.ts'
import { type LinkSession, type Store } from '../../../apps/node/src/ports.ts'
import { getRecord, RECORDS } from '../../../apps/node/src/records.ts'
import { parseAddress } from '../../../apps/node/src/link/libp2p-node.ts'
import { SERVICE_INPUTS } from '../../../apps/node/src/service-inputs.ts'
import { type NodeServices } from '../../../apps/node/src/services.ts'
import { createMessageServices } from '../../../apps/node/src/services/message-services.ts'
import { createReferralServices } from '../../../apps/node/src/services/referral-services.ts'
import { createTrustServices } from '../../../apps/node/src/services/trust-services.ts'
import { createValueCipher } from '../../../apps/node/src/store/value-cipher.ts'
import { parseDocument } from '../../../apps/node/src/trust/standing.ts'
import { RootSecretsSchema } from '../../../apps/node/src/vault/agency-secrets.ts'
import { readKeystore } from '../../../apps/node/src/vault/keystore-file.ts'
import { seededRandom } from '../agencies.ts'
import { buildLog } from '../built-log.ts'
import { type AgencyPlace } from '../met-agencies.ts'
import {
  inviteOf,
  leaving,
  nextRoster,
  openSide,
  queueNew,
  receive,
  type Side,
  signedBy,
  TestClock,
} from '../node-fixture.ts'
import {
  ofBytes,
  ofText,
  ofValue,
  type Reader,
  type ReaderTable,
  seldom,
  worstBytes,
  type Worst,
} from './reader.ts'

const MIB = 1024 * 1024
const ASKED = { digest: digest('file'), length: 100, offset: 0 }
const PASSPHRASE = 'correct horse battery staple'
const NONCE = encodeBase64url(seededRandom('fuzz')(16))
const SEED = encodeBase64url(seededRandom('fuzz seed')(32))

/** What the test hands over: copies of two agencies that have met, and a folder to write into. */
const SetupSchema = z.strictObject({
  anltp: z.custom<AgencyPlace>((value) => typeof value === 'object'),
  folder: z.string(),
  madeAt: z.int(),
  naptip: z.custom<AgencyPlace>((value) => typeof value === 'object'),
})

/** The table. */
export async function nodeTable(setup: unknown): Promise<ReaderTable> {
  const { anltp, folder, madeAt, naptip } = SetupSchema.parse(setup)
  const clock = new TestClock(madeAt)
  const sides = { own: await openSide(naptip, clock), other: await openSide(anltp, clock) }
  const readers = [
    ...frameReaders(),
    ...(await fileReaders(folder)),
    ofValue('parseProposal', proposalAfter(sides.own.parts.trust.ownRoster), (value) =>
      proposalDigest(parseProposal(value, 'file')),
    ),
    ...storeReaders(),
    ...(await deskReaders(sides)),
    ...(await controlReaders(folder, sides)),
  ]
  return { readers, worst: nodeWorst() }
}

function frameReaders(): readonly Reader[] {
  const body = encodeUtf8(
    canonicalize({ a: 'the shelter in Agadez has a place for two'.repeat(9) }),
  )
  const frame = encodeFrame({ type: 'envelope', body })
  return [
    ofBytes('decodeFrame', frame, decodeFrame),
    ofBytes('decodeMailboxFrame', Uint8Array.of(2, 0, 1), decodeMailboxFrame),
    ofBytes('parseBody', encodeCanonical({ after: 1 }), (bytes) => parseBody(ListSchema, bytes)),
    ofBytes('parseRequest', encodeRequest(ASKED), parseRequest),
    ofBytes('parseAnswer', encodeAnswer({ type: 'no', reason: 'absent' }), (bytes) =>
      parseAnswer(bytes, ASKED.length),
    ),
    ofBytes('decompressBody', compressBody(body), decompressBody),
    ofText('parseAddress', '/ip4/192.0.2.7/tcp/4001', (text) => parseAddress(text).toString()),
    ofText('parseStory', JSON.stringify(withdrawn), (text) => parseStory(text, 'story').case),
  ]
}

/** A reader of files: the bytes are written to a file first. */
function ofFile(name: string, sample: Uint8Array, read: (path: string) => unknown): FileReader {
  return { name, sample, read }
}

interface FileReader {
  readonly name: string
  readonly sample: Uint8Array
  readonly read: (path: string) => unknown
}

async function fileReaders(folder: string): Promise<readonly Reader[]> {
  const config = { agency: { id: 'ng.naptip', name: 'NAPTIP', city: 'Abuja' } }
  const node = { listen: ['/ip4/127.0.0.1/tcp/4001'], checkpoints: 'heads/checkpoints.log' }
  const secrets = { ed: SEED, pq: SEED }
  const keystore = await sealKeystore(secrets, PASSPHRASE, seededRandom('fuzz keystore'))
  const head = `\n1 2 ${'A'.repeat(43)}=\n`
  const jws = { payload: 'e30', signatures: [{ protected: 'e30', signature: 'AA' }] }
  const files = [
    ofFile('loadConfig', encodeUtf8(formatConfig({ ...config, node })), () => loadConfig(folder)),
    ofFile('readBytes', encodeUtf8('a'), readBytes),
    ofFile('readJws', encodeUtf8(`${canonicalize(jws)}\n`), readJws),
    ofFile('readJson', encodeUtf8(canonicalize(jws)), readJson),
    ofFile('readCheckpointFile', encodeUtf8(head), readCheckpointFile),
    ofFile('readKeystore', encodeUtf8(canonicalize({ ...keystore })), (path) =>
      readKeystore(path, PASSPHRASE, RootSecretsSchema),
    ),
  ]
  return files.map(({ name, sample, read }) => {
    const path = join(folder, name === 'loadConfig' ? 'amana.toml' : name)
    const reader = ofBytes(name, sample, async (bytes) => {
      await writeFile(path, bytes)
      return read(path)
    })
    return name === 'readKeystore' ? seldom(reader, 20) : reader
  })
}

/** A store in which these bytes lie at every place. */
function storeOf(valueAt: (space: string, key: string) => Uint8Array): Store {
  return {
    get: async (space, key) => valueAt(space, key),
    range: async () => [],
    keys: async () => [],
    batch: async () => undefined,
    compact: async () => undefined,
    close: async () => undefined,
  }
}

function storeReaders(): readonly Reader[] {
  const cipher = createValueCipher(seededRandom('master')(32), seededRandom('nonce'))
  const { cursor } = buildLog(9)
  const rows = stateWrites({ cursor, commits: 3 })
  const stored = (key: string): Uint8Array => {
    const row = rows.find((write) => write.key === key)
    return row?.type === 'put' ? row.value : new Uint8Array()
  }
  return [
    ...Object.entries(RECORDS).map(([name, kind]) =>
      ofBytes(`getRecord of ${name}`, encodeUtf8('{"sequence":1}'), (bytes) =>
        getRecord<unknown>(
          storeOf(() => bytes),
          kind,
          'key',
        ),
      ),
    ),
    ofBytes('open of a value', new Uint8Array(60).fill(1), (bytes) =>
      cipher.open({ space: 'a', key: 'b' }, bytes),
    ),
    ...['cursor', 'commits'].map((changed) =>
      ofBytes(`readState with another ${changed}`, stored(changed), (bytes) =>
        readState(storeOf((_space, key) => (key === changed ? bytes : stored(key)))),
      ),
    ),
  ]
}

interface Sides {
  readonly own: Side
  readonly other: Side
}

/** What a peer says after the handshake. */
async function deskReaders({ own, other }: Sides): Promise<readonly Reader[]> {
  const desk = new PeerDesk(own.parts)
  const arrivals = new Arrivals(own.parts)
  const peer = other.parts.peerId
  const greeting = { peerId: peer, nonce: NONCE, floor: await desk.floor() }
  const heads = await new PeerDesk(other.parts).heads(own.parts.peerId, NONCE)
  await queueNew(other, 'jtwg.minutes/1')
  const { envelope } = await leaving(other)
  await queueNew(own, 'jtwg.minutes/1')
  const receipt = await receive(other, own, (await leaving(own)).envelope)
  const roster = await nextRoster(other)
  const deposit = await sealFrame(other.parts, { type: 'trust', body: bytesOf(roster) })
  const asked = await requestOf(other)
  const answer = await other.parts.witness.answer(await requestOf(own), own.agency)
  const hello = encodeFrame({ type: 'hello', body: encodeCanonical({ nonce: NONCE, v: 1 }) })
  return [
    ofBytes('openSession', hello, (bytes) =>
      openSession(linkOf(bytes, peer), desk, new AbortController().signal),
    ),
    ofBytes('greeted', heads, (bytes) => desk.greeted(bytes, greeting)),
    seldom(
      ofBytes('envelope', envelope, (bytes) => desk.envelope(bytes, peer)),
      4,
    ),
    ofBytes('receipt', bytesOf(receipt), (bytes) => desk.receipt(bytes)),
    ofBytes('trust', bytesOf(roster), (bytes) => desk.trust(bytes)),
    ofBytes('parseDocument', bytesOf(roster), parseDocument),
    seldom(
      ofBytes('deposit', deposit, (bytes) => arrivals.take(bytes)),
      3,
    ),
    ofBytes('witness', asked, (bytes) => desk.witness(bytes, other.agency)),
    ofBytes('cosigned', answer, (bytes) => desk.cosigned(bytes, other.agency)),
  ]
}

async function requestOf({ parts }: Side): Promise<Uint8Array> {
  parts.witness.touch()
  return (await parts.witness.request()) ?? new Uint8Array()
}

/** A peer that says one frame and ends. */
function linkOf(frame: Uint8Array, peerId: string): LinkSession {
  const frames = [frame]
  return {
    peerId,
    initiator: true,
    send: async () => undefined,
    receive: async () => frames.shift() ?? null,
    close: async () => undefined,
  }
}

/** Bodies of every method; those that take signed objects are the node's own, the others say that they were called. */
async function controlReaders(folder: string, { own }: Sides): Promise<readonly Reader[]> {
  const path = join(folder, 'control.sock')
  await createControlServer(path, servicesOf(own))
  const { statement, opening } = await signedBy(own, 'jtwg.minutes/1')
  const samples: Readonly<Record<string, object>> = {
    submit: { statement, opening, dryRun: true },
    adoptRoster: { roster: await nextRoster(own) },
    importInvite: { invite: await inviteOf(own) },
    keepInvite: { invite: await inviteOf(own) },
    message: { digest: 'A'.repeat(43), purpose: 'referral' },
    referral: { reference: 'NE-ANLTP-26-5T9XW2HD-D', purpose: 'referral' },
  }
  return Object.keys(SERVICE_INPUTS).map((name) =>
    ofText(`control of ${name}`, JSON.stringify(samples[name] ?? { limit: 1 }), (body) =>
      post(path, name, body),
    ),
  )
}

function servicesOf({ parts }: Side): NodeServices {
  const { adoptRoster, confirmCharter, importInvite, keepInvite } = createTrustServices(parts)
  const { message, submit } = createMessageServices(parts)
  const { referral } = createReferralServices(parts)
  const called = Object.keys(SERVICE_INPUTS).map((name) => [name, async () => 'called'] as const)
  const services: unknown = {
    ...Object.fromEntries(called),
    adoptRoster,
    confirmCharter,
    importInvite,
    keepInvite,
    message,
    referral,
    submit,
  }
  if (!isServices(services)) throw new TypeError('services')
  return services
}

function isServices(value: unknown): value is NodeServices {
  return typeof value === 'object' && value !== null
}

const AnswerSchema = z.union([
  z.strictObject({ result: z.unknown() }),
  z.strictObject({ code: z.string(), details: z.unknown() }),
])

/** Asks the server; its refusal is thrown here again, and one that it did not expect is none. */
async function post(socketPath: string, name: string, body: string): Promise<unknown> {
  const answer = AnswerSchema.parse(
    await new Promise((resolve, reject) => {
      const outgoing = request({ socketPath, method: 'POST', path: `/v1/${name}`, agent: false })
      outgoing.once('error', reject)
      outgoing.once('response', (incoming) => {
        json(incoming).then(resolve, reject)
      })
      outgoing.end(body)
    }),
  )
  if (!('code' in answer)) return answer.result
  if (answer.code === 'CLI_UNEXPECTED') throw new TypeError(canonicalize(jsonOf(answer.details)))
  throw reviveError(answer.code, answer.details)
}

function jsonOf(value: unknown): Json {
  return z.json().parse(value)
}

function bytesOf({ payload, signatures }: GeneralJws): Uint8Array {
  return encodeCanonical({ payload, signatures })
}

function nodeWorst(): readonly Worst[] {
  return [
    worstBytes('a bomb of a gibibyte', 'decodeFrame', () => bomb(8192)),
    worstBytes('a bomb of 32 gibibytes', 'decodeFrame', () => bomb(262_000)),
    worstBytes('a mebibyte of zeros', 'decodeFrame', () => new Uint8Array(MIB)),
    worstBytes('settings of [', 'loadConfig', () => encodeUtf8(`a=${'['.repeat(65_000)}`)),
    worstBytes('settings of dots', 'loadConfig', () => encodeUtf8(`${'a.'.repeat(32_000)}a=1`)),
    worstBytes('settings of lines', 'loadConfig', () => encodeUtf8(settingsOf(9000))),
    worstBytes('settings with a long name', 'loadConfig', () =>
      encodeUtf8(`${'a'.repeat(65_000)}=1`),
    ),
    worstBytes('a file of [', 'readJws', () => encodeUtf8('['.repeat(8 * MIB))),
    worstBytes('a file of [ and ]', 'readJson', () =>
      encodeUtf8('['.repeat(MIB) + ']'.repeat(MIB)),
    ),
    worstBytes('heads of line breaks', 'readCheckpointFile', () => encodeUtf8('\n'.repeat(MIB))),
    worstBytes('a witness request of line breaks', 'witness', () => encodeUtf8('\n'.repeat(MIB))),
    worstBytes('an envelope of [', 'envelope', () => encodeUtf8('['.repeat(MIB))),
    worstBytes('a roster of [', 'trust', () => encodeUtf8('['.repeat(MIB / 2))),
    {
      name: 'a statement nested 200,000 times',
      reader: 'control of submit',
      make: () => ({
        form: 'text',
        text: `{"statement":${'['.repeat(200_000)}${']'.repeat(200_000)},"opening":{},"dryRun":true}`,
      }),
    },
    {
      name: 'four mebibytes of [',
      reader: 'control of adoptRoster',
      make: () => ({ form: 'text', text: '['.repeat(4 * MIB) }),
    },
    {
      name: 'more than four mebibytes',
      reader: 'control of adoptRoster',
      make: () => ({ form: 'text', text: ' '.repeat(4 * MIB + 1) }),
    },
  ]
}

/** A frame of type 03 with one segment that says 1 MiB, of blocks that each repeat one byte 131,072 times. */
function bomb(blocks: number): Uint8Array {
  const bytes = new Uint8Array(2 + 9 + 4 * blocks)
  bytes.set([0x03, 0x01, 0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0x10, 0])
  for (let block = 0; block < blocks; block += 1) {
    const word = (131_072 << 3) | (1 << 1) | (block === blocks - 1 ? 1 : 0)
    bytes.set([word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, 7], 11 + 4 * block)
  }
  return bytes
}

function settingsOf(count: number): string {
  return Array.from({ length: count }, (_, n) => `k${n.toString(36)}=1`).join('\n')
}
