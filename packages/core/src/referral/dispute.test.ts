/**
 * A hand-over that is disputed: nothing moves, both versions are kept, and what settles it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#custody
 */
import { describe, expect, it } from 'vitest'
import {
  agreement,
  ANLTP,
  type Clear,
  CROSSING,
  link,
  type OfficerName,
  type ReferralStory,
  toldUpTo,
} from '../../../../test/support/referral-fixture.ts'

const SAYS = { ...CROSSING, act: 'receipt', reservations: 'No pass, and she is ill.' }

interface Said {
  readonly body?: Readonly<Record<string, unknown>>
  readonly by?: OfficerName
  readonly clear?: Clear
}

function dispute(
  story: ReferralStory,
  { body = SAYS, by = 'naptipCustodian', clear = {} }: Said = {},
) {
  const { digest } = agreement(story.at().custody.at(-1)?.release)
  return story.custody(by, body, { relates: [{ relation: 'answers', digest }], ...clear })
}

function received(story: ReferralStory) {
  const relates = [agreement(story.at().custody.at(-1)?.release)]
  return story.custody('naptipCustodian', { ...CROSSING, act: 'receipt' }, { relates })
}

describe('a disputed hand-over', () => {
  it('moves neither custody nor responsibility, and is shown on the leg', () => {
    const story = toldUpTo('in_transit')
    const said = dispute(story)
    expect(story.keep(said)).toMatchObject({ event: 'dispute', effect: 'recorded', refused: [] })
    expect(story.at()).toMatchObject({
      state: 'in_transit',
      responsible: ANLTP,
      custodian: { organisation: ANLTP },
      custody: [{ status: 'released', disputed: true, dispute: { statement: said.digest } }],
      pending: [{ event: 'release' }],
    })
  })

  it('is disputed by who should have taken the person, with a reason', () => {
    const story = toldUpTo('in_transit')
    const { reservations: _none, ...silent } = SAYS
    expect(story.reasons(dispute(story, { body: silent }))).toEqual(['reason_missing'])
    expect(story.reasons(dispute(story, { by: 'nis' }))).toEqual(['wrong_organisation'])
    expect(story.reasons(dispute(story, { by: 'naptipDuty' }))).toEqual(['wrong_role'])
    expect(story.reasons(dispute(story, { body: { ...SAYS, leg: 'l9' } }))).toEqual([
      'proposal_differs',
    ])
  })

  it('is not disputed by an officer of the organisation that offers', () => {
    const story = toldUpTo('accepted')
    const leg = { ...CROSSING, legType: 'in_country_transfer', to: CROSSING.from }
    story.keep(story.custody('anltpEscort', { ...leg, act: 'release' }, story.expiring()))
    const said = dispute(story, { body: { ...SAYS, ...leg, act: 'receipt' }, by: 'anltpEscort' })
    expect(story.reasons(said)).toEqual(['same_officer', 'same_organisation'])
  })

  it('answers exactly one release, and agrees with none', () => {
    const story = toldUpTo('in_transit')
    const release = agreement(story.at().custody[0]?.release)
    const answers = { ...release, relation: 'answers' as const }
    const by = (...relates: readonly (typeof answers | typeof release)[]) =>
      story.reasons(dispute(story, { clear: { relates } }))
    expect(by(answers, release)).toEqual(['agreement_not_single'])
    expect(by(answers, { ...answers, digest: agreement('A'.repeat(43)).digest })).toEqual([
      'agreement_not_single',
    ])
    expect(by({ ...answers, digest: agreement('A'.repeat(43)).digest })).toEqual([
      'proposal_unknown',
    ])
  })

  it('is settled by a receipt of who knew of the dispute', () => {
    const story = toldUpTo('in_transit')
    story.keep(dispute(story))
    story.keep(received(story))
    expect(story.at()).toMatchObject({
      state: 'handed_over',
      custody: [{ status: 'received', disputed: false }],
    })
  })

  it('stays disputed where it was received before', () => {
    const story = toldUpTo('handed_over')
    story.keep(dispute(story))
    expect(story.at()).toMatchObject({
      state: 'handed_over',
      custody: [{ status: 'received', disputed: true }],
    })
  })

  it('is settled by taking the release back, after which there is nothing to dispute', () => {
    const story = toldUpTo('ready')
    const release = story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring())
    story.keep(release)
    story.keep(dispute(story))
    const relates = [link('withdraws', release)]
    story.keep(story.custody('anltpEscort', { ...CROSSING, act: 'release' }, { relates }))
    expect(story.at().custody).toMatchObject([{ status: 'void', disputed: false }])
    expect(story.reasons(dispute(story))).toEqual(['proposal_unknown'])
  })

  it('confirms nothing that was told of a hand-over', () => {
    const story = toldUpTo('in_transit')
    const told = {
      act: 'hand_over',
      agency: 'ng.naptip',
      actAt: story.time,
      channel: 'phone',
      readBack: 'yes',
    }
    story.keep(
      story.record({ kind: 'referral.told/1', by: 'anltpManager', groups: { body: told } }),
    )
    story.keep(dispute(story))
    expect(story.at().told[0]).not.toHaveProperty('confirmedBy')
    story.keep(received(story))
    expect(story.at().told[0]).toHaveProperty('confirmedBy')
  })
})
