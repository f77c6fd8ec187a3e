/**
 * Values that the kinds of a referral and of a hand-over refuse, one a row.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#kinds
 */
import { type Path } from './edit-json.ts'

/** What is wrong, which sample of the kind, where, the value that is put there (none: taken away), the refused path. */
export type Row = readonly [what: string, sample: number, path: Path, put: unknown, refused: string]

/** In place of a value: the member is taken away. */
export const GONE = Symbol('gone')
/** With another check character. */
export const OTHER = 'NE-ANLTP-21-7K3QX9M4-8'
/** The same thing several times. */
export const many = (count: number, item: unknown): readonly unknown[] =>
  Array.from({ length: count }, () => item)

/** Every kind of a referral is asked for these. */
export const PLACE_ROWS: readonly Row[] = [
  ['a reference that was misheard', 0, ['routing', 'referral'], OTHER, 'routing.referral'],
  ['a place 0', 0, ['routing', 'sequence'], 0, 'routing.sequence'],
  ['no instant', 0, ['routing', 'occurredAt'], GONE, 'routing.occurredAt'],
]
const inBody = (rows: readonly Row[]): readonly Row[] =>
  rows.map(([what, sample, path, put, refused]) => [
    what,
    sample,
    ['body', ...path.slice(1)],
    put,
    refused.replace('routing', 'body'),
  ])

