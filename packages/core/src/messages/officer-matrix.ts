/**
 * Which groups of a message an officer of the own agency may read: the disclosure matrix by the roles of the roster. What it
 * gives for a time or by consent is not read, and of a part only the group that is that part.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#who-reads
 */
import { areaOfKind, type DeskRole } from '../trust/identifiers.ts'
import {
  cellOf,
  DISCLOSURE_MATRIX,
  MATRIX_PLACES,
  type MatrixColumn,
  type MatrixPlace,
} from './disclosure-matrix.ts'
import { groupNames } from './kinds.ts'

interface OfficerRow {
  /** One letter a column of the matrix. */
  readonly row: string
  /** Of the groups that are a part, those of this partner desk. */
  readonly partsOf?: DeskRole
  /** Further groups that are a part. */
  readonly parts?: readonly string[]
}

const CASE: OfficerRow = {
  row: DISCLOSURE_MATRIX.case_manager_sending,
  parts: ['healthSummary'],
}
const ON_THE_WAY: OfficerRow = {
  row: DISCLOSURE_MATRIX.escort_transport,
  partsOf: 'escort_transport',
}

/** The roles that read by the matrix. A `head` reads everything: the key that is left when the others are lost. */
export const OFFICER_MATRIX: Readonly<Record<string, OfficerRow>> = {
  case_manager: CASE,
  supervisor: CASE,
  duty_officer: {
    row: 'F P P - P P F P F - - P F - - -',
    partsOf: 'shelter',
    parts: ['healthSummary', 'body'],
  },
  clinician: { row: DISCLOSURE_MATRIX.medical, partsOf: 'medical' },
  escort: ON_THE_WAY,
  custodian: ON_THE_WAY,
}

/** Groups that no partner desk reads, of whatever kind. */
const GROUP_PLACES: Readonly<Record<string, MatrixPlace>> = {
  coordination: { column: 'G14_audit' },
  rights: { column: 'G14_audit' },
  routing: { column: 'G0_routing' },
}

/** The groups of the kinds that no partner desk reads. */
const OFFICER_PLACES: Readonly<Record<string, Readonly<Record<string, MatrixPlace>>>> = {
  'referral.event/1': { body: { column: 'G10_consent', part: [] } },
  'referral.told/1': { body: { column: 'G10_consent', part: [] } },
  'handover.receipt/1': { body: { column: 'G11_custody' } },
  'handover.check-in/1': { body: { column: 'G11_custody' } },
  'rights.breach/1': { body: { column: 'G14_audit' } },
  'desk.answer/1': { body: { column: 'G0_routing' } },
  'receipt.read/1': { body: { column: 'G0_routing' } },
  'receipt.acted/1': { body: { column: 'G0_routing' } },
}

/** Kinds that are not about a person: who may write in their area reads them. */
const AREAS: readonly string[] = ['intel', 'jtwg']

/** The role that reads everything. */
const READS_ALL = 'head'

/** Whether an officer with these roles may read a group of a kind. What she signed herself she may read besides. */
export function officerMayRead(roles: readonly string[], kind: string, group: string): boolean {
  if (roles.includes(READS_ALL)) return true
  const area = areaOfKind(kind)
  if (AREAS.includes(area)) {
    return roles.includes(`author:${area}`) || roles.includes(`approve:${area}`)
  }
  const place = officerPlace(kind, group)
  return place !== undefined && roles.some((role) => readsAt(role, place, group))
}

/** Whether an officer with these roles reads anything of a kind: by the matrix, or because she writes in its area. */
export function mayReadOf(roles: readonly string[], kind: string): boolean {
  const area = areaOfKind(kind)
  if (roles.includes(`author:${area}`) || roles.includes(`approve:${area}`)) return true
  return groupNames(kind).some((group) => officerMayRead(roles, kind, group))
}

/** Where a group stands for officers; nothing where the kind has no such group, or is not about a person. */
export function officerPlace(kind: string, group: string): MatrixPlace | undefined {
  if (AREAS.includes(areaOfKind(kind))) return undefined
  const places = [MATRIX_PLACES[kind], OFFICER_PLACES[kind], GROUP_PLACES]
  return places.find((one) => one !== undefined && Object.hasOwn(one, group))?.[group]
}

/** The column of the matrix in which a group stands; nothing where its kind is not about a person. */
export function matrixColumn(kind: string, group: string): MatrixColumn | undefined {
  return officerPlace(kind, group)?.column
}

/** Whether the person whom a message is about is given a group of it: where her row has F, and not where it has P. */
export function subjectReads(kind: string, group: string): boolean {
  const column = matrixColumn(kind, group)
  return column !== undefined && cellOf(DISCLOSURE_MATRIX.data_subject, column) === 'F'
}

function readsAt(role: string, place: MatrixPlace, group: string): boolean {
  const own = Object.hasOwn(OFFICER_MATRIX, role) ? OFFICER_MATRIX[role] : undefined
  if (own === undefined) return false
  const { row, parts = [], partsOf } = own
  const cell = cellOf(row, place.column)
  if (cell !== 'P' || place.part === undefined) return cell === 'F'
  return parts.includes(group) || (partsOf !== undefined && place.part.includes(partsOf))
}
