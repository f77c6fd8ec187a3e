/**
 * A proof of one entry is verified by itself, and its head against the bundle of its log.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#proof-of-one-entry
 */
import { encodeUtf8, formatLogProof, type LogProof } from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import {
  beginExchange,
  buildExchange,
  type Exchange,
} from '../../../test/support/built-exchange.ts'
import { type Report } from './report.ts'
import { type FileSource } from './source.ts'
import { verifyFiles } from './verify-files.ts'

const INDEX = 4
let exchange: Exchange
let proof: LogProof
beforeAll(async () => {
  exchange = await buildExchange()
  proof = await exchange.naptip.log.proof(INDEX)
})

async function verify(text: string, others: readonly FileSource[] = []): Promise<Report> {
  const file = { name: 'entry.tlog-proof', bytes: encodeUtf8(text) }
  return verifyFiles([file, ...others], { policy: exchange.policyText, now: NOW })
}

async function codesOf(changes: Partial<LogProof>): Promise<readonly unknown[]> {
  const { findings, verdict } = await verify(formatLogProof({ ...proof, ...changes }))
  return [verdict, ...findings.map(({ code, level, party }) => `${code} ${level} ${party}`)]
}

/** The note with only its lines by these signers. */
function signedBy(...names: readonly string[]): string {
  const lines = proof.note.split('\n')
  return lines
    .filter((line) => !line.startsWith('— ') || names.some((name) => line.includes(name)))
    .join('\n')
}

describe('the proof of one entry', () => {
  it('says which entry is proven, and when the other agency first cosigned it', async () => {
    const { findings, verdict } = await verify(formatLogProof(proof))
    expect(verdict).toBe('verified')
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ code: 'ENTRY_PROVEN', level: 'PROVEN', severity: 'info' })
    expect(findings[0]?.party).toBe('ng.naptip')
    expect(findings[0]?.where).toMatch(/^index 4, [a-z]\.\w+, \S+Z; size \d+, \S+Z$/)
  })

  it('proves nothing with another leaf, index or path: PROOF_INVALID', async () => {
    const { hashes, leaf } = await exchange.naptip.log.proof(INDEX + 1)
    const invalid = 'PROOF_INVALID LOCAL entry.tlog-proof'
    expect(await codesOf({ hashes })).toEqual(['failed', invalid])
    expect(await codesOf({ leaf })).toEqual(['could-not', invalid])
    expect(await codesOf({ index: INDEX + 1 })).toEqual(['could-not', invalid])
    const { findings, verdict } = await verify('a proof')
    expect([verdict, findings[0]?.code]).toEqual(['could-not', 'PROOF_INVALID'])
  })

  it('names a log that the policy does not know: WRONG_LOG', async () => {
    const note = proof.note.replace('ng.naptip', 'ng.nis')
    expect(await codesOf({ note })).toEqual(['failed', 'WRONG_LOG LOCAL entry.tlog-proof'])
  })

  it('needs both signatures of the log and the cosignature of another agency', async () => {
    expect(await codesOf({ note: signedBy('/amana/audit/') })).toEqual([
      'failed',
      'NOT_WITNESSED LOCAL ng.naptip',
    ])
    expect(await codesOf({ note: signedBy('/amana/witness/') })).toEqual([
      'failed',
      'CHECKPOINT_UNSIGNED LOCAL entry.tlog-proof',
    ])
  })

  it('is held against the bundle of its log: EQUIVOCATION', async () => {
    const own = { name: 'own.bundle.jsonl', bytes: await exchange.naptip.log.bundle(exchange) }
    expect((await verify(formatLogProof(proof), [own])).verdict).toBe('verified')
    const other = await beginExchange()
    other.naptip.log.append(31, [{ event: 'w.scrub', data: { from: 0, ok: true, to: 1 } }])
    await other.naptip.log.checkpoint(32, other.anltp.log)
    while (other.naptip.log.cursor.range.size < exchange.naptip.log.head('').size) {
      await other.naptip.log.checkpoint(40, other.anltp.log)
    }
    const bytes = await other.naptip.log.bundle(other)
    const report = await verify(formatLogProof(proof), [{ name: 'other.bundle.jsonl', bytes }])
    expect(report.verdict).toBe('failed')
    expect(report.findings.map(({ code }) => code)).toContain('EQUIVOCATION')
  })
})
