/**
 * Bounds of message bodies. All count UTF-16 units or elements, so that a body stays far below the 448 KiB of one seal.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#bounds
 */

/** The largest values that a schema accepts. */
export const MESSAGE_LIMITS = {
  /** A name, a place or a label: longer ones are prose in the wrong field. */
  nameChars: 120,
  /** A summary or a reason: what fits one screen of a telephone. */
  noteChars: 600,
  /** A narrative told once, so that nobody must tell it again. */
  narrativeChars: 8000,
  /** A reference given by another office. */
  referenceChars: 64,
  /** A list inside a body: codes, aliases, legs. */
  listItems: 32,
  /** Items, decisions or actions of one meeting. */
  minutesItems: 64,
  /** Seats at one meeting: the working group has 23 and observers. */
  attendance: 64,
  /** Entities or links of one intelligence report. */
  entities: 64,
  /** Links to other statements. */
  relates: 8,
  /** Officers who accompany one person. */
  escorts: 8,
  /** Years of a person’s age. */
  ageYears: 120,
  /** Persons on one manifest, or beds of one category: groups of up to 150 have arrived at once. */
  manifestMembers: 512,
  /** Differences, or rows of counts, of one manifest: 6 genders by 9 age bands are 54. */
  discrepancies: 64,
  /** Days that a shelter may keep somebody. */
  stayDays: 366,
  /** Persons or records that a breach concerns. */
  countedPersons: 1_000_000,
  /** Money of one emergency assistance, in minor units. */
  minorUnits: 1_000_000_000,
} as const

/** Terms of the referral’s clocks, in hours, by urgency; proposals that the two agencies must confirm. */
export const REFERRAL_TERMS_HOURS = {
  acknowledge: { emergency: 1, urgent: 24, routine: 72 },
  decide: { emergency: 3, urgent: 48, routine: 120 },
  travelDocument: { emergency: 24, urgent: 120, routine: 336 },
  /** In-country evacuation after the declaration: 17 to 18 June 2021. */
  evacuation: 24,
  /** The file that an emergency leaves to complete: basis, best interests, guardian. */
  afterwardsFile: 72,
  arrival: 24,
  /** The signed act after it was told by telephone. */
  told: 24,
  /** A second officer’s word on having acted without consent. */
  consentReview: 72,
  /** After a check-in was due, before somebody is called. */
  checkIn: 1,
  /** A clinician’s word on fitness to travel. */
  fitToTravel: 72,
  /** A risk assessment: 14 days. */
  riskAssessment: 336,
} as const

/** Terms of a person’s rights over her data, in hours. */
export const RIGHTS_TERMS_HOURS = {
  /** Answer to a request: 30 days. */
  answer: 720,
  /** Nigeria Data Protection Act 2023, s. 40(2). */
  breachToAuthority: 72,
} as const

/** Days after the hand-over on which somebody asks how the person is. */
export const FOLLOW_UP_DAYS = [7, 30, 90, 180, 365] as const
