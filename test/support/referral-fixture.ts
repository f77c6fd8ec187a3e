/**
 * Referrals told step by step, with statements of the real kinds: who signs, when it happened, what it says. Places in
 * the referral, digests and links are made here; nothing is signed, because the machine judges what was verified before.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#what-the-machine-sees
 */
import {
  computeReferral,
  deriveFacts,
  hasFacts,
  DigestSchema,
  digest,
  groupNames,
  parseMessage,
  type Referral,
  type ReferralSigner,
  type ReferralStatement,
  type ReferralStep,
  type Relation,
} from '@amana/core'
import { expect } from 'vitest'

/** The referral of most tests. */
export const REFERENCE = 'NE-ANLTP-21-7K3QX9M4-I'

/** The two agencies: sending and receiving. */
export const ANLTP = 'ne.anltp-tim'
export const NAPTIP = 'ng.naptip'

/** Seconds since 1970 at which the first statement is signed: the day of the replay, not of the case. */
export const SIGNED_FROM = 1_795_514_400

const PROPOSAL_SECONDS = 86_400
const SECONDS_BETWEEN = 60

function officer(agency: string, id: string, roles: string): ReferralSigner {
  return { act: 'author', agency, organisation: agency, officer: id, roles: roles.split(' ') }
}

function workingFor(organisation: string, signer: ReferralSigner): ReferralSigner {
  return { ...signer, organisation }
}

/** Officers as the rosters of both agencies have them; all invented. */
export const OFFICERS = {
  anltpManager: officer(ANLTP, 'anltp-01', 'case_manager'),
  anltpColleague: officer(ANLTP, 'anltp-03', 'case_manager'),
  anltpDuty: officer(ANLTP, 'anltp-02', 'duty_officer'),
  anltpEscort: officer(ANLTP, 'anltp-07', 'escort custodian'),
  anltpGuard: officer(ANLTP, 'anltp-09', 'escort custodian'),
  anltpSupervisor: officer(ANLTP, 'anltp-05', 'supervisor'),
  anltpHead: officer(ANLTP, 'anltp-00', 'head'),
  anltpClinician: officer(ANLTP, 'anltp-11', 'clinician'),
  anltpNobody: officer(ANLTP, 'anltp-99', 'author:referral'),
  church: workingFor('ne.church-agadez', officer(ANLTP, 'church-01', 'custodian')),
  hospital: workingFor('ne.hospital-niamey', officer(ANLTP, 'hospital-01', 'clinician custodian')),
  naptipManager: officer(NAPTIP, 'naptip-20', 'case_manager supervisor'),
  naptipDuty: officer(NAPTIP, 'naptip-02', 'duty_officer'),
  naptipCustodian: officer(NAPTIP, 'naptip-12', 'custodian'),
  naptipSupervisor: officer(NAPTIP, 'naptip-01', 'supervisor'),
  naptipHead: officer(NAPTIP, 'naptip-00', 'head'),
  nis: workingFor('ng.nis', officer(NAPTIP, 'nis-33', 'custodian')),
  /** An officer whom NAPTIP's roster gives the sending agency as organisation. */
  seconded: workingFor(ANLTP, officer(NAPTIP, 'naptip-44', 'custodian')),
  stranger: officer('ne.dst', 'dst-01', 'case_manager duty_officer custodian head escort'),
} as const satisfies Readonly<Record<string, ReferralSigner>>

/** Name of an officer of the fixture. */
export type OfficerName = keyof typeof OFFICERS

/** Groups of a message, each a part of what it may hold. */
export type Groups = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** What a statement may have beside kind and body. */
export interface Clear {
  /** When it happened; the story’s own time unless told. */
  readonly at?: string
  readonly relates?: readonly Relation[]
  readonly iat?: number
  readonly exp?: number
  readonly reference?: string
  readonly sequence?: number
  readonly previous?: string
  readonly acknowledges?: readonly string[]
  /** Signs beside the author, as `approve`. */
  readonly approver?: OfficerName
}

