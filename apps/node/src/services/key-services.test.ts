import { TRUST_LIMITS } from '@amana/core'
import { describe, expect, it } from 'vitest'
import {
  beginAlone,
  beginTalk,
  carryAll,
  MEETING_MS,
  officerKey,
  queueNew,
} from '../../../../test/support/node-fixture.ts'
import { madeKey } from '../../../../test/support/made-key.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { createKeyServices, fullChains, trustWarnings } from './key-services.ts'

const DAY = 86_400

describe('the keys of a node', { timeout: MEETING_MS }, () => {
  it('stand as next, current and expired by the clock, with what ends soon', async () => {
    await using talk = await beginTalk()
    const { clock, naptip } = talk
    const services = createKeyServices(naptip.parts)
    const { keyId } = await madeKey(naptip.parts, { use: 'protection' })
    const stateOf = async (use: string, holder: string): Promise<readonly unknown[]> => {
      const { keys } = await services.keys({})
      return keys
        .filter((key) => key.use === use && key.holder === holder)
        .map(({ level, state }) => [state, level])
    }
    expect(await stateOf('desk', 'protection')).toEqual([
      ['current', undefined],
      ['next', undefined],
    ])
    const made = (await services.keys({})).keys.find((key) => key.keyId === keyId)
    expect(made).toMatchObject({ isHere: true, rosters: [], use: 'desk' })
    expect(made).not.toHaveProperty('until')
    clock.turn(360 * DAY)
    expect(await stateOf('officer', 'author')).toEqual([['current', 'urgent']])
    expect(await stateOf('root', 'root-1')).toEqual([['current', 'urgent']])
    clock.turn(6 * DAY)
    expect(await stateOf('officer', 'author')).toEqual([['expired', undefined]])
    expect(await stateOf('root', 'root-1')).toEqual([['expired', 'ended']])
    expect(trustWarnings(naptip.parts).expiries[0]).toMatchObject({
      level: 'ended',
      what: 'roster',
    })
    expect(trustWarnings(naptip.parts).forks).toEqual([])
  })

  it('say how much they signed, with an answer and without one', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const { signedBy } = createKeyServices(naptip.parts)
    const { keyId } = await officerKey(naptip.place, 'author')
    expect(await signedBy({ keyId })).toEqual({ covered: 0, waiting: 0 })
    await queueNew(naptip, 'jtwg.minutes/1')
    await carryAll(naptip, anltp)
    await queueNew(naptip, 'jtwg.minutes/1')
    await queueNew(naptip, 'jtwg.minutes/1')
    expect(await signedBy({ keyId })).toEqual({ covered: 1, waiting: 2 })
    expect(await createKeyServices(anltp.parts).signedBy({ keyId })).toEqual({
      covered: 0,
      waiting: 0,
    })
  })

  it('are made anew only for a node that the own roster lists', async () => {
    await using talk = await beginTalk()
    const stranger = { ...talk.naptip.parts, peerId: talk.anltp.parts.peerId }
    const { makeNodeKeys } = createKeyServices(stranger)
    expect(await codeOf(() => makeNodeKeys({}))).toBe('CLI_KEY_HOLDER')
  })

  it('are told of before the rosters have no room left, from three quarters on', () => {
    const agency = 'ng.naptip'
    const most = TRUST_LIMITS.rosterChainBytes
    expect(fullChains([{ agency, chainBytes: 0.75 * most - 1 }])).toEqual({})
    expect(fullChains([{ agency, chainBytes: 0.75 * most }])).toEqual({
      fullChains: [{ agency, percent: 75 }],
    })
  })

  it('have no span before a charter, and no rosters of a stranger', async () => {
    await using talk = await beginAlone()
    const services = createKeyServices(talk.naptip.parts)
    const { keys } = await services.keys({})
    const roots = keys.filter(({ use }) => use === 'root')
    expect(roots.map(({ state, until }) => [state, until])).toEqual([
      ['current', undefined],
      ['current', undefined],
      ['current', undefined],
    ])
    const { rosters } = await services.rosterChain({ agency: talk.naptip.agency })
    expect(rosters).toHaveLength(2)
    expect(await codeOf(() => services.rosterChain({ agency: talk.anltp.agency }))).toBe(
      'TRUST_NO_ROSTER',
    )
  })
})
