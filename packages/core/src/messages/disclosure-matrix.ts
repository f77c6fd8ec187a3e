/**
 * Which groups of a message a partner desk may see: the disclosure matrix, version 1, and what it means for the groups of
 * the kinds. What it gives in part, for a time or by consent is withheld, unless the kind has a group for that very part.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#partner-desks
 */
import { type DeskRole } from '../trust/identifiers.ts'
import { CODE_LISTS, type CodeOf } from './code-lists.ts'

/** A column of the matrix. */
export type MatrixColumn = CodeOf<'fieldGroup'>

/** F full, P a part, C by consent, O by order, W for a time, - never; one letter a column. */
export const DISCLOSURE_MATRIX: Readonly<Record<CodeOf<'readerRole'>, string>> = {
  case_manager_sending: 'F F F F F F F P F F - F F F F F',
  case_manager_receiving: 'F F F F F F F P F F - F F F F F',
  shelter: 'F P P - P P F P F - - P F F - -',
  medical: 'F P P - P P P F F - - P P P - -',
  embassy_consular: 'F P - F P - - - - - - P - - - -',
  border_officer: 'P P - W P P P - F - - - W - - -',
  escort_transport: 'F P W W P P P - F - - - F W - -',
  prosecutor: 'F P - - P P - - - C C P - - F F',
  investigator: 'F P - - P P - - - C F P - - F -',
  juvenile_judge: 'F F P P F F P P F P - F F P - F',
  guardian_representative: 'F F P P F F F P F - - F P P - -',
  ngo_service_provider: 'F P P - P P F - - - - P P P - -',
  io_partner_iom: 'F P P F P P F P F - - P F P F -',
  jtwg_secretariat: 'P - - W - - - - - - - - P - F P',
  jtwg_member: 'P - - - - - - - - - - - - - F -',
  auditor: 'P - - - - - - - - - - P P - F F',
  data_protection_officer: 'F O O O O O O - - O - F F - F F',
  data_subject: 'F F F F F F F F F F - F F P F P',
}

/** Where a group of a kind stands in the matrix. */
export interface MatrixPlace {
  readonly column: MatrixColumn
  /** Of a group that is a part of its column: who is given a part that covers it. */
  readonly part?: readonly DeskRole[]
  /** The message is about one reader alone: whoever is given a part of the column is sent it where it names her. */
  readonly ofReader?: true
}

/** The groups of a person’s file that victims and stranded migrants have alike. */
const FILE_PLACES: Readonly<Record<string, MatrixPlace>> = {
  routing: { column: 'G0_routing' },
  person: { column: 'G1_identity', part: ['shelter', 'medical', 'ngo_service_provider'] },
  identity: { column: 'G1_identity' },
  safeContact: { column: 'G2_contact', part: ['shelter', 'medical', 'ngo_service_provider'] },
  contact: { column: 'G2_contact' },
  travel: { column: 'G3_travel' },
  child: { column: 'G4_child' },
  safety: { column: 'G5_risk', part: ['shelter'] },
  risk: { column: 'G5_risk' },
  needs: { column: 'G6_needs' },
  healthSummary: { column: 'G7_health', part: [] },
  health: { column: 'G7_health' },
  fitness: { column: 'G7f_fitness' },
  consent: { column: 'G10_consent' },
  custody: { column: 'G11_custody' },
  placement: { column: 'G12_placement' },
  statistics: { column: 'G13_statistics' },
}

/** What a victim’s file has besides. */
const VICTIM_PLACES: Readonly<Record<string, MatrixPlace>> = {
  ...FILE_PLACES,
  exploitation: { column: 'G8_exploitation' },
  investigation: { column: 'G9_investigation' },
}

/** The groups of each kind that partner desks read; a group without a place is for own desks only. */
export const MATRIX_PLACES: Readonly<Record<string, Readonly<Record<string, MatrixPlace>>>> = {
  'victim.referral/1': VICTIM_PLACES,
  'victim.referral/2': { ...VICTIM_PLACES, references: { column: 'G14_audit' } },
  'referral.stranded-migrant/1': { ...FILE_PLACES, screening: { column: 'G8_exploitation' } },
  'referral.assessment/1': {
    routing: { column: 'G0_routing' },
    child: { column: 'G4_child' },
    safety: { column: 'G5_risk', part: ['shelter'] },
    risk: { column: 'G5_risk' },
    needs: { column: 'G6_needs' },
    health: { column: 'G7_health' },
    fitness: { column: 'G7f_fitness' },
    consent: { column: 'G10_consent' },
  },
  'referral.consent/1': {
    routing: { column: 'G0_routing' },
    consent: { column: 'G10_consent', ofReader: true },
  },
  'referral.follow-up/1': {
    routing: { column: 'G0_routing' },
    risk: { column: 'G5_risk' },
    needs: { column: 'G6_needs' },
    health: { column: 'G7_health' },
    investigation: { column: 'G9_investigation' },
    consent: { column: 'G10_consent' },
    placement: { column: 'G12_placement' },
    statistics: { column: 'G13_statistics' },
  },
  'handover.escort-plan/1': {
    routing: { column: 'G0_routing' },
    travel: { column: 'G3_travel' },
    custody: { column: 'G11_custody' },
  },
  'handover.manifest/1': {
    routing: { column: 'G0_routing' },
    travel: { column: 'G3_travel' },
    custody: { column: 'G11_custody' },
    statistics: { column: 'G13_statistics' },
  },
  'task.travel-document/1': {
    routing: { column: 'G0_routing' },
    travel: { column: 'G3_travel' },
    risk: { column: 'G5_risk' },
  },
  'task.clearance/1': {
    routing: { column: 'G0_routing' },
    travel: { column: 'G3_travel' },
  },
  'task.service/1': {
    routing: { column: 'G0_routing' },
    needs: { column: 'G6_needs' },
    placement: { column: 'G12_placement' },
  },
  'task.bed-query/1': {
    routing: { column: 'G0_routing' },
    needs: { column: 'G6_needs' },
    placement: { column: 'G12_placement' },
  },
  'task.assistance/1': {
    routing: { column: 'G0_routing' },
    travel: { column: 'G3_travel' },
  },
}

/** Whether a partner desk of that role may see a group of a kind. */
export function maySee(role: DeskRole, kind: string, group: string): boolean {
  const place = Object.hasOwn(MATRIX_PLACES, kind) ? MATRIX_PLACES[kind]?.[group] : undefined
  if (place === undefined) return false
  const cell = cellOf(DISCLOSURE_MATRIX[role], place.column)
  const isItsPart = place.ofReader === true || place.part?.includes(role) === true
  return cell === 'F' || (cell === 'P' && isItsPart)
}

/** The letter of a row in a column. */
export function cellOf(row: string, column: MatrixColumn): string | undefined {
  return row.split(' ')[CODE_LISTS.fieldGroup.indexOf(column)]
}
