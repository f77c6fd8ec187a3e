/**
 * Every reader that the core shows to others, with something that it accepts. What a reader needs beside its input is
 * of the test agencies.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import {
  buildLeaf,
  discloseField,
  formatLogProof,
  type Leaf,
  parseAct,
  readDisclosure,
  aesGcmOpen,
  admitKey,
  assertSafetyNumber,
  canonicalize,
  decideWitness,
  decodeBase64,
  decodeBase64url,
  decodeCursor,
  decodeUtf8,
  encodeBase64,
  encodeBase64url,
  encodeCursor,
  encodeUtf8,
  followLeaf,
  createCursor,
  createXaes,
  formatVkey,
  formatWitnessAnswer,
  formatWitnessRequest,
  hpkeOpenKey,
  inclusionProof,
  consistencyProof,
  mergeCharterSignatures,
  openEnvelope,
  openKeystore,
  parseCanonical,
  parseCanonicalText,
  parseCheckpoint,
  parseDisclosure,
  parseDispatch,
  parseDraft,
  parseEnvelope,
  parseHeads,
  parseJws,
  parseLeaf,
  parseLogProof,
  parseMessage,
  parseNote,
  parseOpenedGroups,
  parseOpening,
  parsePolicy,
  parsePresentation,
  parseReceipt,
  parseSeal,
  parseStatement,
  parseVkey,
  parseVoid,
  parseWitnessAnswer,
  parseWitnessRequest,
  readBundle,
  readBundleLines,
  readEvidenceLine,
  readMessageFile,
  rebuildOpening,
  referralReferenceOf,
  reviveError,
  rootOf,
  leafHash,
  loadRange,
  sealKeystore,
  tallyCharter,
  verifyCheckpoint,
  verifyConsistency,
  verifyAct,
  verifyDisclosure,
  verifyLogProof,
  verifyDispatch,
  verifyFirstCharter,
  verifyHeads,
  verifyInclusion,
  verifyInvite,
  verifyJwsSignature,
  verifyNextCharter,
  verifyNodeSignature,
  verifyRaw,
  verifyReceipt,
  verifyRecovery,
  verifyRoster,
  verifyStatement,
  WIRE_LIMITS,
} from '@amana/core'
import { z } from 'zod'
import { NOW, seededRandom } from '../agencies.ts'
import { buildLog, LOG, START_MS } from '../built-log.ts'
import { receiverOf } from '../envelope-fixture.ts'
import { LEAF_EXAMPLES } from '../leaf-examples.ts'
import { BODIES } from '../message-bodies.ts'
import { inPieces } from '../pieces.ts'
import { DAY } from '../rotation.ts'
import { ACT_CLAIM, type CoreSamples, coreSamples, NONCE } from './core-samples.ts'
import { ofBytes, ofText, ofValue, type Reader, type ReaderTable, seldom } from './reader.ts'
import { coreWorst } from './core-worst.ts'
import { depositReaders } from './deposit-readers.ts'
import { evidenceReaders } from './evidence-readers.ts'

const KIND = 'referral.event/1'
const AREA_KIND = 'intel.report/1'
const LIMIT = 1024 * 1024
const PASSPHRASE = 'correct horse battery staple'
const EXPECTED_ACT = { ...ACT_CLAIM, now: NOW }
const EXPECTED_JWS = {
  typ: 'amana-statement+sd-jwt',
  maxPayloadBytes: WIRE_LIMITS.statementPayloadBytes,
  maxSignatures: WIRE_LIMITS.statementSignatures,
  acts: true,
} as const

/** The table. */
export async function coreTable(): Promise<ReaderTable> {
  const samples = await coreSamples()
  const readers = [
    ...byteReaders(),
    ...auditReaders(samples),
    ...(await proofReaders()),
    ...(await cryptoReaders(samples)),
    ...messageReaders(samples),
    ...envelopeReaders(samples),
    ...(await depositReaders(samples)),
    ...(await evidenceReaders(samples)),
    ...signedReaders(samples),
    ...trustReaders(samples),
  ]
  return { readers, worst: coreWorst(samples) }
}

function byteReaders(): readonly Reader[] {
  const canonical = canonicalize({ a: [1, 'é', null], b: { c: true } })
  return [
    ofBytes('parseCanonical', encodeUtf8(canonical), (bytes) => parseCanonical(bytes, LIMIT)),
    ofText('parseCanonicalText', canonical, parseCanonicalText),
    ofText('decodeBase64', encodeBase64(encodeUtf8(canonical)), decodeBase64),
    ofText('decodeBase64url', encodeBase64url(encodeUtf8(canonical)), decodeBase64url),
    ofBytes('decodeUtf8', encodeUtf8('« reçu » 😀'), decodeUtf8),
  ]
}

