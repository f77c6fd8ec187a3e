/**
 * Which groups of a message a partner desk may see: the disclosure matrix, version 1, and what it means for the groups of
 * the kinds. What it gives in part, for a time or by consent is withheld, unless the kind has a group for that very part.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#partner-desks
 */
import { type DeskRole } from '../trust/identifiers.ts'

const COLUMNS = [
  'G0_routing',
  'G1_identity',
  'G2_contact',
  'G3_travel',
  'G4_child',
  'G5_risk',
  'G6_needs',
  'G7_health',
  'G7f_fitness',
  'G8_exploitation',
  'G9_investigation',
  'G10_consent',
  'G11_custody',
  'G12_placement',
  'G13_statistics',
  'G14_audit',
] as const

/** A column of the matrix. */
export type MatrixColumn = (typeof COLUMNS)[number]

/** F full, P a part, C by consent, W for a time, - never; one letter a column. */
export const DISCLOSURE_MATRIX: Readonly<Record<DeskRole, string>> = {
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
}

/** Where a group of a kind stands in the matrix. */
export interface MatrixPlace {
  readonly column: MatrixColumn
  /** Of a group that is a part of its column: who is given a part that covers it. */
  readonly part?: readonly DeskRole[]
}

/** The groups of each kind that partner desks read. */
export const MATRIX_PLACES: Readonly<Record<string, Readonly<Record<string, MatrixPlace>>>> = {
  'victim.referral/1': {
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
    exploitation: { column: 'G8_exploitation' },
    investigation: { column: 'G9_investigation' },
    consent: { column: 'G10_consent' },
    custody: { column: 'G11_custody' },
    placement: { column: 'G12_placement' },
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
}

/** Whether a partner desk of that role may see a group of a kind. */
export function maySee(role: DeskRole, kind: string, group: string): boolean {
  const place = Object.hasOwn(MATRIX_PLACES, kind) ? MATRIX_PLACES[kind]?.[group] : undefined
  if (place === undefined) return false
  const cell = DISCLOSURE_MATRIX[role].split(' ')[COLUMNS.indexOf(place.column)]
  return cell === 'F' || (cell === 'P' && place.part?.includes(role) === true)
}