/** A woman of 24 for whom everything is there; invented. */
export const WOMAN: Groups = {
  routing: {
    referralKind: 'transnational',
    personCategory: 'vot',
    reason: 'reception',
    urgency: 'urgent',
    purpose: 'protection_referral',
    language: 'en',
    caseOwner: 'anltp-01',
  },
  person: { calledName: 'TEST-B', ageMin: 24, ageMax: 24, gender: 'Feminine' },
  identity: { citizenship: ['NG'] },
  travel: { clearanceRequired: 'no' },
  safety: { riskLevel: 'high', assessedAt: '2026-11-15T00:00:00Z', doNotContact: [] },
  risk: { protectionClaim: 'no' },
  fitness: {
    assessment: {
      fitToTravel: 'yes',
      assessedAt: '2026-11-21T00:00:00Z',
      clinician: 'hospital-01',
    },
  },
  consent: {
    legalBasis: 'consent',
    transferBasis: 'consent_informed',
    consents: [
      { scope: 'share_receiving_agency', status: 'given', recorded: '2026-11-15T00:00:00Z' },
      { scope: 'return', status: 'given', recorded: '2026-11-15T00:00:00Z' },
    ],
  },
  custody: { custodian: { organisation: ANLTP, type: 'escort_official' } },
}

/** A journey that passes every gate of the woman. */
export const JOURNEY = {
  event: 'mark_ready',
  plannedArrival: '2026-11-22T20:00:00Z',
  escorts: [{ organisation: ANLTP, officer: 'anltp-07', gender: 'Feminine' }],
  reception: {
    organisation: NAPTIP,
    bed: 'shelter Kano, bed 4',
    metBy: NAPTIP,
    meetingPlace: 'Kongolam',
  },
} as const

/** The events before `mark_ready`, as anybody would send them, with who signs. */
export const PATH_TO_PREPARING = [
  [
    'anltpManager',
    {
      event: 'create',
      receivingAgency: NAPTIP,
      screening: { result: 'PossibleVictimOfTrafficking' },
    },
  ],
  ['anltpManager', { event: 'submit' }],
  ['naptipDuty', { event: 'acknowledge' }],
  ['naptipManager', { event: 'accept', receptionOrganisation: NAPTIP }],
  ['anltpManager', { event: 'prepare' }],
] as const

/** The leg that crosses the border. */
export const CROSSING = {
  leg: 'l1',
  legType: 'cross_border',
  from: { organisation: ANLTP, type: 'escort_official' },
  to: { organisation: NAPTIP, type: 'anti_tip_agency' },
  place: 'NE-4-01',
  condition: 'stable',
} as const

/** When all of the woman’s path happens, unless a test says otherwise. */
export const NOON = '2026-11-22T09:00:00Z'

/** Groups with others laid over them, member by member. */
export function overlay(groups: Groups, changes: Groups): Groups {
  const names = new Set([...Object.keys(groups), ...Object.keys(changes)])
  return Object.fromEntries(
    [...names].map((name) => [name, { ...groups[name], ...changes[name] }] as const),
  )
}

/** A link of a statement to another. */
export function link(relation: Relation['relation'], statement: ReferralStatement): Relation {
  return { relation, digest: DigestSchema.parse(statement.digest) }
}

/** The agreement with a statement that is known by its digest only. */
export function agreement(statement: string | undefined): Relation {
  return { relation: 'agrees', digest: DigestSchema.parse(statement) }
}

/** States that `toldUpTo` can lead to. */
export type Told =
  | 'none'
  | 'draft'
  | 'submitted'
  | 'acknowledged'
  | 'accepted'
  | 'preparing'
  | 'ready'
  | 'in_transit'
  | 'handed_over'
  | 'in_care'
  | 'closed'

/** A referral that went straight to a state, everything at one instant; `groups` are those of its file. */
export function toldUpTo(state: Told, groups: Groups = WOMAN): ReferralStory {
  if (groups !== WOMAN) return tell(state, groups)
  const known = TOLD.get(state) ?? tell(state, groups)
  TOLD.set(state, known)
  return known.fork()
}

const TOLD = new Map<Told, ReferralStory>()

function tell(state: Told, groups: Groups): ReferralStory {
  const story = new ReferralStory(groups)
  story.keep(story.file('anltpManager'))
  for (const go of [...BEGINNING, ...JOURNEY_STEPS]) {
    if (story.at().state === state) return story
    go(story)
    if (story.at().state === 'draft') giveDocument(story)
  }
  if (story.at().state !== state)
    throw new Error(`not ${state}: ${JSON.stringify(story.at().steps)}`)
  return story
}

