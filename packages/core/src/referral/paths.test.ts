/**
 * An adult’s referral and the ways in which one fails or ends: the third part of the model’s replay.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#table
 */
import { describe, expect, it } from 'vitest'
import {
  CROSSING,
  type Groups,
  JOURNEY,
  link,
  overlay,
  type ReferralStory,
  toldUpTo,
  WOMAN,
} from '../../../../test/support/referral-fixture.ts'

const consents = (changes: Readonly<Record<string, unknown>>) => ({
  consent: {
    consents: [
      { scope: 'share_receiving_agency', status: 'given', recorded: '2026-11-15T00:00:00Z' },
      { scope: 'return', status: 'given', recorded: '2026-11-15T00:00:00Z', ...changes },
    ],
  },
})
const withdrawn = consents({ status: 'withdrawn', recorded: '2026-11-22T08:00:00Z' })

function refusedWhenReady(changes: Groups, journey: object = JOURNEY) {
  const story = toldUpTo('preparing')
  story.keep(story.file('anltpManager', changes))
  return story.reasons(story.event('anltpManager', { ...journey }, story.expiring()))
}

describe('an adult', () => {
  it('comes to ready', () => {
    expect(toldUpTo('ready').at()).toMatchObject({ state: 'ready', openGates: [] })
  })

  it('withdraws at the gate: no departure, then a suspension and the end', () => {
    const story = toldUpTo('ready')
    story.keep(releaseOf(story))
    expect(story.keep(story.file('anltpManager', withdrawn)).state).toBe('suspended')
    const depart = story.event('anltpEscort', { event: 'depart' })
    expect(story.reasons(depart)).toEqual(['wrong_state'])
    const cancel = { event: 'cancel', reason: 'consent_withdrawn' }
    expect(story.keep(story.event('anltpManager', cancel)).state).toBe('cancelled')
    expect(story.reasons(story.event('anltpEscort', { event: 'depart' }))).toEqual(['wrong_state'])
  })

  it('refuses on the way: a safe stop, and all gates again', () => {
    const story = toldUpTo('in_transit')
    const stop = story.event('anltpEscort', { event: 'suspend', reason: 'health' })
    expect(story.keep(stop).state).toBe('suspended')
    const resume = (causeCleared: string) =>
      story.event('anltpManager', { event: 'resume', causeCleared })
    expect(story.reasons(resume('no'))).toEqual(['cause_not_cleared'])
    expect(story.keep(resume('yes')).state).toBe('preparing')
    const [assessedAt, fitToTravel, clinician] = ['2026-11-18T00:00:00Z', 'yes', 'hospital-01']
    const fitness = { assessment: { assessedAt, fitToTravel, clinician } }
    story.keep(story.file('anltpManager', { fitness }))
    const again = story.event('anltpManager', JOURNEY, story.expiring())
    expect(story.reasons(again)).toEqual(['fitness_missing'])
  })

  it.each(['unknown', 'not_asked', 'yes'])(
    'does not return while her claim to protection is %s',
    (protectionClaim) => {
      expect(refusedWhenReady({ risk: { protectionClaim } })).toEqual(['protection_claim_open'])
    },
  )

  it('does not travel with men only', () => {
    const escorts = [{ organisation: 'ne.anltp-tim', officer: 'anltp-07', gender: 'Masculine' }]
    expect(refusedWhenReady({}, { ...JOURNEY, escorts })).toEqual(['female_escort_missing'])
  })

  it('whose consent to share is refused is not submitted', () => {
    const groups = overlay(WOMAN, {
      consent: {
        consents: [
          { scope: 'share_receiving_agency', status: 'refused', recorded: '2026-11-15T00:00:00Z' },
        ],
      },
    })
    const story = toldUpTo('draft', groups)
    expect(story.reasons(story.event('anltpManager', { event: 'submit' }))).toEqual([
      'share_consent_missing',
    ])
  })

  it('does not travel on a document that ends before she arrives', () => {
    const story = toldUpTo('preparing')
    const [request] = story.statements.filter(({ kind }) => kind === 'task.travel-document/1')
    const answer = story.task(
      'naptipManager',
      {
        routing: {
          act: 'answer',
          status: 'fulfilled',
          documentType: 'etc',
          authority: 'ng.embassy',
        },
        travel: { issuedAt: '2026-11-20T00:00:00Z', validUntil: '2026-11-22T19:59:59Z' },
      },
      { relates: [link('answers', request ?? expect.fail())] },
    )
    story.keep(answer)
    const ready = story.event('anltpManager', JOURNEY, story.expiring())
    expect(story.reasons(ready)).toEqual(['travel_document_missing'])
  })

  it('whom a court holds does not leave', () => {
    const story = toldUpTo('preparing')
    const routing = {
      clearanceType: 'police_clearance',
      authority: 'ne.police',
      nonPunishment: 'yes',
    }
    const request = story.task('anltpManager', {
      routing: { ...routing, act: 'request', status: 'requested' },
    })
    story.keep(request)
    story.keep(
      story.task(
        'anltpManager',
        {
          routing: { ...routing, act: 'answer', status: 'on_hold' },
          travel: { holdFound: 'yes' },
        },
        { relates: [link('answers', request)] },
      ),
    )
    const ready = story.event('anltpManager', JOURNEY, story.expiring())
    expect(story.reasons(ready)).toEqual(['judicial_hold'])
  })

  it('is found again and then decided about', () => {
    const story = toldUpTo('in_transit')
    const missing = story.event('anltpEscort', { event: 'report_missing' })
    expect(story.keep(missing).state).toBe('missing')
    const found = story.event('anltpManager', { event: 'found' })
    expect(story.keep(found).state).toBe('suspended')
  })
})

