/**
 * Referrals told step by step, with statements of the real kinds: who signs, when it happened, what it says. Places in
 * the referral, digests and links are made here; nothing is signed, because the machine judges what was verified before.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#what-the-machine-sees
 */
import {
  computeReferral,
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

/** The referral of most tests. */
export const REFERENCE = 'NE-ANLTP-21-7K3QX9M4-I'

/** The two agencies: sending and receiving. */
export const ANLTP = 'ne.anltp-tim'
export const NAPTIP = 'ng.naptip'

/** Seconds since 1970 at which the first statement is signed: the day of the replay, not of the case. */
export const SIGNED_FROM = 1_795_514_400

const PROPOSAL_SECONDS = 86_400

function officer(agency: string, id: string, roles: string, organisation = agency): ReferralSigner {
  return { act: 'author', agency, organisation, officer: id, roles: roles.split(' ') }
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
  church: officer(ANLTP, 'church-01', 'custodian', 'ne.church-agadez'),
  hospital: officer(ANLTP, 'hospital-01', 'clinician custodian', 'ne.hospital-niamey'),
  naptipManager: officer(NAPTIP, 'naptip-20', 'case_manager supervisor'),
  naptipDuty: officer(NAPTIP, 'naptip-02', 'duty_officer'),
  naptipCustodian: officer(NAPTIP, 'naptip-12', 'custodian'),
  naptipSupervisor: officer(NAPTIP, 'naptip-01', 'supervisor'),
  naptipHead: officer(NAPTIP, 'naptip-00', 'head'),
  nis: officer(NAPTIP, 'nis-33', 'custodian', 'ng.nis'),
  /** An officer whom NAPTIP's roster gives the sending agency as organisation. */
  seconded: officer(NAPTIP, 'naptip-44', 'custodian', ANLTP),
  stranger: officer('ne.dst', 'dst-01', 'case_manager duty_officer custodian head escort'),
} as const satisfies Readonly<Record<string, ReferralSigner>>

/** Name of an officer of the fixture. */
export type OfficerName = keyof typeof OFFICERS

/** Groups of a message, each a part of what it may hold. */
export type Groups = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** What a statement may have beside kind and body. */
export interface Clear {
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

/** A girl, 14 or 15, about whom the published report says this and no more. */
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
  person: { calledName: 'TEST-A', ageMin: 14, ageMax: 15, ageBasis: 'estimated', gender: 'Feminine' },
  identity: { citizenship: ['NG'], originSubdivision: 'NG-ED' },
  safety: { riskLevel: 'life_threatening', assessedAt: '2021-06-17T09:00:00Z' },
  custody: { custodian: { organisation: 'ne.church-agadez', type: 'faith_ngo' } },
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

/** A referral as its statements come, one after another. */
export class ReferralStory {
  readonly statements: ReferralStatement[] = []
  /** The groups of the newest file, for the next version. */
  groups: Groups
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
    other.#made = this.#made
    return other
  }

  /** The referral as it stands, at the instant of the newest statement unless told. */
  at(now = '2026-11-22T09:00:00Z'): Referral {
    return computeReferral(this.#reference, this.statements, now)
  }

  /** Makes a step part of the story, whether it stands or not. */
  keep(statement: ReferralStatement): ReferralStep {
    this.statements.push(statement)
    return lastStep(this.at())
  }

  /** Why a step would be refused now; the story stays as it is. */
  reasons(statement: ReferralStatement): readonly string[] {
    const statements = [...this.statements, statement]
    return lastStep(computeReferral(this.#reference, statements, '2026-11-22T09:00:00Z')).refused
  }

  /** A version of the file; it names the one in force. */
  file(by: OfficerName, occurredAt: string, changes: Groups = {}, clear: Clear = {}): ReferralStatement {
    this.groups = overlay(this.groups, changes)
    const inForce = this.at().file
    const relates: readonly Relation[] =
      inForce === undefined
        ? []
        : [{ relation: 'supersedes', digest: DigestSchema.parse(inForce) }]
    const all = Object.fromEntries(groupNames('victim.referral/1').map((name) => [name, {}]))
    const groups = overlay(all, this.groups)
    return this.#make({ by, occurredAt, kind: 'victim.referral/1', groups }, { relates, ...clear })
  }

  /** An event. */
  event(
    by: OfficerName,
    occurredAt: string,
    body: Readonly<Record<string, unknown>>,
    clear: Clear = {},
  ): ReferralStatement {
    return this.#make({ by, occurredAt, kind: 'referral.event/1', groups: { body } }, clear)
  }

  /** One half of a change of custody. */
  custody(
    by: OfficerName,
    occurredAt: string,
    body: Readonly<Record<string, unknown>>,
    clear: Clear = {},
  ): ReferralStatement {
    return this.#make({ by, occurredAt, kind: 'handover.receipt/1', groups: { body } }, clear)
  }

  /** A request for a travel document or a clearance, or an answer. */
  task(
    by: OfficerName,
    occurredAt: string,
    kind: 'task.travel-document/1' | 'task.clearance/1',
    groups: Groups,
    clear: Clear = {},
  ): ReferralStatement {
    const all = Object.fromEntries(groupNames(kind).map((name) => [name, {}]))
    return this.#make({ by, occurredAt, kind, groups: overlay(all, groups) }, clear)
  }

  /** A proposal of one and the agreement of the other, both made part of the story; the agreement’s step. */
  together(
    [first, second]: readonly [OfficerName, OfficerName],
    occurredAt: string,
    body: Readonly<Record<string, unknown>>,
  ): ReferralStep {
    const proposal = this.event(first, occurredAt, body, this.expiring())
    this.keep(proposal)
    return this.keep(
      this.event(second, occurredAt, body, { relates: [link('agrees', proposal)] }),
    )
  }

  /** A release and the receipt that agrees with it, both made part of the story; the receipt’s step. */
  leg(
    [from, to]: readonly [OfficerName, OfficerName],
    occurredAt: string,
    body: Readonly<Record<string, unknown>>,
  ): ReferralStep {
    const release = this.custody(from, occurredAt, { ...body, act: 'release' }, this.expiring())
    this.keep(release)
    const relates = [link('agrees', release)]
    return this.keep(this.custody(to, occurredAt, { ...body, act: 'receipt' }, { relates }))
  }

  /** An end for a proposal that is made next. */
  expiring(): Clear {
    return { exp: SIGNED_FROM + this.#made * 60 + PROPOSAL_SECONDS }
  }

  #make(draft: Draft, clear: Clear): ReferralStatement {
    const { by, occurredAt, kind } = draft
    const author: ReferralSigner = OFFICERS[by]
    const group = kind === 'referral.event/1' || kind === 'handover.receipt/1' ? 'body' : 'routing'
    const place = { ...this.#place(author.agency, clear), occurredAt }
    const groups = { ...draft.groups, [group]: { ...place, ...draft.groups[group] } }
    parseMessage(kind, groups)
    const made = this.#made
    this.#made += 1
    const { approver, relates = [] } = clear
    const approvals = approver === undefined ? [] : [{ ...OFFICERS[approver], act: 'approve' as const }]
    return {
      digest: digest(JSON.stringify([made, kind, groups, relates, by])),
      kind,
      iat: clear.iat ?? SIGNED_FROM + made * 60,
      ...(clear.exp === undefined ? {} : { exp: clear.exp }),
      ...(clear.acknowledges === undefined ? {} : { acknowledges: clear.acknowledges }),
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
      sequence: clear.sequence ?? own.length + 1,
      ...(previous === undefined ? {} : { previous }),
    }
  }
}

interface Draft {
  readonly by: OfficerName
  readonly occurredAt: string
  readonly kind: string
  readonly groups: Groups
}

function lastStep({ steps }: Referral): ReferralStep {
  const last = steps.at(-1)
  if (last === undefined) throw new Error('no step')
  return last
}