/** A travel document is asked for and given, from 20 November to 30 December. */
export function giveDocument(story: ReferralStory): void {
  const routing = { documentType: 'etc', authority: 'ng.embassy' }
  const request = story.task('anltpManager', {
    routing: { ...routing, act: 'request', status: 'requested' },
  })
  story.keep(request)
  story.keep(
    story.task(
      'naptipManager',
      {
        routing: { ...routing, act: 'answer', status: 'fulfilled' },
        travel: { issuedAt: '2026-11-20T00:00:00Z', validUntil: '2026-12-30T00:00:00Z' },
      },
      { relates: [link('answers', request)] },
    ),
  )
}

type Go = (story: ReferralStory) => unknown

const BEGINNING: readonly Go[] = PATH_TO_PREPARING.map(
  ([by, body]) =>
    (story) =>
      story.keep(story.event(by, body)),
)

const JOURNEY_STEPS: readonly Go[] = [
  (story) => story.together(['anltpManager', 'naptipManager'], JOURNEY),
  (story) => {
    const release = { ...CROSSING, act: 'release' }
    story.keep(story.custody('anltpEscort', release, story.expiring()))
    story.keep(story.event('anltpEscort', { event: 'depart' }))
  },
  (story) => {
    const release = story.at().pending.find(({ event }) => event === 'release')
    const receipt = { ...CROSSING, act: 'receipt' }
    const relates = [agreement(release?.statement)]
    story.keep(story.custody('naptipCustodian', receipt, { relates }))
  },
  (story) =>
    story.keep(story.event('naptipManager', { event: 'start_care', arrivalConfirmed: 'yes' })),
  (story) =>
    story.keep(
      story.event('naptipSupervisor', {
        event: 'close',
        outcome: 'reintegrated',
        personInformed: 'yes',
        familyEnquiry: 'no',
      }),
    ),
]

/** A referral as its statements come, one after another. */
export class ReferralStory {
  readonly statements: ReferralStatement[] = []
  /** The groups of the newest file, for the next version. */
  groups: Groups
  /** When the next steps happen. */
  time: string = NOON
  readonly #reference: string
  #made = 0

  constructor(groups: Groups = WOMAN, reference: string = REFERENCE) {
    this.groups = groups
    this.#reference = reference
  }