/** A leaf and what it committed to. */
function committedLeaf(): { readonly leaf: Leaf; readonly encoded: string } {
  const field = { name: 'reason', value: 'why' }
  const { digest: sd, encoded } = discloseField('a.open', field, (size) => new Uint8Array(size))
  const data = { ...LEAF_EXAMPLES['a.open'] }
  const place = { log: LOG, index: 1, seq: 0, prev: -1, timeMs: START_MS }
  return {
    encoded,
    leaf: parseLeaf(buildLeaf({ event: 'a.open', actor: 'sys', data, sd: [sd] }, place)),
  }
}

function auditReaders(samples: CoreSamples): readonly Reader[] {
  const { bundle, exchange, messageFile, note, notePolicy } = samples
  const log = buildLog(9)
  const [genesis, next] = log.leaves
  const first = genesis?.bytes ?? new Uint8Array()
  const { cursor } = followLeaf(createCursor(LOG), first)
  const { naptip } = exchange
  const [logKey] = naptip.agency.logSigners
  const followed = { ...notePolicy, size: 1, root: new Uint8Array(32), isForked: false }
  const request = { oldSize: 1, proof: [new Uint8Array(32)], note }
  const answer = { status: 200 as const, cosignatures: parseNote(note).signatures }
  const proof = formatLogProof({ index: 0, leaf: first, hashes: [], note })
  const committed = committedLeaf()
  return [
    ofText('parseCheckpoint', parseNote(note).text, parseCheckpoint),
    ofText('parseNote', note, parseNote),
    ofText('parseVkey', formatVkey(logKey), parseVkey),
    ofText('verifyCheckpoint', note, (text) => verifyCheckpoint(text, notePolicy)),
    ofBytes('parseLeaf', next?.bytes ?? first, parseLeaf),
    ofText('readDisclosure', committed.encoded, (text) => readDisclosure(committed.leaf, text)),
    ofText('parseLogProof', proof, parseLogProof),
    ofText('verifyLogProof', proof, (text) => verifyLogProof(parseLogProof(text), notePolicy)),
    ofBytes('followLeaf', next?.bytes ?? first, (bytes) => followLeaf(cursor, bytes)),
    ofBytes('decodeCursor', encodeCursor(log.cursor), (bytes) => rootOf(decodeCursor(bytes).range)),
    ofBytes('parseWitnessRequest', formatWitnessRequest(request), parseWitnessRequest),
    ofBytes('parseWitnessAnswer', formatWitnessAnswer(answer), parseWitnessAnswer),
    ofBytes('decideWitness', formatWitnessRequest(request), (bytes) =>
      decideWitness(bytes, [followed]),
    ),
    ofBytes('readMessageFile', messageFile, (bytes) => readMessageFile(inPieces(bytes, 4096))),
    ofBytes('readBundle', bundle, async (bytes) => count(readBundle(inPieces(bytes, 4096)))),
    ofBytes('readBundleLines', bundle, async (bytes) =>
      count(readBundleLines(inPieces(bytes, 997))),
    ),
    ofBytes('readEvidenceLine', evidenceLineOf(bundle), (bytes) =>
      readEvidenceLine(inPieces(bytes, 4096)),
    ),
    seldom(
      ofBytes('readBundle in small chunks', bundle, async (bytes) =>
        count(readBundle(inPieces(bytes, 1))),
      ),
      10,
    ),
  ]
}

const ClaimSchema = z.object({
  index: z.number(),
  size: z.number(),
  oldSize: z.number(),
  leaf: z.string(),
  root: z.string(),
  oldRoot: z.string(),
  proof: z.array(z.string()),
})

/** The first line of evidence, with its newline. */
function evidenceLineOf(bundle: Uint8Array): Uint8Array {
  const lines = decodeUtf8(bundle).split('\n')
  return encodeUtf8(`${lines.find((line) => line.includes('"record":"evidence"')) ?? ''}\n`)
}

