/**
 * What a node keeps of a message for its machine, readable without an officer: states, clocks, references and codes, named
 * here one by one. Of a text it keeps that there was one, of a name nothing.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#derived-facts
 */
import { type Json } from '../bytes/jcs.ts'
import { type CodeOf } from '../messages/code-lists.ts'
import { isSoftGate } from './reasons.ts'
import { isOfReferral } from './statement.ts'

/** In place of a text that was there. */
const THERE = '…'
/** In place of countries that were there: ISO 3166 leaves it to its users. */
const SOME_COUNTRY = 'ZZ'
const ADULT_AGE = 18
const NOTED: readonly string[] = ['reopen', 'waive_gate'] satisfies CodeOf<'referralEvent'>[]

interface Members {
  readonly [member: string]: Json
}

/** What is kept of a value: itself, that it was there, or a mark by which the same text is known again. */
type Rule = ((value: Json, around: Around) => Json | undefined) | RuleTree
interface RuleTree {
  readonly [member: string]: Rule
}

interface Around {
  readonly group: Members
  readonly markOf: (text: string) => string
}

const keep: Rule = (value) => value
const there: Rule = () => THERE
const mark: Rule = (value, around) => markOfText(value, around)

const PLACE = { referral: keep, occurredAt: keep, sequence: keep, previous: keep }
const OFFICE = { organisation: keep, type: keep }

const ROUTING = {
  ...PLACE,
  referralKind: keep,
  personCategory: keep,
  reason: keep,
  urgency: keep,
  purpose: keep,
  language: keep,
  caseOwner: keep,
  dependants: keep,
}

const FILE: RuleTree = {
  routing: ROUTING,
  person: {
    calledName: there,
    ageMin: (age) => floorOf(age),
    ageMax: (age, { group: { ageMin } }) => ceilingOf(ageMin, age),
    gender: keep,
  },
  identity: {
    familyName: there,
    givenNames: there,
    aliases: (names) => (lengthOf(names) === 0 ? [] : [THERE]),
    citizenship: (countries) => (lengthOf(countries) === 0 ? [] : [SOME_COUNTRY]),
  },
  travel: { clearanceRequired: keep },
  child: {
    guardianSuspected: keep,
    bestInterests: { outcome: keep, childViews: there, assessedAt: keep },
    authorisation: { authority: keep, reference: there, at: keep },
  },
  safety: { riskLevel: keep, assessedAt: keep, doNotContact: () => [] },
  risk: { protectionClaim: keep },
  fitness: { assessment: { fitToTravel: keep, assessedAt: keep, clinician: keep } },
  consent: {
    legalBasis: keep,
    transferBasis: keep,
    justification: there,
    consents: {
      scope: keep,
      status: keep,
      recorded: keep,
      givenBy: keep,
      expiresAt: keep,
      clinician: keep,
    },
  },
  custody: { custodian: OFFICE },
}

const EVENT: RuleTree = {
  body: {
    ...PLACE,
    event: keep,
    receivingAgency: keep,
    screening: { result: keep, at: keep },
    question: there,
    answer: there,
    receptionOrganisation: keep,
    reason: (reason, around) =>
      isOneOf(NOTED, around.group['event']) ? markOfText(reason, around) : reason,
    alternative: there,
    plannedArrival: keep,
    escorts: { organisation: keep, officer: keep, gender: keep },
    reception: { organisation: keep, bed: mark, metBy: keep, meetingPlace: mark },
    arrivalConfirmed: keep,
    destination: keep,
    legType: keep,
    gate: (gate, around) =>
      typeof gate === 'string' && isSoftGate(gate) ? gate : markOfText(gate, around),
    scope: keep,
    outcome: keep,
    personInformed: keep,
    familyEnquiry: keep,
    causeCleared: keep,
  },
}

const TASK = { ...PLACE, act: keep, status: keep, authority: keep }

const CONSENT: RuleTree = {
  routing: PLACE,
  consent: {
    scope: keep,
    status: keep,
    recorded: keep,
    reader: keep,
    fieldGroups: keep,
    givenBy: keep,
    medium: keep,
    witness: keep,
    language: keep,
    notice: keep,
    understood: keep,
    consequencesExplained: keep,
    expiresAt: keep,
    channel: there,
    legalBasis: keep,
    justification: there,
    clinician: keep,
    secondOrganisation: keep,
  },
}

const ESCORT_PLAN: RuleTree = {
  routing: { ...PLACE, leg: keep, legType: keep },
  custody: {
    from: OFFICE,
    to: OFFICE,
    transport: keep,
    plannedDeparture: keep,
    plannedArrival: keep,
    escorts: { organisation: keep, officer: keep, gender: keep },
    emergencyContacts: { organisation: keep, channel: there },
    checkIns: { at: keep, place: keep },
  },
}

const SERVICE: RuleTree = {
  routing: {
    ...TASK,
    service: keep,
    neededFrom: keep,
    neededUntil: keep,
    holdUntil: keep,
    declineReason: keep,
    alternative: keep,
    fulfilledAt: keep,
  },
}