describe('an emergency', () => {
  const urgent = overlay(WOMAN, { routing: { urgency: 'emergency' } })

  it('is declined by the head, who names an alternative, and then goes to another agency', () => {
    const story = toldUpTo('acknowledged', urgent)
    const decline = { event: 'decline', reason: 'no_capacity' }
    const alternative = 'The shelter of Kano has room from tomorrow'
    const hasty = ['head_and_alternative_needed']
    expect(story.reasons(story.event('naptipManager', { ...decline, alternative }))).toEqual(hasty)
    expect(story.reasons(story.event('naptipHead', decline))).toEqual(hasty)
    const declined = story.event('naptipHead', { ...decline, alternative })
    expect(story.keep(declined).state).toBe('declined')
    const back = { event: 'reroute', receivingAgency: 'ne.anltp-tim' }
    expect(story.reasons(story.event('anltpManager', back))).toEqual(['same_agency'])
    const reroute = { event: 'reroute', receivingAgency: 'ng.nis' }
    expect(story.keep(story.event('anltpManager', reroute)).state).toBe('draft')
    expect(story.at()).toMatchObject({ receiving: 'ng.nis', responsible: 'ne.anltp-tim' })
  })

  it('does not take anybody across the border', () => {
    const story = toldUpTo('preparing')
    const declaration = {
      event: 'declare_emergency',
      destination: 'ng.hospital-kano',
      legType: 'cross_border',
      escorts: JOURNEY.escorts,
    }
    const proposal = story.event('anltpManager', declaration, story.expiring())
    expect(story.reasons(proposal)).toEqual(['crosses_border'])
  })
})

describe('a referral without an answer', () => {
  it('expires when its time is over, and not before', () => {
    const story = toldUpTo('submitted')
    const expire = (at: string) => story.event('anltpManager', { event: 'expire' }, { at })
    expect(story.reasons(expire('2026-11-23T08:59:59Z'))).toEqual(['too_early'])
    expect(story.keep(expire('2026-11-23T09:00:00Z')).state).toBe('expired')
  })

  it('waits while the receiving side asks', () => {
    const story = toldUpTo('acknowledged')
    const ask = { event: 'request_info', question: 'How old is she?' }
    expect(story.keep(story.event('naptipManager', ask)).state).toBe('info_requested')
    const accept = { event: 'accept', receptionOrganisation: 'ng.naptip' }
    expect(story.reasons(story.event('anltpManager', accept))).toEqual([
      'wrong_state',
      'wrong_role',
    ])
    const tell = { event: 'provide_info', answer: '24' }
    expect(story.keep(story.event('anltpManager', tell)).state).toBe('acknowledged')
  })
})

describe('a soft gate', () => {
  const escorts = [{ organisation: 'ne.anltp-tim', officer: 'anltp-07', gender: 'Masculine' }]
  const journey = { ...JOURNEY, escorts }
  const waiver = {
    event: 'waive_gate',
    gate: 'escort_gender',
    reason: 'No female officer is in Agadez today',
  }

  it('is waived by both heads, not by one', () => {
    const story = toldUpTo('preparing')
    const proposal = story.event('anltpHead', waiver, story.expiring())
    expect(story.keep(proposal).effect).toBe('proposed')
    const ready = () => story.event('anltpManager', journey, story.expiring())
    expect(story.reasons(ready())).toEqual(['female_escort_missing'])
    const relates = [link('agrees', proposal)]
    story.keep(story.event('naptipHead', waiver, { relates }))
    expect(story.reasons(ready())).toEqual([])
    expect(story.at().waivers).toMatchObject([
      { gate: 'escort_gender', reason: waiver.reason, proposal: proposal.digest },
    ])
  })

  it('is waived for one departure only', () => {
    const story = toldUpTo('preparing')
    story.together(['anltpHead', 'naptipHead'], waiver)
    story.keep(story.event('anltpManager', { event: 'suspend', reason: 'security' }))
    story.keep(story.event('anltpManager', { event: 'resume', causeCleared: 'yes' }))
    const ready = story.event('anltpManager', journey, story.expiring())
    expect(story.reasons(ready)).toEqual(['female_escort_missing'])
  })

  it.each([
    'acceptance',
    'return_basis',
    'protection_claim',
    'travel_document',
    'judicial_hold',
    'escort',
  ])('is not what %s is: nobody waives it', (gate) => {
    const story = toldUpTo('preparing', overlay(WOMAN, { risk: { protectionClaim: 'yes' } }))
    const proposal = story.event('anltpHead', { ...waiver, gate }, story.expiring())
    expect(story.reasons(proposal)).toEqual(['hard_gate'])
  })
})

describe('the short path', () => {
  const service = overlay(WOMAN, { routing: { referralKind: 'service' } })

  it.each([
    ['is open to a service', service, []],
    ['is closed to a transnational referral', WOMAN, ['not_a_service']],
  ])('%s', (_name, groups, reasons) => {
    const story = toldUpTo('accepted', groups)
    expect(story.reasons(story.event('naptipManager', { event: 'start_service' }))).toEqual(reasons)
  })
})

function releaseOf(story: ReferralStory) {
  return story.custody('anltpEscort', { ...CROSSING, act: 'release' }, story.expiring())
}
