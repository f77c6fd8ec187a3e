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
import { FILLED_REFERRAL } from '../support/filled-referral.ts'
import { SAMPLE_KIND, signSample } from './sample-messages.ts'

/** Names of the stages, in the order of the way. */
export const STAGES = [
  'plain',
  'statement',
  'opening',
  'seal',
  'dispatch',
  'envelope',
  'frame',
  'frameWithoutPostQuantum',
  'frameOf64',
  'receipt',
  'receiptFrame',
  'checkpointFrame',
  'cosignatureFrame',
] as const

/** Name of a stage. */
export type Stage = (typeof STAGES)[number]

/** Bytes at each stage; `frameOf64` is a sixty-fourth of a full dispatch's frame. */
export type StageBytes = Readonly<Record<Stage, number>>

/** The frame without its post-quantum part may be so many times the plain JSON. */
export const RATIO_LIMIT = 2.2

const SENDER = 'ne.anltp-tim'
const RECEIVER = 'ng.naptip'
const CHANNEL = channelName(SENDER, RECEIVER)
const DESK = 'protection'
const LENGTH_BYTES = 4
/** X-Wing: a ciphertext of ML-KEM-768, then 32 bytes of X25519. */
const ML_KEM_BYTES = 1088
const RECEIVER_LOG = `${RECEIVER}/amana/audit/1`

/** What the frame without its post-quantum part is of the plain JSON. */
export function wireRatio({ plain, frameWithoutPostQuantum }: StageBytes): number {
  return frameWithoutPostQuantum / plain
}

/** Makes the referral, sends it nowhere, and counts. */
export async function measureStages(): Promise<StageBytes> {
  const parties = await makeParties()
  const statements = await signReferrals(parties, WIRE_LIMITS.statementsPerDispatch)
  const [statement] = statements
  if (statement === undefined) throw new Error('no statement')
  const built = await build(parties, [statement])
  const full = await build(parties, statements)
  const receipt = await receiptOf(parties, statement, built.dispatch)
  const { seal } = sealed(built.bytes)
  return {
    plain: encodeCanonical({ ...FILLED_REFERRAL }).byteLength,
    statement: sizeOf(statement.statement),
    opening: encodeCanonical({ ...openingForDesk(SAMPLE_KIND, ownDesk(DESK), statement.opening) })
      .byteLength,
    seal: seal.length,
    dispatch: sizeOf(built.dispatch),
    envelope: built.bytes.byteLength,
    frame: frameBytes({ type: 'envelope', body: built.bytes }),
    frameWithoutPostQuantum: frameBytes({ type: 'envelope', body: withoutMlKem(built.bytes) }),
    frameOf64: Math.ceil(
      frameBytes({ type: 'envelope', body: full.bytes }) / WIRE_LIMITS.statementsPerDispatch,
    ),
    receipt: sizeOf(receipt),
    receiptFrame: frameBytes({ type: 'receipt', body: encodeCanonical({ ...receipt }) }),
    ...(await witnessBytes()),
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

async function signReferrals(
  { author, approver }: Parties,
  count: number,
): Promise<readonly SignedStatement[]> {
  const signers = [
    { key: author, act: 'author' as const },
    { key: approver, act: 'approve' as const },
  ]
  const random = seededRandom('stages')
  const origin = { from: SENDER, to: RECEIVER, context: CONTEXT, now: NOW, signers, random }
  const signed: SignedStatement[] = []
  while (signed.length < count) signed.push(await signSample(origin))
  return signed
}

function build(
  { desk, senderNode }: Parties,
  statements: readonly SignedStatement[],
): ReturnType<typeof buildEnvelope> {
  return buildEnvelope({
    statements,
    from: { agency: SENDER, node: peerIdOfKey(senderNode.publicJwk) },
    to: {
      agency: RECEIVER,
      desk: ownDesk(DESK),
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
  { digest: statement, opening }: SignedStatement,
  dispatch: GeneralJws,
): Promise<GeneralJws> {
  const groups = openedGroupsDigest(openingForDesk(SAMPLE_KIND, ownDesk(DESK), opening))
  return signReceipt(
    {
      channel: CHANNEL,
      dispatch: digest(dispatch.payload),
      issuedAt: NOW,
      log: RECEIVER_LOG,
      receiver: { agency: RECEIVER, node: peerIdOfKey(receiverNode.publicJwk) },
      results: [
        { groups, leaf: { hash: digest('leaf'), sequence: 41 }, result: 'opened', statement },
      ],
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
