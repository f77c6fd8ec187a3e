/**
 * What a reader keeps has an end: one more than the limit is refused, and the limit itself is not.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#reading
 */
import { AUDIT_LIMITS, buildLeaf, digest, type Leaf, parseLeaf } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { LEAF_EXAMPLES } from '../../../test/support/leaf-examples.ts'
import { fileOf } from '../../../test/support/pieces.ts'
import { CheckpointShelf } from './checkpoint-shelf.ts'
import { EvidenceStore } from './evidence-store.ts'
import { FactCollector } from './exchange-facts.ts'
import { AccessCheck } from './log-access.ts'
import { ClaimCollector } from './log-claims.ts'

const TOO_MANY: unknown = expect.objectContaining({ code: 'AUDIT_BUNDLE_LIMIT' })
const TIMEOUT = { timeout: 60_000 }

function leafOf(
  event: keyof typeof LEAF_EXAMPLES,
  changes: object = {},
  sd: readonly string[] = [],
): Leaf {
  const place = { log: 'ng.naptip/amana/audit/1', index: 7, seq: 2, prev: 3, timeMs: 1.795e12 }
  const data = { ...LEAF_EXAMPLES[event], ...changes }
  return parseLeaf(buildLeaf({ actor: 'u_aaaaaaaaaaaaaaaa', data, event, sd }, place))
}

/** Takes as many as the limit says, and then one more. */
function fill(limit: number, take: (index: number) => void): void {
  for (let index = 0; index < limit; index += 1) take(index)
  expect(() => {
    take(limit)
  }).toThrow(TOO_MANY)
}

describe('a reader keeps at most', TIMEOUT, () => {
  it.each(['g.roster', 'w.cosigned', 'w.witness'] as const)('1,000,000 leaves of %s', (event) => {
    const claims = new ClaimCollector()
    const leaf = leafOf(event)
    fill(AUDIT_LIMITS.bundleClaims, () => {
      claims.take(leaf)
    })
  })

  it('500,000 statements', () => {
    const facts = new FactCollector('ng.naptip', true)
    const leaf = leafOf('x.sealed')
    if (leaf.event !== 'x.sealed') throw new TypeError(leaf.event)
    const hash = new Uint8Array(32)
    fill(AUDIT_LIMITS.bundleFacts, (index) => {
      facts.take({ ...leaf, data: { ...leaf.data, std: digest(String(index)) } }, hash)
    })
  })

  it('1,000 answers to a statement', () => {
    const facts = new FactCollector('ng.naptip', true)
    const [sealed, delivered] = [leafOf('x.sealed'), leafOf('x.delivered')]
    if (sealed.event !== 'x.sealed' || delivered.event !== 'x.delivered') throw new TypeError()
    const { env, std } = sealed.data
    const answer: typeof delivered = { ...delivered, data: { ...delivered.data, env, std } }
    facts.take(sealed, new Uint8Array(32))
    fill(1000, () => {
      facts.take(answer, new Uint8Array(32))
    })
  })

  it('1,000,000 checkpoints', () => {
    const shelf = new CheckpointShelf({ origin: '', logKeys: [], witnesses: [], quorum: 0 })
    fill(AUDIT_LIMITS.bundleCheckpoints, (index) => {
      shelf.keep({ cosignatures: [], note: String(index), root: '', size: 1 })
    })
  })

  it('1,000,000 records of evidence', () => {
    const evidence = new EvidenceStore(fileOf(new Uint8Array()))
    const record = { content: '', kind: 'peer-note', record: 'evidence' } as const
    fill(AUDIT_LIMITS.bundleEvidence, (index) => {
      evidence.add({ ...record, digest: digest(String(index)) }, { start: 0, end: 0 })
    })
  })

  it('1,000,000 openings that wait for a review', () => {
    const access = new AccessCheck('ng.naptip', undefined)
    const leaf = leafOf('a.open', { bg: true }, [digest('reason')])
    fill(AUDIT_LIMITS.bundleClaims, (index) => {
      access.take({ ...leaf, index }, 0)
    })
  })
})
