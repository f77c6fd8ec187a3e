/**
 * The filled referral at every stage of its way, in bytes. Its keys are other ones than those that the dictionary of the
 * frame compression was made with: a dictionary that knows the keys would promise too much.
 *
 * @module
 * @spec docs/spec/08-exchange.md#frames
 */
import {
  addCosignatures,
  buildEnvelope,
  canonicalize,
  channelName,
  cosignCheckpoint,
  createNoteSigner,
  decodeBase64url,
  digest,
  encodeBase64url,
  encodeCanonical,
  formatWitnessAnswer,
  formatWitnessRequest,
  type GeneralJws,
  generateKey,
  openedGroupsDigest,
  openingForDesk,
  ownDesk,
  parseEnvelope,
  parseNote,
  parseSeal,
  peerIdOfKey,
  type PrivateKey,
  sha256,
  signCheckpoint,
  type SignedStatement,
  signReceipt,
  verifyCheckpoint,
  WIRE_LIMITS,
} from '@amana/core'
import { encodeFrame, type Frame } from '../../apps/node/src/exchange/frames.ts'
import { NOW, seededRandom } from '../support/agencies.ts'
import { type BenchSample, FILLED, signSample } from './sample-messages.ts'

/** Names of the stages, in the order of the way. */
export const STAGES = [
  'plain',
  'statement',
  'opening',
  'seal',
  'dispatch',
  'envelope',
  'envelopeOf64',
  'estimate',
  'frame',
  'frameWithoutPostQuantum',
  'frameOf64',
  'receipt',
  'receiptFrame',
  'receiptFrameOf64',
  'checkpointFrame',
  'cosignatureFrame',
] as const

/** Name of a stage. */
export type Stage = (typeof STAGES)[number]

/** Bytes at each stage; those named `Of64` are a sixty-fourth of what a full dispatch has; `estimate` is what the outbox takes a statement to add. */
export type StageBytes = Readonly<Record<Stage, number>>

/** The frame without its post-quantum part may be so many times the plain JSON. */
export const RATIO_LIMIT = 2.2

const SENDER = 'ne.anltp-tim'
const RECEIVER = 'ng.naptip'
const CHANNEL = channelName(SENDER, RECEIVER)
const LENGTH_BYTES = 4
/** X-Wing: a ciphertext of ML-KEM-768, then 32 bytes of X25519. */
const ML_KEM_BYTES = 1088
const RECEIVER_LOG = `${RECEIVER}/amana/audit/1`

/** What the frame without its post-quantum part is of the plain JSON. */
export function wireRatio({ plain, frameWithoutPostQuantum }: StageBytes): number {
  return frameWithoutPostQuantum / plain
}

/** Makes the message, sends it nowhere, and counts. */
export async function measureStages(sample = FILLED): Promise<StageBytes> {
  const parties = await makeParties()
  const statements = await signSamples(parties, sample)
  const [statement] = statements
  if (statement === undefined) throw new Error('no statement')
  const built = await build(parties, sample, [statement])
  const full = await build(parties, sample, statements)
  const receipt = await receiptOf(parties, sample, {
    dispatch: built.dispatch,
    statements: [statement],
  })
  const receiptOfAll = await receiptOf(parties, sample, { dispatch: full.dispatch, statements })
  const { seal } = sealed(built.bytes)
  return {
    plain: encodeCanonical({ ...sample.groups }).byteLength,
    statement: sizeOf(statement.statement),
    opening: encodeCanonical({ ...openingOf(sample, statement.opening) }).byteLength,
    seal: seal.length,
    dispatch: sizeOf(built.dispatch),
    envelope: built.bytes.byteLength,
    envelopeOf64: shareOf(full.bytes.byteLength),
    estimate: estimateOf(statement),
    frame: frameBytes({ type: 'envelope', body: built.bytes }),
    frameWithoutPostQuantum: frameBytes({ type: 'envelope', body: withoutMlKem(built.bytes) }),
    frameOf64: shareOf(frameBytes({ type: 'envelope', body: full.bytes })),
    receipt: sizeOf(receipt),
    receiptFrame: receiptBytes(receipt),
    receiptFrameOf64: shareOf(receiptBytes(receiptOfAll)),
    ...(await witnessBytes()),
  }
}

