/**
 * Findings that no attack of the list shows: an anchor that cannot be read, and groups that a desk may not see.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#findings
 */
import { buildLeaf, type Leaf, parseLeaf } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { buildExchange } from '../../../test/support/built-exchange.ts'
import { LEAF_EXAMPLES } from '../../../test/support/leaf-examples.ts'
import { FactCollector } from './exchange-facts.ts'
import { verifyFiles } from './verify-files.ts'

const PLACE = { log: 'ng.naptip/amana/audit/1', seq: 2, prev: 3, timeMs: 1.795e12 }

function leafOf(event: 'x.excess' | 'x.received', index: number): Extract<Leaf, { class: 'x' }> {
  const { env, std } = LEAF_EXAMPLES['x.received']
  const data = { ...LEAF_EXAMPLES[event], env, std }
  const leaf = parseLeaf(buildLeaf({ actor: 'sys', data, event }, { ...PLACE, index }))
  if (leaf.class !== 'x') throw new TypeError(leaf.class)
  return leaf
}

describe('a finding', () => {
  it('says that an anchor has another form, and nothing is green: ANCHOR_MALFORMED', async () => {
    const { naptip, policyText: policy } = await buildExchange()
    const bytes = await naptip.log.bundle({ policyText: policy })
    const file = { name: 'naptip.bundle.jsonl', bytes }
    const report = await verifyFiles([file], { anchor: 'amana anchor 2\n', now: NOW, policy })
    expect(report.verdict).toBe('could-not')
    expect(report.findings.map(({ code }) => code)).toContain('ANCHOR_MALFORMED')
  })

  it('warns against the sender of what a desk may not see, whoever tells it: EXCESS_GROUPS', () => {
    const facts = new FactCollector('ng.naptip', true)
    const received = leafOf('x.received', 7)
    facts.take(received, new Uint8Array(32))
    facts.take(leafOf('x.excess', 8), new Uint8Array(32))
    const { facts: kept, findings } = facts.collected()
    const expected = { code: 'EXCESS_GROUPS', level: 'LOCAL', severity: 'warn' }
    expect(findings).toMatchObject([{ ...expected, party: kept[0]?.peer }])
  })
})
