/**
 * The audit log against vectors that other projects published: Merkle proofs, signed notes, real checkpoints.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#vectors
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { decodeBase64 } from '../bytes/base64.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { verifyCheckpoint, verifyLines } from './checkpoint.ts'
import { appendLeafHash, EMPTY_RANGE, leafHash, nodeHash, rootOf } from './merkle.ts'
import { createNoteKey, parseVkey } from './note-key.ts'
import { parseNote } from './note.ts'
import { verifyConsistency, verifyInclusion } from './proofs.ts'
import { decideWitness, type WitnessDecision, type WitnessedLog } from './witness.ts'

const Bytes = z.string().transform((text) => decodeBase64(text))
const Proof = z
  .array(z.string())
  .nullable()
  .transform((proof) => (proof ?? []).map((hash) => decodeBase64(hash)))

const Inclusion = z.object({
  file: z.string(),
  leafIdx: z.number(),
  treeSize: z.number(),
  root: Bytes,
  leafHash: Bytes,
  proof: Proof,
  wantErr: z.boolean(),
})
const Consistency = z.object({
  file: z.string(),
  size1: z.number(),
  size2: z.number(),
  root1: Bytes,
  root2: Bytes,
  proof: Proof,
  wantErr: z.boolean(),
})

describe('the tree of RFC 6962', () => {
  const tree = read('rfc6962-tree', {
    leaves_hex: z.array(z.string()),
    roots_hex_by_size: z.array(z.string()),
    hasher: z.record(z.string(), z.string()),
  })

  it('gives the roots of the Certificate Transparency reference tree at every size', () => {
    let range = EMPTY_RANGE
    const roots = [hex(rootOf(range))]
    for (const leaf of tree.leaves_hex) {
      range = appendLeafHash(range, leafHash(Buffer.from(leaf, 'hex'))).range
      roots.push(hex(rootOf(range)))
    }
    expect(roots).toEqual(tree.roots_hex_by_size)
  })

  it('hashes leaves and nodes apart', () => {
    expect(hex(leafHash(encodeUtf8('L123456')))).toBe(tree.hasher['leaf_L123456'])
    expect(hex(nodeHash(encodeUtf8('N123'), encodeUtf8('N456')))).toBe(
      tree.hasher['node_N123_N456'],
    )
  })
})

describe('Merkle proofs of transparency-dev', () => {
  const inclusion = read('merkle-inclusion', { vectors: z.array(Inclusion) }).vectors
  const consistency = read('merkle-consistency', { vectors: z.array(Consistency) }).vectors

  it.each(inclusion)('inclusion $file', (vector) => {
    const { leafIdx: index, treeSize: size, root, proof } = vector
    const check = () => verifyInclusion({ index, size, root, proof, leafHash: vector.leafHash })
    expectVerdict(check, vector.wantErr || root.length !== 32 || vector.leafHash.length !== 32)
  })

  it.each(consistency)('consistency $file', (vector) => {
    const { size1, size2, root1, root2, proof } = vector
    const claim = { oldSize: size1, oldRoot: root1, newSize: size2, newRoot: root2, proof }
    const isShort = root1.length !== 32 || root2.length !== 32
    expectVerdict(() => verifyConsistency(claim), vector.wantErr || size1 === 0 || isShort)
  })
})

const NoteVector = z.object({
  d: z.string(),
  note: z.string(),
  keys: z.array(z.string()),
  want: z.enum(['ok', 'unverified', 'malformed', 'invalid']),
  verified: z.array(z.string()).optional(),
})

describe('signed notes of golang.org/x/mod and C2SP', () => {
  const vectors = read('signed-note', { vectors: z.array(NoteVector) }).vectors

  it.each(vectors)('$d', async (vector) => {
    const { keys, verified = [] } = vector
    // A key of type 04 in these vectors is an Ed25519 key whose cosignature is over another message: it stays unknown.
    const known = keys.map((key) => parseVkey(key)).filter((key) => key.type === 'log')
    const opened = async () => verifyLines(parseNote(vector.note), known)
    if (vector.want === 'malformed')
      await expect(opened()).rejects.toMatchObject({ code: 'AUDIT_NOTE' })
    else if (vector.want === 'invalid') {
      await expect(opened()).rejects.toMatchObject({ code: 'AUDIT_CHECKPOINT_SIGNATURE' })
    } else {
      const names = (await opened()).map((line) => line.key.name)
      expect(names).toEqual(verified.filter((name) => known.some((key) => key.name === name)))
    }
  })
})

const RealCheckpoint = z.object({
  d: z.string(),
  note: z.string(),
  keys: z.array(z.string()),
  verified: z.array(z.object({ name: z.string(), alg: z.number(), ts: z.number().nullable() })),
  leaf_b64: z.string().optional(),
  index: z.number().optional(),
  proof_b64: z.array(z.string()).optional(),
})

describe('checkpoints of public logs', () => {
  const vectors = read('checkpoints-real', { vectors: z.array(RealCheckpoint) }).vectors

  it.each(vectors)('$d', async (vector) => {
    const keys = vector.keys.map((key) => parseVkey(key))
    const logKeys = keys.filter((key) => key.type === 'log')
    const witnesses = keys
      .filter((key) => key.type === 'cosigner')
      .map((key) => ({ name: key.name, keys: [key] }))
    const origin = vector.note.slice(0, vector.note.indexOf('\n'))
    const quorum = witnesses.length
    const checkpoint = await verifyCheckpoint(vector.note, { origin, logKeys, witnesses, quorum })
    const times = vector.verified.flatMap(({ name, ts }) =>
      ts === null ? [] : [[name, ts] as const],
    )
    const found = checkpoint.cosignatures.map(({ witness, time }) => [witness, time] as const)
    expect(new Map(found)).toEqual(new Map(times))
    if (vector.leaf_b64 === undefined) return
    verifyInclusion({
      index: vector.index ?? -1,
      size: checkpoint.size,
      root: checkpoint.root,
      leafHash: leafHash(decodeBase64(vector.leaf_b64)),
      proof: (vector.proof_b64 ?? []).map((hash) => decodeBase64(hash)),
    })
  })
})

describe('our own four signature lines', () => {
  const vector = read('amana-checkpoint', {
    leaves: z.array(z.string()),
    root_b64: z.string(),
    note: z.string(),
    keys: z.array(z.string()),
  })
  const keys = vector.keys.map((key) => parseVkey(key))
  const witness = {
    name: 'anltp.example/amana/witness/1',
    keys: keys.filter((key) => key.name.includes('/witness/')),
  }
  const policy = {
    origin: 'naptip.example/amana/audit/1',
    logKeys: keys.filter((key) => key.name.includes('/audit/')),
    witnesses: [witness],
    quorum: 1,
  }

  it('verify, over the root of the leaves', async () => {
    const checkpoint = await verifyCheckpoint(vector.note, policy)
    const range = vector.leaves.reduce(
      (grown, leaf) => appendLeafHash(grown, leafHash(encodeUtf8(leaf))).range,
      EMPTY_RANGE,
    )
    expect(hex(checkpoint.root)).toBe(hex(decodeBase64(vector.root_b64)))
    expect(hex(rootOf(range))).toBe(hex(checkpoint.root))
    expect(checkpoint.cosignatures).toEqual([{ witness: witness.name, time: 1_795_334_400 }])
  })

  it.each([0, 1, 2, 3])('line %i altered is refused', async (line) => {
    const parsed = parseNote(vector.note)
    const signature = parsed.signatures[line]?.signature ?? new Uint8Array()
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1
    await expect(verifyLines(parsed, keys)).rejects.toMatchObject({
      code: 'AUDIT_CHECKPOINT_SIGNATURE',
    })
  })
})

const Exchange = z.object({ request: z.string(), status: z.number() })

describe('the witness against the sequence of litewitness', () => {
  const { log, sequence } = read('witness-add-checkpoint', {
    log: z.string(),
    sequence: z.array(Exchange),
  })

  it('decides request by request as C2SP tlog-witness says', async () => {
    let witnessed = sigsumLog(log.slice(log.indexOf('=') + 1))
    const statuses: number[] = []
    for (const { request } of sequence) {
      const decision = await decideWitness(encodeUtf8(request), [witnessed])
      statuses.push(decision.status)
      witnessed = advance(witnessed, decision)
    }
    // The witness knows the first leaf from the roster, so it never answers to `old 0`; an unknown log is 404;
    // the altered signature of the second request is not canonical base64 either.
    const expected = sequence.map(({ status }, index) => (index === 0 ? 409 : status))
    expect(statuses).toEqual(expected.with(1, 400).with(2, 404))
    expect(witnessed.size).toBe(5)
  })

  function sigsumLog(publicKey: string): WitnessedLog {
    const origin = sequence[0]?.request.split('\n')[2] ?? ''
    const key = createNoteKey(origin, 'log', new Uint8Array(Buffer.from(publicKey, 'hex')))
    const root = decodeBase64('KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')
    return { origin, logKeys: [key], size: 1, root, isForked: false }
  }
})

function advance(state: WitnessedLog, decision: WitnessDecision): WitnessedLog {
  if (decision.status !== 200) return state
  return { ...state, size: decision.checkpoint.size, root: decision.checkpoint.root }
}

function expectVerdict(check: () => void, refused: boolean): void {
  if (refused) expect(check).toThrow(expect.objectContaining({ code: 'AUDIT_PROOF' }))
  else expect(check).not.toThrow()
}

function read<T extends z.ZodRawShape>(name: string, shape: T) {
  const text = readFileSync(
    new URL(`../../../../test/vectors/audit/${name}.json`, import.meta.url),
    'utf8',
  )
  return z.object(shape).parse(JSON.parse(text))
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