/** As `docs/spec/08-exchange.md#outbox` says. */
function estimateOf({ opening, statement }: SignedStatement): number {
  const plain = encodeCanonical({ ...opening }).byteLength
  return statement.payload.length + Math.ceil(plain * 1.5) + 1024
}

function shareOf(bytes: number): number {
  return Math.ceil(bytes / WIRE_LIMITS.statementsPerDispatch)
}

function receiptBytes(receipt: GeneralJws): number {
  return frameBytes({ type: 'receipt', body: encodeCanonical({ ...receipt }) })
}

/** What a statement costs on the wire with its receipt, to its plain JSON; the post-quantum share apart. */
export interface WireCost {
  readonly alone: number
  readonly aloneWithoutPostQuantum: number
  /** Of 64 in one dispatch, each. */
  readonly of64: number
  readonly of64WithoutPostQuantum: number
}

/** @param stages of one sample */
export function wireCost(stages: StageBytes): WireCost {
  const { frame, frameOf64, frameWithoutPostQuantum, plain, receiptFrame, receiptFrameOf64 } =
    stages
  const postQuantum = frame - frameWithoutPostQuantum
  const of64 = frameOf64 + receiptFrameOf64
  return {
    alone: (frame + receiptFrame) / plain,
    aloneWithoutPostQuantum: (frameWithoutPostQuantum + receiptFrame) / plain,
    of64: of64 / plain,
    of64WithoutPostQuantum: (of64 - postQuantum / WIRE_LIMITS.statementsPerDispatch) / plain,
  }
}

interface Parties {
  readonly author: PrivateKey<'Ed25519'>
  readonly approver: PrivateKey<'Ed25519'>
  readonly senderNode: PrivateKey<'Ed25519'>
  readonly receiverNode: PrivateKey<'Ed25519'>
  readonly desk: PrivateKey<'HPKE-9-KE'>
}

async function makeParties(): Promise<Parties> {
  const random = seededRandom('byte stages')
  return {
    author: await generateKey('Ed25519', random),
    approver: await generateKey('Ed25519', random),
    senderNode: await generateKey('Ed25519', random),
    receiverNode: await generateKey('Ed25519', random),
    desk: await generateKey('HPKE-9-KE', random),
  }
}

const CONTEXT = {
  charter: digest('charter of the stages'),
  rosters: {
    [SENDER]: digest('roster of the sender'),
    [RECEIVER]: digest('roster of the receiver'),
  },
}

async function signSamples(
  { author, approver }: Parties,
  sample: BenchSample,
): Promise<readonly SignedStatement[]> {
  const signers = [
    { key: author, act: 'author' as const },
    { key: approver, act: 'approve' as const },
  ]
  const random = seededRandom('stages')
  const parties = { from: SENDER, to: RECEIVER, context: CONTEXT }
  const origin = { ...parties, sample, now: NOW, signers, random }
  const signed: SignedStatement[] = []
  while (signed.length < WIRE_LIMITS.statementsPerDispatch) signed.push(await signSample(origin))
  return signed
}

function openingOf(
  { desk, kind }: BenchSample,
  opening: SignedStatement['opening'],
): ReturnType<typeof openingForDesk> {
  return openingForDesk(kind, ownDesk(desk), opening)
}

function build(
  { desk, senderNode }: Parties,
  sample: BenchSample,
  statements: readonly SignedStatement[],
): ReturnType<typeof buildEnvelope> {
  return buildEnvelope({
    statements,
    from: { agency: SENDER, node: peerIdOfKey(senderNode.publicJwk) },
    to: {
      agency: RECEIVER,
      desk: ownDesk(sample.desk),
      keys: {
        suite: 'A2',
        recipients: [{ keyId: desk.keyId, jwk: desk.publicJwk, admitted: true }],
      },
    },
    place: {
      acknowledges: { digest: digest('acknowledged'), sequence: 17 },
      channel: CHANNEL,
      previous: digest('previous'),
      sequence: 18,
    },
    context: CONTEXT,
    sentAt: NOW,
    sealKey: senderNode,
    random: seededRandom('build'),
  })
}

