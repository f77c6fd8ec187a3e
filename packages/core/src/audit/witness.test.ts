/**
 * Two agencies witness each other: what is cosigned, what is refused, and what is evidence.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#witnessing
 */
import { describe, expect, it } from 'vitest'
import { buildLog, LOG } from '../../../../test/support/built-log.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { sha256 } from '../crypto/digest.ts'
import {
  addCosignatures,
  type CheckpointPolicy,
  cosignCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from './checkpoint.ts'
import { parseCheckpoint } from './checkpoint-text.ts'
import { parseNote } from './note.ts'
import {
  createNoteKey,
  createNoteSigner,
  formatVkey,
  type NoteSigner,
  parseVkey,
} from './note-key.ts'
import { consistencyProof } from './proofs.ts'
import {
  decideWitness,
  formatWitnessAnswer,
  formatWitnessRequest,
  parseWitnessAnswer,
  parseWitnessRequest,
  type WitnessedLog,
} from './witness.ts'

const WITNESS = 'ne.anltp-tim/amana/witness/1'
const TIME = 1_795_348_900
const log = buildLog(40)
const other = buildLog(41)
const signers = await Promise.all([
  signer(LOG, 'log', 'log key'),
  signer(LOG, 'post-quantum', 'log key, post-quantum'),
])
const cosigners = await Promise.all([
  signer(WITNESS, 'cosigner', 'witness key'),
  signer(WITNESS, 'post-quantum', 'witness key, post-quantum'),
])
const witness = { name: WITNESS, keys: cosigners }
const policy: CheckpointPolicy = { origin: LOG, logKeys: signers, witnesses: [witness], quorum: 1 }
const GENESIS: WitnessedLog = {
  origin: LOG,
  logKeys: signers,
  size: 1,
  root: log.leaves[0]?.hash ?? new Uint8Array(),
  isForked: false,
}

describe('a checkpoint that leaves the node', () => {
  it('is cosigned by the peer, by both of its keys, and verifies', async () => {
    const note = await signed(40)
    const decision = await decideWitness(await request(1, note), [GENESIS])
    if (decision.status !== 200) throw new Error(`refused with ${String(decision.status)}`)
    const cosignatures = await cosignCheckpoint(decision.checkpoint, cosigners, TIME)
    const answer = parseWitnessAnswer(formatWitnessAnswer({ status: 200, cosignatures }))
    const cosigned = addCosignatures(note, answer.cosignatures, witness)
    const verified = await verifyCheckpoint(cosigned, policy)
    expect(verified).toMatchObject({ size: 40, cosignatures: [{ witness: WITNESS, time: TIME }] })
    expect(parseNote(cosigned).signatures.length).toBe(4)
  })

  it('may be cosigned again at the same size, for a fresh time', async () => {
    const stored = { ...GENESIS, size: 40, root: log.root }
    const decision = await decideWitness(await request(40, await signed(40)), [stored])
    expect(decision.status).toBe(200)
  })

  const refusals: readonly [string, string, (note: string) => Promise<string> | string][] = [
    ['of another log', 'AUDIT_CHECKPOINT_ORIGIN', () => signedAs('ne.anltp-tim/amana/audit/1')],
    [
      'without the log’s post-quantum line',
      'AUDIT_CHECKPOINT_UNSIGNED',
      () => signedBy(signers.slice(0, 1)),
    ],
    [
      'without the log’s Ed25519 line',
      'AUDIT_CHECKPOINT_UNSIGNED',
      () => signedBy(signers.slice(1)),
    ],
    [
      'that only half of the witness cosigned',
      'AUDIT_NOT_WITNESSED',
      () => signedBy([...signers, ...cosigners.slice(0, 1)]),
    ],
    ['that the witness did not cosign', 'AUDIT_NOT_WITNESSED', (note) => note],
    ['with another size', 'AUDIT_CHECKPOINT_SIGNATURE', (note) => note.replace('\n40\n', '\n41\n')],
    ['with an extension line', 'AUDIT_CHECKPOINT', (note) => note.replace('\n\n', '\nextra\n\n')],
    ['with a leading zero', 'AUDIT_CHECKPOINT', (note) => note.replace('\n40\n', '\n040\n')],
    ['with 65 signature lines', 'AUDIT_NOTE', (note) => `${note}${'— a AAAAAAA=\n'.repeat(63)}`],
  ]

  it.each(refusals)('%s is refused: %s', async (_name, code, change) => {
    const note = await change(await signed(40))
    await expect(verifyCheckpoint(note, policy)).rejects.toMatchObject({ code })
  })
})

it('takes the last blank line of a note as the end of its text', () => {
  const text = 'quoted\n\n— a AAAAAAA=\n\n— b AAAAAAA=\n'
  expect(parseNote(text)).toMatchObject({
    text: 'quoted\n\n— a AAAAAAA=\n',
    signatures: [{ name: 'b', keyId: '00000000' }],
  })
})

describe('the witness answers', () => {
  it('400 to a request that it cannot read', async () => {
    expect(await decideWitness(encodeUtf8('old 1\n'), [GENESIS])).toEqual({ status: 400 })
  })

  it('400 to an old size beyond the new one', async () => {
    const stored = { ...GENESIS, size: 41, root: other.root }
    const body = formatWitnessRequest({ oldSize: 41, proof: [], note: await signed(40) })
    expect(await decideWitness(body, [stored])).toEqual({ status: 400 })
  })

  it('403 to a note that the log did not sign with all its keys', async () => {
    const body = await request(1, await signedBy(signers.slice(0, 1)))
    expect(await decideWitness(body, [GENESIS])).toEqual({ status: 403 })
  })

  it('404 to a log that it does not follow', async () => {
    expect(await decideWitness(await request(1, await signed(40)), [])).toEqual({ status: 404 })
  })

  it('409 with its own size to a log that continues from elsewhere', async () => {
    const stored = { ...GENESIS, size: 39 }
    const decision = await decideWitness(await request(1, await signed(40)), [stored])
    expect(decision).toEqual({ status: 409, size: 39 })
  })

  it('409 to a log that was restored from an older copy and went on', async () => {
    const seen = { ...GENESIS, size: 40, root: log.root }
    const { root } = buildLog(20)
    for (const size of [20, 30]) {
      const note = await signCheckpoint({ origin: LOG, size, root }, signers, TIME)
      const body = formatWitnessRequest({ oldSize: 20, proof: [], note })
      expect(await decideWitness(body, [seen])).toEqual({ status: 409, size: 40 })
    }
  })

  it('409 to a second history of the same size, and keeps the proof', async () => {
    const stored = { ...GENESIS, size: 40, root: other.root }
    const decision = await decideWitness(await request(40, await signed(40)), [stored])
    expect(decision).toMatchObject({ status: 409, conflict: 'fork', checkpoint: { size: 40 } })
  })

  it('422 to a history that does not continue the one it stored', async () => {
    const stored = { ...GENESIS, root: sha256(encodeUtf8('another genesis')) }
    const decision = await decideWitness(await request(1, await signed(40)), [stored])
    expect(decision).toMatchObject({ status: 422, size: 1, conflict: 'unproven' })
  })

  it.each([
    ['what it would cosign otherwise', 1],
    ['a head from a size that it did not store', 3],
  ])('422 to %s, once a fork of the log was seen', async (_name, oldSize) => {
    const body = await request(oldSize, await signed(40))
    const decision = await decideWitness(body, [{ ...GENESIS, isForked: true }])
    expect(decision).toEqual({ status: 422, conflict: 'known' })
  })

  it('403 to what the log did not sign, also once a fork of it was seen', async () => {
    const body = await request(1, await signedBy(signers.slice(0, 1)))
    expect(await decideWitness(body, [{ ...GENESIS, isForked: true }])).toEqual({ status: 403 })
  })
})

describe('bodies of tlog-witness', () => {
  it('read back as they were written', async () => {
    const body = await request(3, await signed(40))
    expect(formatWitnessRequest(parseWitnessRequest(body))).toEqual(body)
    const answer = formatWitnessAnswer({ status: 409, cosignatures: [], size: 12 })
    expect(parseWitnessAnswer(answer)).toEqual({ status: 409, cosignatures: [], size: 12 })
  })

  it.each(['', 'old 01\n\nx', 'old 1\nAA==\n\nx', 'old -1\n\nx', `old 1\n${'x\n'.repeat(64)}\nx`])(
    'request %j is refused',
    (body) => {
      expect(() => parseWitnessRequest(encodeUtf8(body))).toThrow(
        expect.objectContaining({ code: 'AUDIT_WITNESS_REQUEST' }),
      )
    },
  )

  it.each(['', '200\n', '201\n', '409\n', '409\n01\n', '404\nx\n', '200\nnot a line\n'])(
    'answer %j is refused',
    (body) => {
      expect(() => parseWitnessAnswer(encodeUtf8(body))).toThrow(
        expect.objectContaining({ code: 'AUDIT_WITNESS_ANSWER' }),
      )
    },
  )
})

describe('a verifier key', () => {
  const vkey = formatVkey(signers[0] ?? cosigners[0] ?? parseVkey(''))

  it('reads back as it was written', () => {
    expect(formatVkey(parseVkey(vkey))).toBe(vkey)
  })

  it.each([
    ['another name', vkey.replace('naptip', 'naptop')],
    ['another id', vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['an unknown type', vkey.replace('+A', '+B')],
    ['a short key', formatVkey(createNoteKey(LOG, 'log', new Uint8Array(31)))],
    ['a space in its name', vkey.replace('/', ' ')],
  ])('with %s is refused', (_name, wrong) => {
    expect(() => parseVkey(wrong)).toThrow(expect.objectContaining({ code: 'AUDIT_VKEY' }))
  })
})

async function signer(name: string, type: NoteSigner['type'], seed: string): Promise<NoteSigner> {
  return createNoteSigner(name, type, sha256(encodeUtf8(seed)))
}

async function signed(size: number): Promise<string> {
  return signCheckpoint({ origin: LOG, size, root: log.root }, signers, TIME)
}

async function signedAs(origin: string): Promise<string> {
  return signCheckpoint({ origin, size: 40, root: log.root }, signers, TIME)
}

async function signedBy(keys: readonly NoteSigner[]): Promise<string> {
  return signCheckpoint({ origin: LOG, size: 40, root: log.root }, keys, TIME)
}

async function request(oldSize: number, note: string): Promise<Uint8Array> {
  const { size } = parseCheckpoint(parseNote(note).text)
  const proof = await consistencyProof(log.readNode, oldSize, size)
  return formatWitnessRequest({ oldSize, proof, note })
}
