/**
 * What a log says about itself: pseudonyms, erasures, holds, and a log that goes on from an older one.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#governance
 */
import { buildLeaf, digest, type Leaf, type NewEvent, parseLeaf } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { judgeGovernance } from './log-governance.ts'

const LOG = 'ng.naptip/amana/audit/2'
const STD = digest('statement')
const OFFICERS = ['u_aaaaaaaaaaaaaaaa', 'u_bbbbbbbbbbbbbbbb'] as const

type Governance = Extract<Leaf, { class: 'g' }>

/** Leaves of class g, one after the other from index 0 on. */
function leavesOf(events: readonly Omit<NewEvent, 'actor'>[]): readonly Governance[] {
  return events.flatMap((event, index) => {
    const place = { log: LOG, index, seq: index, prev: index - 1, timeMs: 1.795e12 + index }
    const leaf = parseLeaf(buildLeaf({ actor: 'sys', ...event }, place))
    return leaf.class === 'g' ? [leaf] : []
  })
}

function judged(
  events: readonly Omit<NewEvent, 'actor'>[],
  options: { readonly isWhole?: boolean; readonly shown?: string } = {},
): readonly string[] {
  const { isWhole = true, shown } = options
  const { findings } = judgeGovernance({
    agency: 'ng.naptip',
    isWhole,
    leaves: leavesOf(events),
    isShown: (value) => value === shown,
  })
  return findings.map(({ code, where }) => `${code} ${where ?? ''}`)
}

function erasure(approvers: readonly string[]): Omit<NewEvent, 'actor'> {
  return { event: 'g.erasure', data: { approvers, basis: 'retention', digests: [STD], keys: [] } }
}

function actor(op: string): Omit<NewEvent, 'actor'> {
  return { event: 'g.actor', data: { officer: OFFICERS[0], op, year: 2026 } }
}

const HOLD = { approvers: [OFFICERS[0]], basis: 'prosecution', std: STD }

describe('leaves of class g', () => {
  it('say from which log this one goes on, and up to which size', () => {
    const prev = { kept: 300, log: 'ng.naptip/amana/audit/1', reason: 'lost', root: STD, size: 400 }
    const genesis = {
      event: 'g.genesis',
      data: { agency: 'ng.naptip', keys: ['a+00000000+AA=='], prev },
    }
    expect(judged([genesis])).toEqual([
      'EPOCH_BREAK ng.naptip/amana/audit/1 size 400, lost, lost 300–399',
    ])
  })

  it('count what was erased only when its end is written', () => {
    expect(judged([erasure(OFFICERS)])).toEqual([])
    const part = { event: 'g.erased', data: { done: 'part', ref: 0 } }
    expect(judged([erasure(OFFICERS), part])).toEqual([])
    const all = { event: 'g.erased', data: { done: 'all', ref: 0 } }
    expect(judged([erasure(OFFICERS), all])).toEqual(['ERASED digests 1'])
    expect(judged([erasure(OFFICERS), all], { shown: STD })).toContain(
      `ERASED_BUT_PRESENT digest ${STD}`,
    )
  })

  it('refer to an erasure that the log has', () => {
    const end = { event: 'g.erased', data: { done: 'all', ref: 7 } }
    expect(judged([end])).toEqual(['LIFECYCLE index 0'])
    expect(judged([end], { isWhole: false })).toEqual([])
  })

  it('name two officers who agreed, not one twice', () => {
    expect(judged([erasure([OFFICERS[0], OFFICERS[0]])])).toEqual(['ERASURE_UNAUTHORISED index 0'])
  })

  it('let nothing be erased that is held, and let it go again', () => {
    const [hold, unhold] = [
      { event: 'g.hold', data: HOLD },
      { event: 'g.unhold', data: HOLD },
    ]
    expect(judged([hold, erasure(OFFICERS)])).toEqual(['ERASED_UNDER_HOLD index 1'])
    expect(judged([hold, unhold, erasure(OFFICERS)])).toEqual([])
  })

  it('enrol a pseudonym once, and may change it', () => {
    expect(judged([actor('enroll'), actor('change'), actor('disable')])).toEqual([])
    expect(judged([actor('enroll'), actor('enroll')])).toEqual(['ACTOR_REASSIGNED index 1'])
  })
})