function receiptOf(
  { receiverNode }: Parties,
  sample: BenchSample,
  {
    dispatch,
    statements,
  }: { readonly dispatch: GeneralJws; readonly statements: readonly SignedStatement[] },
): Promise<GeneralJws> {
  const results = statements.map(({ digest: statement, opening }, index) => ({
    groups: openedGroupsDigest(openingOf(sample, opening)),
    leaf: { hash: digest(`leaf ${String(index)}`), sequence: 41 + index },
    result: 'opened' as const,
    statement,
  }))
  return signReceipt(
    {
      channel: CHANNEL,
      dispatch: digest(dispatch.payload),
      issuedAt: NOW,
      log: RECEIVER_LOG,
      receiver: { agency: RECEIVER, node: peerIdOfKey(receiverNode.publicJwk) },
      results,
      sequence: 18,
      v: 1,
    },
    receiverNode,
  )
}

/** What the covering of a message costs: one checkpoint there, its cosignatures back. */
async function witnessBytes(): Promise<Pick<StageBytes, 'checkpointFrame' | 'cosignatureFrame'>> {
  const random = seededRandom('witness')
  const signer = (name: string, type: Parameters<typeof createNoteSigner>[1]) =>
    createNoteSigner(name, type, random(32))
  const log = [await signer(RECEIVER_LOG, 'log'), await signer(RECEIVER_LOG, 'post-quantum')]
  const name = `${SENDER}/amana/witness/1`
  const keys = [await signer(name, 'cosigner'), await signer(name, 'post-quantum')]
  const root = sha256(encodeCanonical('root'))
  const note = await signCheckpoint({ origin: RECEIVER_LOG, size: 4112, root }, log, NOW)
  const proof = Array.from({ length: Math.ceil(Math.log2(4112)) }, () => random(32))
  const request = formatWitnessRequest({ oldSize: 4096, proof, note })
  const policy = { origin: RECEIVER_LOG, logKeys: log, witnesses: [], quorum: 0 }
  const cosignatures = await cosignCheckpoint(await verifyCheckpoint(note, policy), keys, NOW)
  if (parseNote(addCosignatures(note, cosignatures, { name, keys })).signatures.length !== 4) {
    throw new Error('not cosigned')
  }
  return {
    checkpointFrame: frameBytes({ type: 'checkpoint', body: request }),
    cosignatureFrame: frameBytes({
      type: 'witness',
      body: formatWitnessAnswer({ status: 200, cosignatures }),
    }),
  }
}

function frameBytes(frame: Frame): number {
  return LENGTH_BYTES + encodeFrame(frame).byteLength
}

function sizeOf({ payload, signatures }: GeneralJws): number {
  return encodeCanonical({ payload, signatures }).byteLength
}

function sealed(bytes: Uint8Array): Extract<ReturnType<typeof parseEnvelope>, { form: 'sealed' }> {
  const envelope = parseEnvelope(bytes)
  if (envelope.form !== 'sealed') throw new Error('not sealed')
  return envelope
}

/** The envelope as it would be if each recipient's key were wrapped by X25519 alone. */
function withoutMlKem(bytes: Uint8Array): Uint8Array {
  const { dispatch, seal, statements } = sealed(bytes)
  const { jwe, recipients: wrapped } = parseSeal(seal, 'A2')
  if (wrapped.suite !== 'A2') throw new Error('not of A2')
  const recipients = wrapped.entries.map(({ header, ...rest }) => ({
    ...rest,
    header: {
      ...header,
      ek: encodeBase64url(decodeBase64url(header.ek).subarray(ML_KEM_BYTES)),
    },
  }))
  return encodeCanonical({
    dispatch: { ...dispatch.signed.jws },
    seal: canonicalize({ ...jwe, recipients }),
    statements: statements.map(({ signed }) => ({ ...signed.jws })),
    v: 1,
  })
}