  /** The same story so far, to go on otherwise. */
  fork(): ReferralStory {
    const other = new ReferralStory(this.groups, this.#reference)
    other.statements.push(...this.statements)
    other.time = this.time
    other.#made = this.#made
    return other
  }

  /** The referral as it stands, at the story’s own time unless told. */
  at(now: string = this.time): Referral {
    return computedTwice(this.#reference, this.statements, now)
  }

  /** Makes a step part of the story, whether it stands or not. */
  keep(statement: ReferralStatement): ReferralStep {
    this.statements.push(statement)
    return stepOf(this.at(), statement)
  }

  /** Why a step would be refused now; the story stays as it is. */
  reasons(statement: ReferralStatement): readonly string[] {
    const statements = [...this.statements, statement]
    return stepOf(computedTwice(this.#reference, statements, this.time), statement).refused
  }

  /** A version of the file; it names the one in force. */
  file(by: OfficerName, changes: Groups = {}, clear: Clear = {}): ReferralStatement {
    this.groups = overlay(this.groups, changes)
    const inForce = this.at().file
    const relates: readonly Relation[] =
      inForce === undefined ? [] : [{ relation: 'supersedes', digest: DigestSchema.parse(inForce) }]
    const draft = { by, kind: 'victim.referral/1', groups: this.groups }
    return this.#make(draft, { relates, ...clear })
  }

  /** A version of the file as that of one who is stranded. */
  stranded(by: OfficerName, changes: Groups): ReferralStatement {
    const file = this.at().file ?? ''
    const relates: readonly Relation[] = [
      { relation: 'supersedes', digest: DigestSchema.parse(file) },
    ]
    const category = { routing: { personCategory: 'returnee' } }
    const groups = overlay(overlay(this.groups, category), changes)
    return this.#make({ by, kind: 'referral.stranded-migrant/1', groups }, { relates })
  }

  /** A statement of any kind of a referral. */
  record(draft: Draft, clear: Clear = {}): ReferralStatement {
    return this.#make(draft, clear)
  }

  /** An event. */
  event(by: OfficerName, body: Body, clear: Clear = {}): ReferralStatement {
    return this.#make({ by, kind: 'referral.event/1', groups: { body } }, clear)
  }

  /** One half of a change of custody. */
  custody(by: OfficerName, body: Body, clear: Clear = {}): ReferralStatement {
    return this.#make({ by, kind: 'handover.receipt/1', groups: { body } }, clear)
  }

  /** A request for a travel document or a clearance, or an answer: by what its routing asks for. */
  task(by: OfficerName, groups: Groups, clear: Clear = {}): ReferralStatement {
    const isTravel = groups['routing']?.['documentType'] !== undefined
    const kind = isTravel ? 'task.travel-document/1' : 'task.clearance/1'
    return this.#make({ by, kind, groups }, clear)
  }

  /** A proposal of one and the agreement of the other, both made part of the story; the agreement’s step. */
  together([first, second]: readonly [OfficerName, OfficerName], body: Body): ReferralStep {
    const proposal = this.event(first, body, this.expiring())
    this.keep(proposal)
    return this.keep(this.event(second, body, { relates: [link('agrees', proposal)] }))
  }

  /** A release and the receipt that agrees with it, both made part of the story; the receipt’s step. */
  leg([from, to]: readonly [OfficerName, OfficerName], body: Body): ReferralStep {
    const release = this.custody(from, { ...body, act: 'release' }, this.expiring())
    this.keep(release)
    const relates = [link('agrees', release)]
    return this.keep(this.custody(to, { ...body, act: 'receipt' }, { relates }))
  }

  /** An end for a proposal that is made next. */
  expiring(): Clear {
    return { exp: SIGNED_FROM + this.#made * SECONDS_BETWEEN + PROPOSAL_SECONDS }
  }

  #make({ by, kind, groups: said }: Draft, clear: Clear): ReferralStatement {
    const author: ReferralSigner = OFFICERS[by]
    const [first = ''] = ['body', 'routing'].filter((name) => groupNames(kind).includes(name))
    const all = Object.fromEntries(groupNames(kind).map((name) => [name, {}]))
    const place = this.#place(author.agency, clear)
    const groups = overlay(overlay(all, { [first]: place }), said)
    parseMessage(kind, groups)
    const made = this.#made
    this.#made += 1
    const { approver, relates = [], exp, acknowledges } = clear
    const approvals =
      approver === undefined ? [] : [{ ...OFFICERS[approver], act: 'approve' as const }]
    return {
      digest: digest(JSON.stringify([made, kind, groups, relates, by])),
      kind,
      iat: clear.iat ?? SIGNED_FROM + made * SECONDS_BETWEEN,
      ...(exp === undefined ? {} : { exp }),
      ...(acknowledges === undefined ? {} : { acknowledges }),
      relates,
      signers: [author, ...approvals],
      groups,
    }
  }

  #place(agency: string, clear: Clear): Readonly<Record<string, unknown>> {
    const own = this.statements.filter(({ signers }) => signers[0]?.agency === agency)
    const previous = clear.previous ?? own.at(-1)?.digest
    return {
      referral: clear.reference ?? this.#reference,
      occurredAt: clear.at ?? this.time,
      sequence: clear.sequence ?? own.length + 1,
      ...(previous === undefined ? {} : { previous }),
    }
  }
}

/** What a node keeps for the machine says the same as the groups: every story is told with both. */
function computedTwice(
  reference: string,
  statements: readonly ReferralStatement[],
  now: string,
): Referral {
  const referral = computeReferral(reference, statements, now)
  const kept = statements.map((one) => ({
    ...one,
    groups: hasFacts(one.kind) ? deriveFacts(one.kind, one.groups, markOf) : one.groups,
  }))
  const waivers = referral.waivers.map((one) => ({ ...one, reason: `#${markOf(one.reason)}` }))
  expect(computeReferral(reference, kept, now)).toEqual({ ...referral, waivers })
  return referral
}

function markOf(text: string): string {
  return digest(text).slice(0, 16)
}

type Body = Readonly<Record<string, unknown>>

/** Who says what, by a kind of a referral. */
export interface Draft {
  readonly by: OfficerName
  readonly kind: string
  readonly groups: Groups
}

function stepOf({ steps }: Referral, { digest: statement }: ReferralStatement): ReferralStep {
  const found = steps.find((step) => step.statement === statement)
  if (found === undefined) throw new Error('no step')
  return found
}