/** What the kinds of a referral and of a hand-over refuse. */
export const REFERRAL_ROWS: Readonly<Record<string, readonly Row[]>> = {
  'victim.referral/2': [
    ...PLACE_ROWS,
    [
      'a child who is to be treated as none',
      0,
      ['routing', 'treatAsChild'],
      'no',
      'routing.treatAsChild',
    ],
    ['nobody’s word on that', 1, ['routing', 'treatAsChild'], GONE, 'routing.treatAsChild'],
    [
      'an age that nobody knows, treated as none',
      1,
      ['person', 'ageMin'],
      GONE,
      'routing.treatAsChild',
    ],
    [
      'a sector that is none',
      0,
      ['exploitation', 'labourSector'],
      'V',
      'exploitation.labourSector',
    ],
    [
      'a place without its country',
      0,
      ['exploitation', 'exploitationPlace', 'country'],
      GONE,
      'exploitation.exploitationPlace.country',
    ],
    [
      'an address of a place',
      0,
      ['exploitation', 'recruitmentPlace', 'address'],
      'x',
      'exploitation.recruitmentPlace',
    ],
    [
      'a relation in words',
      0,
      ['exploitation', 'relationToTrafficker'],
      'her uncle',
      'exploitation.relationToTrafficker',
    ],
    [
      'a finding that nobody made',
      1,
      ['exploitation', 'statusDecidedBy'],
      GONE,
      'exploitation.statusDecidedBy',
    ],
    [
      'a suspect by his name',
      0,
      ['investigation', 'suspects', 0],
      'TEST-F',
      'investigation.suspects.0',
    ],
    [
      'evidence that nobody holds',
      0,
      ['investigation', 'evidenceRefs', 0, 'holder'],
      GONE,
      'investigation.evidenceRefs.0.holder',
    ],
    [
      'an assessment by its text',
      0,
      ['references', 'assessments', 0, 'statement'],
      'high risk',
      'references.assessments.0.statement',
    ],
    [
      'an assessment of no kind',
      0,
      ['references', 'assessments', 0, 'type'],
      'hiv_test',
      'references.assessments.0.type',
    ],
    [
      'a reception that ends before it begins',
      0,
      ['travel', 'receptionUntil'],
      '2021-06-24T07:00:00Z',
      'travel.receptionUntil',
    ],
    [
      'an address for a reception',
      0,
      ['travel', 'receptionPlace'],
      'Rue 12, Kano',
      'travel.receptionPlace',
    ],
    ['a status that is none', 0, ['statistics', 'htcdsStatus'], 'Open', 'statistics.htcdsStatus'],
  ],
  'referral.stranded-migrant/1': [
    ...PLACE_ROWS,
    ['a victim', 0, ['routing', 'personCategory'], 'presumed_vot', 'routing.personCategory'],
    [
      'nobody screened',
      0,
      ['screening', 'screenedForTrafficking'],
      'no',
      'screening.screenedForTrafficking',
    ],
    ['a screening without a result', 0, ['screening', 'result'], GONE, 'screening.result'],
    ['a screening without an instant', 0, ['screening', 'at'], GONE, 'screening.at'],
    ['a wish that is no code', 0, ['risk', 'returnIntention'], 'maybe', 'risk.returnIntention'],
    ['what happened to a victim', 0, ['exploitation'], {}, 'groups'],
    ['what investigators are told', 0, ['investigation'], {}, 'groups'],
    ['a family by its name', 0, ['routing', 'familyGroup'], 'The Invented', 'routing.familyGroup'],
  ],
  'referral.assessment/1': [
    ...PLACE_ROWS,
    ['an assessment of another kind', 0, ['routing', 'type'], 'hiv_test', 'routing.type'],
    ['no instant of it', 0, ['routing', 'assessedAt'], GONE, 'routing.assessedAt'],
    ['a risk that is no code', 0, ['safety', 'riskLevel'], 'extreme', 'safety.riskLevel'],
    [
      'a mitigation that is nobody’s',
      0,
      ['risk', 'mitigations', 0, 'owner'],
      GONE,
      'risk.mitigations.0.owner',
    ],
    ['fitness that nobody knows', 0, ['fitness', 'fitToTravel'], 'unknown', 'fitness.fitToTravel'],
    ['a diagnosis beside fitness', 0, ['fitness', 'diagnosis'], 'x', 'fitness'],
    ['an outcome that is no code', 0, ['child', 'outcome'], 'deport', 'child.outcome'],
    ['a disability twice', 0, ['needs', 'disability'], ['seeing', 'seeing'], 'needs.disability'],
  ],
  'referral.consent/1': [
    ...PLACE_ROWS,
    ['a bundle of scopes', 0, ['consent', 'scope'], ['return', 'photo'], 'consent.scope'],
    ['no group', 0, ['consent', 'fieldGroups'], [], 'consent.fieldGroups'],
    ['no reader', 0, ['consent', 'reader'], GONE, 'consent.reader'],
    ['a text that nobody can find again', 0, ['consent', 'notice'], GONE, 'consent.notice'],
    ['no language', 0, ['consent', 'language'], GONE, 'consent.language'],
    ['no end', 0, ['consent', 'expiresAt'], GONE, 'consent.expiresAt'],
    [
      'an end before it began',
      0,
      ['consent', 'expiresAt'],
      '2021-06-22T09:00:00Z',
      'consent.expiresAt',
    ],
    ['who did not understand', 0, ['consent', 'understood'], 'no', 'consent.understood'],
    [
      'who was not told what follows',
      0,
      ['consent', 'consequencesExplained'],
      'no',
      'consent.consequencesExplained',
    ],
    ['a word without a witness', 0, ['consent', 'witness'], GONE, 'consent.witness'],
    ['nobody who gave it', 0, ['consent', 'givenBy'], GONE, 'consent.givenBy'],
    [
      'incapacity that nobody found',
      1,
      ['consent', 'secondOrganisation'],
      GONE,
      'consent.clinician',
    ],
    ['incapacity without why', 1, ['consent', 'justification'], GONE, 'consent.justification'],
    ['no basis instead', 2, ['consent', 'legalBasis'], GONE, 'consent.legalBasis'],
    ['consent instead of consent', 2, ['consent', 'legalBasis'], 'consent', 'consent.legalBasis'],
    ['another basis without why', 2, ['consent', 'justification'], GONE, 'consent.justification'],
    ['an override', 2, ['consent', 'override'], 'yes', 'consent'],
    ['a withdrawal that nobody heard', 3, ['consent', 'channel'], GONE, 'consent.channel'],
  ],
  'referral.follow-up/1': [
    ...PLACE_ROWS,
    ['no day that it was due', 0, ['routing', 'dueOn'], GONE, 'routing.dueOn'],
    ['no day that it was done', 0, ['routing', 'doneOn'], GONE, 'routing.doneOn'],
    ['a kind of visit that is no code', 0, ['routing', 'type'], 'visit', 'routing.type'],
    ['a score of 11', 0, ['needs', 'wellbeing'], 11, 'needs.wellbeing'],
    ['an address', 0, ['placement', 'address'], 'x', 'placement'],
    ['an outcome that is no code', 0, ['statistics', 'outcome'], 'fine', 'statistics.outcome'],
    ['a retention that is no code', 0, ['rights', 'retention'], 'forget', 'rights.retention'],
  ],
  'referral.told/1': [
    ...inBody(PLACE_ROWS),
    ['an act that is none', 0, ['body', 'act'], 'agree', 'body.act'],
    ['no agency', 0, ['body', 'agency'], GONE, 'body.agency'],
    ['an officer by her name', 0, ['body', 'officer'], 'A. Moussa', 'body.officer'],
    ['a channel that is none', 0, ['body', 'channel'], 'whatsapp', 'body.channel'],
    ['nothing about reading back', 0, ['body', 'readBack'], GONE, 'body.readBack'],
    ['a day in place of an instant', 0, ['body', 'actAt'], '2021-06-17', 'body.actAt'],
  ],
  'handover.escort-plan/1': [
    ...PLACE_ROWS,
    ['nobody beside her', 0, ['custody', 'escorts'], [], 'custody.escorts'],
    [
      'nine escorts',
      0,
      ['custody', 'escorts'],
      many(9, { organisation: 'ne.nis', gender: 'Feminine' }),
      'custody.escorts',
    ],
    [
      'one to call',
      0,
      ['custody', 'emergencyContacts'],
      [{ organisation: 'ng.naptip', channel: 'x' }],
      'custody.emergencyContacts',
    ],
    [
      'both to call on one side',
      0,
      ['custody', 'emergencyContacts', 0, 'organisation'],
      'ng.naptip',
      'custody.emergencyContacts',
    ],
    [
      'an arrival before the departure',
      0,
      ['custody', 'plannedArrival'],
      '2021-06-24T08:00:00Z',
      'custody.plannedArrival',
    ],
    [
      'check-ins out of order',
      0,
      ['custody', 'checkIns', 1, 'at'],
      '2021-06-24T09:30:00Z',
      'custody.checkIns',
    ],
    [
      'a check-in at an address',
      0,
      ['custody', 'checkIns', 0, 'place'],
      'Niamey airport',
      'custody.checkIns.0.place',
    ],
    [
      'no gender of an escort',
      0,
      ['custody', 'escorts', 0, 'gender'],
      GONE,
      'custody.escorts.0.gender',
    ],
  ],
  'handover.check-in/1': [
    ...inBody(PLACE_ROWS),
    ['neither well nor not', 0, ['body', 'well'], 'unknown', 'body.well'],
    [
      'an incident where all is well',
      0,
      ['body', 'incident'],
      { kind: 'delay', note: 'x' },
      'body',
    ],
    ['no leg', 0, ['body', 'leg'], GONE, 'body.leg'],
    ['an address', 0, ['body', 'place'], 'Kongolam', 'body.place'],
    ['something amiss, but not what', 1, ['body', 'incident'], GONE, 'body.incident'],
    ['an incident without words', 1, ['body', 'incident', 'note'], GONE, 'body.incident.note'],
  ],
  'handover.manifest/1': [
    ['nobody', 0, ['custody', 'members'], [], 'custody.members'],
    [
      'a person twice',
      1,
      ['custody', 'members', 1, 'referral'],
      'NE-ANLTP-21-7K3QX9M4-I',
      'custody.members',
    ],
    ['a person by her name', 0, ['custody', 'members', 0, 'name'], 'x', 'custody.members.0'],
    [
      'a reference that was misheard',
      0,
      ['custody', 'members', 0, 'referral'],
      OTHER,
      'custody.members.0.referral',
    ],
    ['a head that is not in the counts', 0, ['statistics', 'headcount'], 2, 'statistics.headcount'],
    [
      'a row of counts twice',
      0,
      ['statistics', 'counts'],
      many(2, { gender: 'Feminine', ageBand: '9-17', count: 1 }),
      'statistics.counts',
    ],
    [
      'a difference that is no code',
      0,
      ['custody', 'discrepancies', 0, 'kind'],
      'lost',
      'custody.discrepancies.0.kind',
    ],
    ['neither release nor receipt', 0, ['routing', 'act'], 'both', 'routing.act'],
    ['513 heads', 0, ['statistics', 'headcount'], 513, 'statistics.headcount'],
    ['no destination', 0, ['custody', 'destination'], GONE, 'custody.destination'],
  ],
}
