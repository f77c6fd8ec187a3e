/**
 * Sealing and opening an envelope in memory, against the bare primitives, turn and turn about.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#envelope
 */
import {
  admitKey,
  type AdmittedKey,
  buildEnvelope,
  channelName,
  decodeBase64url,
  discloseGroup,
  generateKey,
  openEnvelope,
  parseEnvelope,
  parseSeal,
  rebuildOpening,
  requireAlgorithm,
  type SignedStatement,
  ownDesk,
} from '@amana/core'
import { systemRandom } from '../../apps/node/src/system.ts'
import { NOW } from '../support/agencies.ts'
import { makeWorld, receiverOf, signersOf, type World } from '../support/envelope-fixture.ts'
import { type BarePrimitives, createBarePrimitives, type EnvelopeBytes } from './bare-primitives.ts'
import { type Figure, type Section } from './figures.ts'
import { FILLED, signSample } from './sample-messages.ts'
import { createJoseAlone } from './jose-alone.ts'
import { percentile, spreadOf } from './statistics.ts'

/** How much is measured. */
export interface SealingEffort {
  readonly rounds: number
  /** Times that each step runs in a round. */
  readonly turns: number
}

const DESK = 'protection'
/** A full dispatch. */
const SEVERAL = 64
const RECIPIENTS = [2, 5] as const
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
  const more: Figure[] = []
  for (const recipients of RECIPIENTS) {
    more.push(...(await measureRecipients(world, first, { ...effort, recipients })))
  }
  const jose = await measureJose(world, first, effort)
  return {
    title: 'Seal and open in memory, processor time of all threads',
    figures: [...one, ...jose, ...more, ...several],
    notes: [
      'Reference: Ed25519, ML-KEM-768, X25519 and AES-256-GCM of node:crypto over the same bytes, and on opening',
      'HMAC-SHA-256 and SHA-256 once for each field. Officers sign before, and their signatures are not in “seal”.',
      'jose alone: one Ed25519 signature and one ECDH-ES+A256KW encryption of the same bytes, and the way back.',
      'Open is the whole order of checks of a receiver; the digests are a part of it.',
    ],
  }
}

/** Sealing for a desk that has several keys. What a recipient opens is the same, whatever the number of others. */
async function measureRecipients(
  world: World,
  statement: SignedStatement,
  effort: SealingEffort & { readonly recipients: number },
): Promise<readonly Figure[]> {
  const admitted: AdmittedKey<'HPKE-9-KE'>[] = []
  while (admitted.length < effort.recipients) {
    const { publicJwk } = await generateKey('HPKE-9-KE', systemRandom)
    admitted.push(requireAlgorithm(await admitKey(publicJwk), 'HPKE-9-KE'))
  }
  const keys = { suite: 'A2' as const, recipients: admitted }
  const { bytes } = await build(world, [statement], keys)
  const bare = createBarePrimitives(bytesOf([statement], bytes))
  const rounds = await measureRounds([bare.seal, () => build(world, [statement], keys)], effort)
  const column = columnsOf(rounds)
  const to = `${String(effort.recipients)} recipients`
  return [
    { name: `seal, 1 statement, ${to}`, unit: 'ms', ...spreadOf(column(1)) },
    {
      name: `seal, ${to}, to its reference`,
      unit: 'times',
      ...spreadOf(ratios(column(1), column(0))),
    },
    { name: `envelope, ${to}`, unit: 'bytes', ...spreadOf([bytes.byteLength]) },
  ]
}

/** What the library alone takes for one signature and one encryption under A1, without any of our checks. */
async function measureJose(
  world: World,
  statement: SignedStatement,
  effort: SealingEffort,
): Promise<readonly Figure[]> {
  const { bytes } = await build(world, [statement])
  const jose = await createJoseAlone(bytesOf([statement], bytes))
  const receiver = receiverOf(world)
  const steps = [
    jose.seal,
    () => build(world, [statement]),
    jose.open,
    () => openEnvelope(bytes, receiver),
  ]
  const column = columnsOf(await measureRounds(steps, effort))
  return [
    { name: 'jose alone, sign and encrypt', unit: 'ms', reference: true, ...spreadOf(column(0)) },
    { name: 'seal, to jose alone', unit: 'times', ...spreadOf(ratios(column(1), column(0))) },
    { name: 'jose alone, decrypt and verify', unit: 'ms', reference: true, ...spreadOf(column(2)) },
    { name: 'open, to jose alone', unit: 'times', ...spreadOf(ratios(column(3), column(2))) },
  ]
}

async function signReferrals(world: World, count: number): Promise<readonly SignedStatement[]> {
  const { sender, receiver, context } = world
  const signed: SignedStatement[] = []
  const origin = {
    from: sender.id,
    to: receiver.id,
    context,
    now: NOW,
    signers: signersOf(world, FILLED.kind),
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
  const bare = createBarePrimitives(bytesOf(statements, bytes))
  const steps = stepsOf({ world, statements, bytes, bare })
  return figuresOf(statements.length, await measureRounds(steps, effort))
}

type Step = () => unknown
type Rounds = readonly (readonly number[])[]

/** One round goes before and is not counted. */
async function measureRounds(steps: readonly Step[], effort: SealingEffort): Promise<Rounds> {
  const rounds: (readonly number[])[] = []
  await runRound(steps, effort.turns)
  while (rounds.length < effort.rounds) rounds.push(await runRound(steps, effort.turns))
  return rounds
}

function columnsOf(rounds: Rounds): (index: number) => readonly number[] {
  return (index) => rounds.map((round) => round[index] ?? Number.NaN)
}

function ratios(of: readonly number[], to: readonly number[]): readonly number[] {
  return of.map((value, round) => value / (to[round] ?? Number.NaN))
}

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

function figuresOf(count: number, rounds: Rounds): readonly Figure[] {
  const whole = columnsOf(rounds)
  const column = (index: number): readonly number[] => whole(index).map((value) => value / count)
  const times = (of: number, to: number): readonly number[] => ratios(column(of), column(to))
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
  keys = trust.deskKeys(receiver.id, DESK, NOW),
): ReturnType<typeof buildEnvelope> {
  return buildEnvelope({
    statements,
    from: { agency: sender.id, node: sender.peerId },
    to: { agency: receiver.id, desk: ownDesk(DESK), keys },
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

function bytesOf(signed: readonly SignedStatement[], bytes: Uint8Array): EnvelopeBytes {
  const envelope = parseEnvelope(bytes)
  if (envelope.form !== 'sealed') throw new Error('not sealed')
  const { dispatch, seal, statements } = envelope
  const parsed = parseSeal(seal, 'A2')
  return {
    dispatch: dispatch.signed.jws.payload.length,
    signatures: statements.flatMap((statement) =>
      statement.signed.jws.signatures.map(() => statement.signed.jws.payload.length),
    ),
    plaintext: decodeBase64url(parsed.jwe.ciphertext).byteLength,
    disclosures: signed.flatMap(({ opening }) =>
      Object.values(opening.groups).flatMap(({ seed, value }) =>
        discloseGroup(decodeBase64url(seed), value).map(({ encoded }) => encoded.length),
      ),
    ),
    recipients: parsed.keyIds.length,
  }
}
