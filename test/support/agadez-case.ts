/**
 * The referral of June 2021 as data: what the published report says of a girl, 14 or 15, and what it does not show but a
 * crossing needs. Names, numbers and offices beyond the report are invented; the persons are pseudonyms.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#referral
 */
import { ANLTP, type Groups, NAPTIP } from './referral-fixture.ts'

/** The days of the report; the hours are assumed. */
export const DAYS = {
  foundAt: '2021-06-17T09:00:00Z',
  acknowledgedAt: '2021-06-17T09:15:00Z',
  acceptedAt: '2021-06-17T09:30:00Z',
  declaredAt: '2021-06-17T10:00:00Z',
  documentsAt: '2021-06-18T08:00:00Z',
  leftAgadezAt: '2021-06-18T11:00:00Z',
  preparedAt: '2021-06-18T12:00:00Z',
  admittedAt: '2021-06-18T14:00:00Z',
  examinedAt: '2021-06-23T09:00:00Z',
  readyAt: '2021-06-24T07:00:00Z',
  departedAt: '2021-06-24T09:00:00Z',
  handedOverAt: '2021-06-24T12:00:00Z',
  inCareAt: '2021-06-24T13:00:00Z',
  closedAt: '2022-01-10T07:00:00Z',
} as const

/** What the report says of her. */
export const GIRL: Groups = {
  routing: {
    referralKind: 'transnational',
    personCategory: 'presumed_vot',
    reason: 'emergency_evacuation',
    urgency: 'emergency',
    purpose: 'protection_referral',
    language: 'fr',
    caseOwner: 'anltp-01',
  },
  person: {
    calledName: 'TEST-A',
    ageMin: 14,
    ageMax: 15,
    ageBasis: 'estimated',
    gender: 'Feminine',
  },
  identity: { citizenship: ['NG'], originSubdivision: 'NG-ED' },
  safety: { riskLevel: 'life_threatening', assessedAt: DAYS.foundAt },
  custody: { custodian: { organisation: 'ne.church-agadez', type: 'faith_ngo' } },
}

/** Consent of a guardian of whom nobody knows anything: no basis for a child. */
export const UNKNOWN_GUARDIAN: Groups = {
  consent: {
    legalBasis: 'consent',
    consents: [
      {
        scope: 'share_receiving_agency',
        status: 'given',
        givenBy: 'guardian',
        recorded: DAYS.foundAt,
      },
    ],
  },
  safety: { doNotContact: [] },
  child: { guardianSuspected: 'unknown' },
}

/** The basis on which both teams acted. */
export const VITAL_INTERESTS: Groups = {
  consent: {
    legalBasis: 'vital_interests',
    transferBasis: 'vital_interests',
    justification: 'Neither talks nor walks; immediate action to save life',
    consents: [],
  },
}

/** What the report does not show: without it nobody crosses the border. */
export const COMPLETED: Groups = {
  child: {
    bestInterests: {
      outcome: 'return',
      childViews: 'Recorded when she could speak again',
      assessedAt: DAYS.examinedAt,
    },
    authorisation: {
      authority: 'ne.juge-mineurs-niamey',
      reference: 'TEST-ORD-1',
      at: DAYS.examinedAt,
    },
  },
  risk: { protectionClaim: 'no' },
  fitness: {
    assessment: { fitToTravel: 'yes', assessedAt: DAYS.examinedAt, clinician: 'hospital-01' },
  },
}

const ESCORT = { organisation: ANLTP, officer: 'anltp-07' } as const

/** An evacuation inside the country; the report names an official and not whether it was a woman. */
export const EVACUATION = {
  event: 'declare_emergency',
  destination: 'ne.hospital-niamey',
  legType: 'in_country_evacuation',
  escorts: [{ ...ESCORT, gender: 'NonSpecifiedUnknown' }],
} as const

/** The journey home, as far as the report tells it. */
export const REPORTED_JOURNEY = {
  event: 'mark_ready',
  plannedArrival: '2021-06-24T14:00:00Z',
  escorts: EVACUATION.escorts,
} as const

/** The journey home with a woman beside her and a bed that waits. */
export const COMPLETED_JOURNEY = {
  ...REPORTED_JOURNEY,
  escorts: [{ ...ESCORT, gender: 'Feminine' }],
  reception: {
    organisation: NAPTIP,
    bed: 'NAPTIP Abuja',
    metBy: NAPTIP,
    meetingPlace: 'Abuja airport, arrivals',
  },
} as const

/** The travel document that was asked for and given. */
export const TRAVEL_DOCUMENT = {
  request: {
    routing: {
      act: 'request',
      status: 'requested',
      documentType: 'etc',
      authority: 'ng.embassy-niamey',
    },
  },
  answer: {
    routing: {
      act: 'answer',
      status: 'fulfilled',
      documentType: 'etc',
      authority: 'ng.embassy-niamey',
    },
    travel: {
      issuedAt: DAYS.documentsAt,
      validUntil: '2021-07-18T00:00:00Z',
      issuedNumber: 'TEST-ETC-1',
    },
  },
} as const

/** The police clearance that was asked for and given. */
export const CLEARANCE = {
  request: {
    routing: {
      act: 'request',
      status: 'requested',
      clearanceType: 'police_clearance',
      authority: 'ne.police',
      nonPunishment: 'yes',
    },
  },
  answer: {
    routing: {
      act: 'answer',
      status: 'fulfilled',
      clearanceType: 'police_clearance',
      authority: 'ne.police',
      nonPunishment: 'yes',
    },
    travel: { holdFound: 'no' },
  },
} as const

const CHURCH = { organisation: 'ne.church-agadez', type: 'faith_ngo' } as const
const OFFICIAL = { organisation: ANLTP, type: 'escort_official' } as const
const HOSPITAL = { organisation: 'ne.hospital-niamey', type: 'hospital' } as const
const AGENCY = { organisation: NAPTIP, type: 'anti_tip_agency' } as const

/** Who had her, one leg after another. */
export const LEGS = {
  fromChurch: {
    leg: 'l1',
    legType: 'in_country_evacuation',
    from: CHURCH,
    to: OFFICIAL,
    place: 'NE-1-07',
    condition: 'critical',
  },
  toHospital: {
    leg: 'l2',
    legType: 'in_country_evacuation',
    from: OFFICIAL,
    to: HOSPITAL,
    place: 'NE-8',
    condition: 'critical',
  },
  fromHospital: {
    leg: 'l3',
    legType: 'in_country_transfer',
    from: HOSPITAL,
    to: OFFICIAL,
    place: 'NE-8',
    condition: 'needs_care',
  },
  home: {
    leg: 'l4',
    legType: 'cross_border',
    from: OFFICIAL,
    to: AGENCY,
    place: 'NG-FC',
    condition: 'needs_care',
  },
} as const