/** What is kept, by kind, group and member; of any other kind and group nothing. */
const KEPT: Readonly<Record<string, RuleTree>> = {
  'victim.referral/1': FILE,
  'victim.referral/2': { ...FILE, routing: { ...ROUTING, treatAsChild: keep } },
  'referral.stranded-migrant/1': {
    ...FILE,
    routing: { ...ROUTING, familyGroup: keep },
    risk: { protectionClaim: keep, returnIntention: keep },
    screening: { screenedForTrafficking: keep, result: keep, at: keep },
  },
  'referral.assessment/1': {
    routing: { ...PLACE, type: keep, assessedAt: keep, validUntil: keep },
    safety: { riskLevel: keep },
    fitness: { fitToTravel: keep },
    child: { outcome: keep, childViews: there },
  },
  'referral.consent/1': CONSENT,
  'referral.follow-up/1': {
    routing: { ...PLACE, type: keep, dueOn: keep, doneOn: keep, feedbackToSender: keep },
  },
  'referral.told/1': {
    body: {
      ...PLACE,
      act: keep,
      agency: keep,
      officer: keep,
      caller: there,
      actAt: keep,
      channel: keep,
      readBack: keep,
    },
  },
  'referral.event/1': EVENT,
  'handover.escort-plan/1': ESCORT_PLAN,
  'handover.check-in/1': {
    body: { ...PLACE, leg: keep, place: keep, well: keep, incident: { kind: keep, note: there } },
  },
  'task.service/1': SERVICE,
  'task.assistance/1': { routing: { ...TASK, service: keep } },
  'handover.receipt/1': {
    body: {
      ...PLACE,
      act: keep,
      leg: keep,
      legType: keep,
      from: OFFICE,
      to: OFFICE,
      place: keep,
      condition: keep,
      identityChecked: keep,
      reservations: there,
    },
  },
  'task.travel-document/1': {
    routing: { ...TASK, documentType: keep, blocker: keep },
    travel: { issuedAt: keep, validUntil: keep, surrenderedAt: keep },
  },
  'task.clearance/1': {
    routing: { ...TASK, clearanceType: keep, nonPunishment: keep },
    travel: { holdFound: keep, issuedAt: keep, validUntil: keep },
  },
  'desk.answer/1': {
    body: { desk: keep, dispatch: keep, groups: keep, refusal: keep, result: keep },
  },
  'receipt.read/1': { body: { dispatch: keep } },
  'receipt.acted/1': { body: { dispatch: keep, note: keep } },
  'rights.request/1': {
    routing: { referral: keep, type: keep, receivedAt: keep, channel: keep, dueAt: keep },
    rights: { requester: keep, codeWordChecked: keep },
  },
  'rights.answer/1': {
    routing: { referral: keep, answeredAt: keep },
    rights: { decision: keep, appeal: keep },
  },
  'rights.correction/1': {
    routing: { referral: keep, act: keep, occurredAt: keep },
    rights: { targets: { statement: keep, group: keep, member: keep } },
  },
  'rights.erasure/1': {
    routing: { referral: keep, occurredAt: keep },
    rights: {
      act: keep,
      basis: keep,
      action: keep,
      targets: { statement: keep, groups: keep },
      executedAt: keep,
      proof: keep,
      holds: { by: keep, reason: there, until: keep },
    },
  },
  'rights.breach/1': {
    body: {
      breach: keep,
      awareAt: keep,
      severity: keep,
      authorityNotifiedAt: keep,
      personsInformedAt: keep,
    },
  },
}

/** Whether a node knows what to keep of a kind: facts for the machine, or nothing where the machine does not read it. */
export function hasFacts(kind: string): boolean {
  return Object.hasOwn(KEPT, kind) || !isOfReferral(kind)
}

/**
 * What a node keeps of opened groups. The machine of the referral says the same of it as of the groups themselves.
 *
 * @param markOf a keyed hash: in joint acts both halves must say the same text, which is compared by its mark
 */
export function deriveFacts(
  kind: string,
  groups: Readonly<Record<string, unknown>>,
  markOf: (text: string) => string,
): Readonly<Record<string, Members>> {
  const rules = Object.hasOwn(KEPT, kind) ? KEPT[kind] : undefined
  const derived = Object.entries(rules ?? {}).flatMap(([name, rule]) => {
    const group = groups[name]
    if (!isMembers(group) || typeof rule === 'function') return []
    return [[name, membersOf(rule, group, { group, markOf })] as const]
  })
  return Object.fromEntries(derived)
}

function membersOf(rules: RuleTree, members: Members, around: Around): Members {
  const kept = Object.entries(rules).flatMap(([name, rule]) => {
    const value = members[name]
    const own = value === undefined ? undefined : derivedOf(rule, value, around)
    return own === undefined ? [] : [[name, own] as const]
  })
  return Object.fromEntries(kept)
}

function derivedOf(rule: Rule, value: Json, around: Around): Json | undefined {
  if (typeof rule === 'function') return rule(value, around)
  if (isList(value)) return value.flatMap((one) => derivedOf(rule, one, around) ?? [])
  return isMembers(value) ? membersOf(rule, value, around) : undefined
}

function markOfText(text: Json, { markOf }: Around): Json | undefined {
  return typeof text === 'string' ? `#${markOf(text)}` : undefined
}

function isOneOf(texts: readonly string[], value: Json | undefined): boolean {
  return typeof value === 'string' && texts.includes(value)
}

/** Whether the person may be a child, and no age. */
function floorOf(age: Json | undefined): number {
  return typeof age === 'number' && age >= ADULT_AGE ? ADULT_AGE : 0
}

/** An age range that is none stays none. */
function ceilingOf(ageMin: Json | undefined, ageMax: Json): number | undefined {
  const isRange = typeof ageMin === 'number' && typeof ageMax === 'number' && ageMin <= ageMax
  return isRange ? floorOf(ageMin) : undefined
}

function lengthOf(list: Json): number {
  return isList(list) ? list.length : 0
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