/** Proofs are no text of their own: numbers and hashes stand in a value, and what is none of them is no claim. */
async function proofReaders(): Promise<readonly Reader[]> {
  const log = buildLog(21)
  const old = await loadRange(log.readNode, 13)
  const claim = {
    index: 5,
    size: 21,
    oldSize: 13,
    leaf: '',
    root: encodeBase64url(log.root),
    oldRoot: '',
  }
  const inclusion = await inclusionProof(log.readNode, 5, 21)
  const consistency = await consistencyProof(log.readNode, 13, 21)
  const leaf = encodeBase64url(leafHash(log.leaves[5]?.bytes ?? new Uint8Array()))
  return [
    ofValue(
      'verifyInclusion',
      { ...claim, leaf, proof: inclusion.map(encodeBase64url) },
      (value) => {
        const read = claimOf(value)
        if (read === undefined) return
        verifyInclusion({ ...read, leafHash: read.leaf })
      },
    ),
    ofValue(
      'verifyConsistency',
      { ...claim, oldRoot: encodeBase64url(rootOf(old)), proof: consistency.map(encodeBase64url) },
      (value) => {
        const read = claimOf(value)
        if (read === undefined) return
        verifyConsistency({ ...read, newSize: read.size, newRoot: read.root })
      },
    ),
  ]
}

function claimOf(value: unknown):
  | (Pick<z.output<typeof ClaimSchema>, 'index' | 'size' | 'oldSize'> & {
      readonly leaf: Uint8Array
      readonly root: Uint8Array
      readonly oldRoot: Uint8Array
      readonly proof: readonly Uint8Array[]
    })
  | undefined {
  const parsed = ClaimSchema.safeParse(value)
  if (!parsed.success) return undefined
  const { leaf, root, oldRoot, proof, ...sizes } = parsed.data
  return {
    ...sizes,
    leaf: decodeBase64url(leaf),
    root: decodeBase64url(root),
    oldRoot: decodeBase64url(oldRoot),
    proof: proof.map(decodeBase64url),
  }
}

async function cryptoReaders({
  world,
  statement,
  roster,
}: CoreSamples): Promise<readonly Reader[]> {
  const keystore = await sealKeystore({ a: 'b' }, PASSPHRASE, seededRandom('fuzz keystore'))
  const { sealKey, desks } = world.sender
  const jwk = sealKey.publicJwk
  const input = { key: new Uint8Array(32), aad: new Uint8Array() }
  const iv = new Uint8Array(24)
  const xaes = createXaes(input.key)
  const { signatures } = roster
  const signature = decodeBase64url(signatures[0]?.signature ?? '')
  return [
    seldom(
      ofValue('openKeystore', keystore, (value) => openKeystore(value, PASSPHRASE)),
      20,
    ),
    ofValue('admitKey', desks.protection.publicJwk, admitKey),
    ofValue('admitKey of a signing key', jwk, admitKey),
    ofBytes('verifyRaw', signature, (bytes) => verifyRaw(jwk, encodeUtf8('x'), bytes)),
    ofBytes('open of Xaes', new Uint8Array(48), (bytes) => xaes.open({ ...input, iv }, bytes)),
    ofBytes('aesGcmOpen', new Uint8Array(40), (bytes) => {
      const sealed = { ciphertext: bytes.subarray(0, -16), tag: bytes.subarray(-16) }
      return aesGcmOpen({ ...input, iv: iv.subarray(0, 12) }, sealed)
    }),
    ofBytes('hpkeOpenKey', new Uint8Array(1120 + 48), (bytes) => {
      const wrapped = { encapsulated: bytes.subarray(0, 1120), encryptedKey: bytes.subarray(1120) }
      return hpkeOpenKey({ key: desks.protection, wrapped, info: new Uint8Array() })
    }),
    ofValue('parseJws', statement.statement, (value) => parseJws(value, EXPECTED_JWS)),
    ofValue('verifyJwsSignature', statement.statement, async (value) =>
      verifyJwsSignature(parseJws(value, EXPECTED_JWS), 0, jwk),
    ),
    ofValue('reviveError', { code: 'WIRE_SIG', details: { keyId: 'x' } }, (value) => {
      const { code, details } = RevivedSchema.parse(value)
      return reviveError(code, details).in('fr')
    }),
  ]
}

const RevivedSchema = z
  .object({ code: z.string().catch('WIRE_SIG'), details: z.unknown() })
  .catch({ code: 'WIRE_SIG', details: undefined })

function messageReaders({ statement }: CoreSamples): readonly Reader[] {
  const draft = {
    kind: KIND,
    to: { agency: 'ng.naptip' },
    handling: { caveats: ['test:data'], tlp: 'AMBER' },
    groups: BODIES[KIND],
  }
  return [
    ofValue('parseDraft', draft, parseDraft),
    ...Object.entries(BODIES).flatMap(([kind, groups]) => [
      ofValue(`parseMessage of ${kind}`, groups, (value) => parseMessage(kind, value)),
      ofValue(`parseOpenedGroups of ${kind}`, groups, (value) => parseOpenedGroups(kind, value)),
    ]),
    ofText('parseMessage by a name', AREA_KIND, (kind) => parseMessage(kind, BODIES[AREA_KIND])),
    ofText('parseOpenedGroups by a name', AREA_KIND, (kind) => parseOpenedGroups(kind, {})),
    ofValue('referralReferenceOf', BODIES[KIND], (value) => referralReferenceOf(KIND, value)),
    ofValue('parseOpening', { ...statement.opening }, (value) =>
      rebuildOpening(statement.kind, parseOpening(value)),
    ),
  ]
}

