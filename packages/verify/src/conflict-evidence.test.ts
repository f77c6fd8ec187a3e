import {
  type ConflictEvidence,
  encodeConflictEvidence,
  type NoteSigner,
  parseConflictEvidence,
  parseNote,
  signCheckpoint,
} from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { AUDIT_ATTACKS } from '../../../test/support/audit-attacks.ts'
import { buildExchange, type Exchange } from '../../../test/support/built-exchange.ts'
import { type Report } from './report.ts'
import { type NamedFile } from './source.ts'
import { verifyFiles } from './verify-files.ts'

let exchange: Exchange
let bundle: NamedFile
let own: string
beforeAll(async () => {
  exchange = await buildExchange()
  bundle = { name: 'naptip.bundle.jsonl', bytes: await exchange.naptip.log.bundle(exchange) }
  own = exchange.naptip.log.notes[0] ?? ''
})

const NAME = 'ng.naptip.amana-evidence.json'

function evidenceOf(changes: Partial<ConflictEvidence>): ConflictEvidence {
  return {
    conflict: 'fork',
    created: NOW,
    log: exchange.naptip.agency.origin,
    notes: [own],
    record: 'conflict',
    v: 1,
    witness: 'ne.anltp-tim',
    ...changes,
  }
}

async function verify(bytes: Uint8Array, others: readonly NamedFile[] = []): Promise<Report> {
  const options = { policy: exchange.policyText, now: NOW }
  return verifyFiles([{ name: NAME, bytes }, ...others], options)
}

async function codesOf(changes: Partial<ConflictEvidence>): Promise<readonly unknown[]> {
  const { findings, verdict } = await verify(encodeConflictEvidence(evidenceOf(changes)))
  return [verdict, ...findings.map(({ cause, code, level, party }) => [code, level, party, cause])]
}

/** A head of NAPTIP’s log over an invented root. */
function invented(size: number, signers?: readonly NoteSigner[]): Promise<string> {
  const { logSigners, origin } = exchange.naptip.agency
  const root = new Uint8Array(32).fill(size)
  return signCheckpoint({ origin, size, root }, signers ?? logSigners, NOW)
}

function sizeOf(note: string): number {
  return Number(parseNote(note).text.split('\n')[1])
}

describe('evidence of two histories', () => {
  it('proves by two notes of one size that the log signed both', async () => {
    const notes = [own, await invented(sizeOf(own))]
    expect(await codesOf({ notes })).toEqual([
      'failed',
      ['EQUIVOCATION', 'PROVEN', 'ng.naptip', undefined],
    ])
  })

  it('proves by one note of size 1 that the log began otherwise than the policy says', async () => {
    expect(await codesOf({ notes: [await invented(1)] })).toEqual([
      'failed',
      ['EQUIVOCATION', 'PROVEN', 'ng.naptip', undefined],
    ])
  })

  it('leaves open who is wrong where no proof was shown between two sizes', async () => {
    const notes = [own, await invented(sizeOf(own) + 1)]
    const expected = ['failed', ['HISTORY_UNPROVEN', 'CONTRADICTED', 'ng.naptip', undefined]]
    expect(await codesOf({ conflict: 'unproven', notes })).toEqual(expected)
    expect(await codesOf({ conflict: 'unproven', notes: notes.slice(1) })).toEqual(expected)
  })

  it('proves it as soon as a bundle of the log lies beside it', async () => {
    const notes = [await invented(sizeOf(own))]
    const bytes = encodeConflictEvidence(evidenceOf({ conflict: 'unproven', notes }))
    const { findings, verdict } = await verify(bytes, [bundle])
    expect(verdict).toBe('failed')
    expect(findings).toMatchObject([
      { code: 'EQUIVOCATION', level: 'PROVEN', consequences: [{ code: 'HISTORY_UNPROVEN' }] },
    ])
  })

  it('proves nothing beside a file whose entries anybody may have changed', async () => {
    const notes = exchange.naptip.log.notes.slice(-1)
    const bytes = encodeConflictEvidence(evidenceOf({ conflict: 'unproven', notes }))
    const changed = (await AUDIT_ATTACKS['editLeaf']?.())?.files[0]
    if (changed === undefined || !('bytes' in changed)) throw new TypeError('no file')
    const { findings, verdict } = await verify(bytes, [changed])
    expect(verdict).toBe('failed')
    expect(findings).toContainEqual(
      expect.objectContaining({ code: 'ROOT_MISMATCH', level: 'LOCAL', party: 'ng.naptip' }),
    )
    expect(findings.filter(({ level }) => level === 'PROVEN')).toEqual([])
  })

  it('says nothing against an honest head beside the bundle that leads to it', async () => {
    const bytes = encodeConflictEvidence(evidenceOf({ conflict: 'unproven' }))
    const { findings } = await verify(bytes, [bundle])
    expect(findings.map(({ code }) => code)).toEqual(['HISTORY_UNPROVEN'])
  })

  it('is refused where the notes do not contradict each other', async () => {
    const refused = ['failed', ['CONFLICT_INVALID', 'LOCAL', NAME, 'AUDIT_NO_CONFLICT']]
    const longer = await invented(sizeOf(own) + 1)
    expect(await codesOf({ notes: [own, own] })).toEqual(refused)
    expect(await codesOf({ notes: [own, longer] })).toEqual(refused)
    expect(await codesOf({ conflict: 'unproven', notes: [longer, own] })).toEqual(refused)
  })

  it('is refused where the log did not sign, or signed with half of its keys', async () => {
    const size = sizeOf(own)
    const { logSigners } = exchange.naptip.agency
    const half = [own, await invented(size, logSigners.slice(0, 1))]
    const strange = [own, await invented(size, exchange.anltp.agency.logSigners)]
    for (const notes of [half, strange]) {
      expect(await codesOf({ notes })).toEqual([
        'failed',
        ['CHECKPOINT_UNSIGNED', 'LOCAL', NAME, 'AUDIT_CHECKPOINT_UNSIGNED'],
      ])
    }
  })

  it('is of no log of the policy', async () => {
    expect(await codesOf({ log: 'ng.naptip/amana/audit/2' })).toEqual([
      'failed',
      ['WRONG_LOG', 'LOCAL', NAME, undefined],
    ])
  })

  it('is one canonical line with its newline, and reads back as it was written', async () => {
    const evidence = evidenceOf({ notes: [own, await invented(sizeOf(own))] })
    const bytes = encodeConflictEvidence(evidence)
    expect(parseConflictEvidence(bytes)).toEqual(evidence)
    const forms = [
      bytes.subarray(0, -1),
      bytes.subarray(1),
      Uint8Array.of(...bytes, 10),
      bytes.with(2, 46),
    ]
    for (const form of forms) {
      const { findings, verdict } = await verify(form)
      expect(verdict).toBe('could-not')
      expect(findings).toMatchObject([{ code: 'CONFLICT_INVALID', cause: 'AUDIT_CONFLICT_FORM' }])
    }
  })
})
