/**
 * Sealing and opening an envelope in memory, against the bare primitives, turn and turn about.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#envelope
 */
import {
  buildEnvelope,
  channelName,
  decodeBase64url,
  openEnvelope,
  parseEnvelope,
  parseSeal,
  rebuildOpening,
  type SignedStatement,
} from '@amana/core'
import { systemRandom } from '../../apps/node/src/system.ts'
import { NOW } from '../support/agencies.ts'
import { makeWorld, receiverOf, signersOf, type World } from '../support/envelope-fixture.ts'
import { type BarePrimitives, createBarePrimitives, type EnvelopeBytes } from './bare-primitives.ts'
import { type Figure, type Section } from './figures.ts'
import { SAMPLE_KIND, signSample } from './sample-messages.ts'
import { percentile, spreadOf } from './statistics.ts'

/** How much is measured. */
export interface SealingEffort {
  readonly rounds: number
  /** Times that each step runs in a round. */
  readonly turns: number
}

const DESK = 'protection'
/** A quarter of a full dispatch: enough to see what one more statement costs. */
const SEVERAL = 16
const MICROS_PER_MS = 1000

/**
 * Seals and opens one statement, then several in one dispatch. What is counted is processor time: on a shared machine a
 * long step waits for its neighbours and a short one does not, so that times on the wall would not compare.
 */
export async function measureSealing(effort: SealingEffort): Promise<Section> {
  const world = await makeWorld()
  const statements = await signReferrals(world, SEVERAL)
  const [first] = statements
  if (first === undefined) throw new Error('no statement')
  const one = await measureSize(world, [first], effort)
  const turns = Math.max(1, Math.ceil(effort.turns / SEVERAL))
  const several = await measureSize(world, statements, { ...effort, turns })
  return {
    title: 'Seal and open in memory, processor time of all threads',
    figures: [...one, ...several],
    notes: [
      'Reference: Ed25519, ML-KEM-768, X25519 and AES-256-GCM of node:crypto over the same bytes.',
      'Open is the whole order of checks of a receiver; the digests are a part of it.',
    ],
  }
}

async function signReferrals(world: World, count: number): Promise<readonly SignedStatement[]> {
  const { sender, receiver, context } = world
  const signed: SignedStatement[] = []
  const origin = {
    from: sender.id,
    to: receiver.id,
    context,
    now: NOW,
    signers: signersOf(world, SAMPLE_KIND),
    random: systemRandom,
  }
  while (signed.length < count) signed.push(await signSample(origin))
  return signed
}

async function measureSize(
  world: World,
  statements: readonly SignedStatement[],
  effort: SealingEffort,
): Promise<readonly Figure[]> {
  const { bytes } = await build(world, statements)
  const bare = createBarePrimitives(bytesOf(bytes))
  const steps = stepsOf({ world, statements, bytes, bare })
  const rounds: (readonly number[])[] = []
  await runRound(steps, effort.turns)
  for (let round = 0; round < effort.rounds; round += 1) {
    rounds.push(await runRound(steps, effort.turns))
  }
  return figuresOf(statements.length, rounds)
}

type Step = () => unknown

interface Sized {
  readonly world: World
  readonly statements: readonly SignedStatement[]
  readonly bytes: Uint8Array
  readonly bare: BarePrimitives
}

/** In the order of `figuresOf`. */
function stepsOf({ world, statements, bytes, bare }: Sized): readonly Step[] {
  const receiver = receiverOf(world)
  return [
    bare.seal,
    () => build(world, statements),
    bare.open,
    async () => {
      const received = await openEnvelope(bytes, receiver)
      if (received.outcome !== 'placed') throw new Error(received.outcome)
      if (received.statements.some(({ result }) => result !== 'opened')) throw new Error('refused')
    },
    () => {
      for (const { kind, opening } of statements) rebuildOpening(kind, opening)
    },
  ]
}

/** Every step in turn, again and again; the median of each, in milliseconds of processor time. */
async function runRound(steps: readonly Step[], turns: number): Promise<readonly number[]> {
  const times: number[][] = steps.map(() => [])
  for (let turn = 0; turn < turns; turn += 1) {
    for (const [index, step] of steps.entries()) {
      const since = process.cpuUsage()
      await step()
      const { user, system } = process.cpuUsage(since)
      times[index]?.push((user + system) / MICROS_PER_MS)
    }
  }
  return times.map((taken) => percentile(taken, 0.5))
}

function figuresOf(count: number, rounds: readonly (readonly number[])[]): readonly Figure[] {
  const column = (index: number): readonly number[] =>
    rounds.map((round) => (round[index] ?? Number.NaN) / count)
  const times = (of: number, to: number): readonly number[] =>
    column(of).map((value, round) => value / (column(to)[round] ?? Number.NaN))
  const each = count === 1 ? '1 statement' : `${String(count)} statements, each`
  return [
    { name: `reference for seal, ${each}`, unit: 'ms', reference: true, ...spreadOf(column(0)) },
    { name: `seal, ${each}`, unit: 'ms', ...spreadOf(column(1)) },
    { name: `seal, ${each}, to its reference`, unit: 'times', ...spreadOf(times(1, 0)) },
    { name: `reference for open, ${each}`, unit: 'ms', reference: true, ...spreadOf(column(2)) },
    { name: `open, ${each}`, unit: 'ms', ...spreadOf(column(3)) },
    { name: `open, ${each}, to its reference`, unit: 'times', ...spreadOf(times(3, 2)) },
    { name: `digests of all disclosures, ${each}`, unit: 'ms', ...spreadOf(column(4)) },
  ]
}

function build(
  { sender, receiver, trust, context, genesis }: World,
  statements: readonly SignedStatement[],
): ReturnType<typeof buildEnvelope> {
  return buildEnvelope({
    statements,
    from: { agency: sender.id, node: sender.peerId },
    to: { agency: receiver.id, desk: DESK, keys: trust.deskKeys(receiver.id, DESK, NOW) },
    place: {
      acknowledges: null,
      channel: channelName(sender.id, receiver.id),
      previous: genesis,
      sequence: 1,
    },
    context,
    sentAt: NOW,
    sealKey: sender.sealKey,
    random: systemRandom,
  })
}

function bytesOf(bytes: Uint8Array): EnvelopeBytes {
  const envelope = parseEnvelope(bytes)
  if (envelope.form !== 'sealed') throw new Error('not sealed')
  const { dispatch, seal, statements } = envelope
  return {
    dispatch: dispatch.signed.jws.payload.length,
    signatures: statements.flatMap(({ signed }) =>
      signed.jws.signatures.map(() => signed.jws.payload.length),
    ),
    plaintext: decodeBase64url(parseSeal(seal, 'A2').jwe.ciphertext).byteLength,
  }
}