function envelopeReaders(samples: CoreSamples): readonly Reader[] {
  const { act, disclosure, envelope, presentation, seal, voidEnvelope, world } = samples
  const receiver = receiverOf(world)
  return [
    ofBytes('parseEnvelope', envelope, parseEnvelope),
    ofBytes('openEnvelope', envelope, (bytes) => openEnvelope(bytes, receiver)),
    ofBytes('openEnvelope of a void', voidEnvelope, (bytes) => openEnvelope(bytes, receiver)),
    ofText('parseSeal', seal, (text) => parseSeal(text, 'A2')),
    ofText('parseSeal of the other suite', seal, (text) => parseSeal(text, 'A1')),
    ofText('parsePresentation', presentation, parsePresentation),
    ofValue('parseDisclosure', disclosure, parseDisclosure),
    ofValue('parseAct', act, parseAct),
    ofValue('verifyAct', act, (value) => verifyAct(parseAct(value), EXPECTED_ACT, world.trust)),
    ofValue('verifyDisclosure', disclosure, (value) =>
      verifyDisclosure(parseDisclosure(value), presentation, world.trust),
    ),
    ofText('verifyDisclosure of a presentation', presentation, (text) =>
      verifyDisclosure(parseDisclosure(disclosure), text, world.trust),
    ),
  ]
}

/** What a node or an officer signed: read, then its signatures checked. */
function signedReaders(samples: CoreSamples): readonly Reader[] {
  const { world, statement, dispatch, receipt, heads, voided } = samples
  const { sender, trust } = world
  const sent = parseDispatch(dispatch)
  const greeting = { nonce: NONCE, peerId: sender.peerId, now: NOW }
  const claim = { from: { agency: sender.id, node: sender.peerId }, at: NOW }
  return [
    ofValue('parseStatement', statement.statement, parseStatement),
    ofValue('verifyStatement', statement.statement, (value) =>
      verifyStatement(parseStatement(value), trust),
    ),
    ofValue('parseDispatch', dispatch, parseDispatch),
    ofValue('verifyDispatch', dispatch, (value) => verifyDispatch(parseDispatch(value), trust)),
    ofValue('parseReceipt', receipt, parseReceipt),
    ofValue('verifyReceipt', receipt, (value) => verifyReceipt(parseReceipt(value), sent, trust)),
    ofValue('parseHeads', heads, parseHeads),
    ofValue('verifyHeads', heads, (value) => verifyHeads(parseHeads(value), greeting, trust)),
    ofValue('parseVoid', voided, parseVoid),
    ofValue('verifyNodeSignature', voided, (value) =>
      verifyNodeSignature(parseVoid(value).signed, claim, trust),
    ),
  ]
}

function trustReaders(samples: CoreSamples): readonly Reader[] {
  const { charter, invite, nextCharter, policyText, recovery, roster, world } = samples
  const authority = world.trust.charter
  const succession = { previous: authority, now: NOW + DAY }
  return [
    ofValue('verifyRoster', roster, (value) => verifyRoster(value, { authority, now: NOW })),
    seldom(
      ofValue('verifyFirstCharter', charter, (value) => verifyFirstCharter(value, { now: NOW })),
      3,
    ),
    seldom(
      ofValue('verifyNextCharter', nextCharter, (value) => verifyNextCharter(value, succession)),
      3,
    ),
    seldom(
      ofValue('verifyRecovery', recovery, (value) => verifyRecovery(value, succession)),
      3,
    ),
    seldom(ofValue('tallyCharter', charter, tallyCharter), 3),
    ofValue('mergeCharterSignatures', charter, (value) => mergeCharterSignatures(charter, value)),
    ofValue('verifyInvite', invite, (value) => verifyInvite(value, NOW)),
    ofText('parsePolicy', policyText, parsePolicy),
    ofText('assertSafetyNumber', '12345', (text) => {
      assertSafetyNumber(text, '12345')
    }),
  ]
}

async function count(records: AsyncIterable<unknown>): Promise<number> {
  let counted = 0
  for await (const record of records) counted += record === undefined ? 0 : 1
  return counted
}
