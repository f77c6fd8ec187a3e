/**
 * A whole `victim.referral/1` of an invented person, every group filled: what sizes are measured on and what the tests of
 * envelopes carry.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#victimreferral1
 */
import { type Json } from '@amana/core'

const NARRATIVE = `Invented for tests. She left home after the rainy season with a woman of the market who had promised her mother a place in a dressmaker’s shop. They travelled by bus to the north, stayed four nights in a house with other girls, and crossed the border by motorcycle at night. Her telephone and her school card were taken. In the town she was told that she owed two million for the journey. She was locked in a yard with seven others, brought to clients in the evening, and beaten with a cable when she refused. After about five months a neighbour let her use a telephone and told the imam, who brought her to the police. She does not want her uncle to know where she is: he spoke with the woman before she left. She asks for her aunt in the city, for a doctor who is a woman, and for somebody who speaks her language. She wishes to go on with her sewing.`

/** The groups, as an officer fills them in. Every name, number and place code is invented. */
export const FILLED_REFERRAL: Readonly<Record<string, { readonly [member: string]: Json }>> = {
  routing: {
    referral: 'NE-ANLTP-26-5T9XW2HD-D',
    occurredAt: '2026-11-24T09:40:00Z',
    sequence: 1,
    referralKind: 'transnational',
    personCategory: 'presumed_vot',
    reason: 'reintegration',
    urgency: 'urgent',
    purpose: 'protection_referral',
    language: 'en',
    caseOwner: 'off-0417',
  },
  person: {
    calledName: 'Ladi',
    ageMin: 15,
    ageMax: 16,
    ageBasis: 'declared',
    gender: 'Feminine',
    primaryLanguage: 'hau',
  },
  identity: {
    familyName: 'Invented',
    givenNames: 'Ladi Test',
    aliases: ['Rose', 'Small Ladi'],
    bornOn: '2011',
    citizenship: ['NG'],
    originSubdivision: 'NG-KN',
    documentType: 'school card',
    documentNumber: 'TEST-000417',
    maritalStatus: 'single',
    numberOfChildren: 0,
  },
  safeContact: {
    channel: 'through the shelter',
    value: 'TEST-LINE-2',
    when: 'mornings before ten',
    whoMayAnswer: 'the house mother',
    codeWord: 'blue thread',
  },
  contact: {
    originDistrict: 'a ward of the city, not recorded here',
    family: [
      {
        name: 'Aunt of the test case',
        relation: 'mother’s sister',
        phone: '+2340000000001',
        subdivision: 'NG-KN',
        knows: 'no',
      },
      { name: 'Uncle of the test case', relation: 'father’s brother', knows: 'unknown' },
    ],
  },
  travel: {
    citizenshipConfirmed: 'unknown',
    clearanceRequired: 'yes',
    proposedReception: 'ng.naptip',
  },
  child: {
    guardianName: 'Aunt of the test case',
    guardianRelation: 'mother’s sister',
    guardianSuspected: 'no',
    legalRepresentative: 'ne.anltp-tim',
    bestInterests: {
      outcome: 'return',
      childViews: 'She wishes to live with her aunt and does not want to see her uncle.',
      assessedAt: '2026-11-23T15:00:00Z',
    },
    authorisation: {
      authority: 'ne.anltp-tim',
      reference: 'TEST-JUV-2026-118',
      at: '2026-11-24T08:15:00Z',
    },
  },
  safety: {
    riskLevel: 'high',
    assessedAt: '2026-11-23T15:30:00Z',
    measures: 'No journey by road through the town; two escorts, one of them a woman.',
    doNotContact: [
      { who: 'the uncle', reason: 'spoke with the recruiter before she left' },
      { who: 'the woman of the market', reason: 'recruited her' },
    ],
  },
  risk: {
    factors: [
      { code: 'family_involved', domain: 'household', level: 'high' },
      { code: 'trafficker_knows_location', domain: 'community', level: 'medium' },
      { code: 'debt', domain: 'individual', level: 'high' },
    ],
    protectionClaim: 'no',
    migrationStatus: 'irregular',
  },
  needs: {
    summary: 'A place in a shelter for girls, a woman doctor, sewing lessons, slow talk in Hausa.',
    otherLanguages: ['eng'],
    interpreterNeeded: 'yes',
    education: 'five years of primary school',
    requestedServices: ['safe_accommodation', 'medical', 'mhpss', 'family_tracing', 'vocational'],
  },
  healthSummary: {
    condition: 'needs_care',
    summary: 'Sleeps badly, eats little; a bed near a nurse for the first week.',
  },
  health: {
    conditions: 'Anaemia; healed marks on both arms. Seen by a clinician on 22 November 2026.',
    allergies: 'none known',
    medication: 'iron, once a day',
  },
  fitness: {
    assessment: {
      fitToTravel: 'yes',
      assessedAt: '2026-11-22T11:00:00Z',
      clinician: 'clin-0007',
    },
  },
  exploitation: {
    traffickingStatus: 'PossibleVictimOfTrafficking',
    statusDecidedBy: 'NonPoliceGovernmentalOrganization',
    statusDecidedOn: '2026-11-23',
    acts: ['recruitment', 'transport', 'harbouring'],
    means: ['FalsePromises', 'DebtBondage', 'PhysicalAbuse', 'RestrictsMovement'],
    exploitation: ['SexualExploitation'],
    exploitationIntendedOnly: 'no',
    recruitmentMethods: ['ThroughFamilyOrFamilyEvents'],
    ageWhenTrafficked: 15,
    route: [
      { country: 'NG', place: 'home town', event: 'recruitment', left: '2026-05', mode: 'road' },
      { country: 'NE', place: 'border', event: 'transit', arrived: '2026-05', mode: 'road' },
      { country: 'NE', event: 'exploitation', arrived: '2026-06', left: '2026-11-19' },
    ],
    narrative: NARRATIVE,
  },
  investigation: {
    recruitmentApps: ['a messenger'],
    willingToCooperate: 'not_asked',
  },
  consent: {
    legalBasis: 'vital_interests',
    transferBasis: 'vital_interests',
    justification: 'She is a child; her assent is recorded beside the guardian’s consent.',
    consents: [
      {
        scope: 'share_receiving_agency',
        status: 'given',
        recorded: '2026-11-23T16:00:00Z',
        givenBy: 'child_assent',
        medium: 'thumbprint',
        witness: 'off-0422',
        language: 'hau',
        notice: 'TEST-NOTICE-3',
        understood: 'yes',
      },
      {
        scope: 'return',
        status: 'given',
        recorded: '2026-11-23T16:10:00Z',
        givenBy: 'guardian',
        medium: 'verbal_witnessed',
        witness: 'off-0422',
        language: 'hau',
        understood: 'yes',
      },
      { scope: 'share_family', status: 'refused', recorded: '2026-11-23T16:12:00Z' },
    ],
  },
  custody: {
    custodian: { organisation: 'ne.anltp-tim', type: 'state_shelter', since: '2026-11-20' },
  },
  placement: { placeCode: 'NE-7-02' },
  statistics: { ageBand: '9-17' },
}
