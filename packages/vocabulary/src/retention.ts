/**
 * How long what is kept: classes as data, each with the source of its term. All terms are proposals until both agencies
 * decide.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#when-something-falls-due
 */
import { type Language } from './catalogues.ts'

/** One class, with its words. What it does not name it does not ask about. */
export interface RetentionClass extends Readonly<Record<Language, string>> {
  readonly id: string
  /** What is done: nothing, somebody looks, or it is erased. */
  readonly action: 'erase' | 'keep' | 'review'
  /** Of whom: adults are those of whom the file says so. */
  readonly age?: 'adult' | 'child'
  /** Columns of the disclosure matrix; any but that of routing where nothing is said. */
  readonly columns?: readonly string[]
  /** Only what this agency sent. */
  readonly direction?: 'out'
  /** How the referral stands: `none` where the message belongs to no referral. */
  readonly ended?: 'closed' | 'early' | 'none' | 'open'
  /** From when the term runs. */
  readonly from?: 'end' | 'hand-over' | 'retain-until' | 'signing'
  readonly kinds?: readonly string[]
  readonly days?: number
  readonly years?: number
  /** Where the term comes from. */
  readonly source: string
}

/** The version of the table. */
export const RETENTION_VERSION = '1'

/** Every class. */
export const RETENTION: readonly RetentionClass[] = [
  {
    id: 'minutes',
    kinds: ['jtwg.minutes/1'],
    action: 'keep',
    source: 'Amana, proposal',
    en: 'Minutes of the working group: for good',
    fr: 'Comptes rendus du groupe de travail : sans limite',
  },
  {
    id: 'investigation',
    columns: ['G9_investigation'],
    action: 'keep',
    source: 'law of the case file, to be named by each agency',
    en: 'Investigation: as the law of the case file says, decided by hand',
    fr: 'Enquête : selon la loi du dossier, décidé à la main',
  },
  {
    id: 'medical',
    columns: ['G7_health'],
    direction: 'out',
    from: 'hand-over',
    days: 90,
    action: 'erase',
    source: 'Amana, proposal',
    en: 'Medical groups at the agency that sent them: 90 days after the hand-over',
    fr: 'Groupes médicaux chez l’agence qui les a envoyés : 90 jours après la remise',
  },
  {
    id: 'travel',
    columns: ['G3_travel'],
    from: 'hand-over',
    years: 1,
    action: 'erase',
    source: 'Amana, proposal',
    en: 'Travel: 1 year after the hand-over',
    fr: 'Voyage : 1 an après la remise',
  },
  {
    id: 'ended-early',
    ended: 'early',
    from: 'end',
    years: 1,
    action: 'erase',
    source: 'Amana, proposal',
    en: 'Referral that was declined, cancelled or expired: 1 year after its end',
    fr: 'Référencement refusé, annulé ou expiré : 1 an après sa fin',
  },
  {
    id: 'child-review',
    age: 'child',
    ended: 'closed',
    from: 'end',
    years: 5,
    action: 'review',
    source: 'Amana, proposal',
    en: 'Closed file of a child, or of a person of unknown age: looked at 5 years after its end, kept until she is 23',
    fr: 'Dossier clos d’une enfant ou d’une personne d’âge inconnu : réexaminé 5 ans après sa fin, conservé jusqu’à ses 23 ans',
  },
  {
    id: 'child',
    age: 'child',
    ended: 'closed',
    from: 'signing',
    years: 23,
    action: 'erase',
    source: 'Amana, proposal',
    en: 'Closed file of a child: 23 years after signing, when whoever it is about is 23',
    fr: 'Dossier clos d’une enfant : 23 ans après la signature, quand la personne a 23 ans',
  },
  {
    id: 'file',
    age: 'adult',
    ended: 'closed',
    from: 'end',
    years: 5,
    action: 'erase',
    source: 'Amana, proposal',
    en: 'Closed file of an adult: 5 years after its end; what stays names nobody',
    fr: 'Dossier clos d’une personne majeure : 5 ans après sa fin ; ce qui reste ne nomme personne',
  },
  {
    id: 'routing',
    columns: ['G0_routing'],
    from: 'signing',
    years: 10,
    action: 'erase',
    source: 'Amana, proposal',
    en: 'Routing of an ended referral: 10 years after signing',
    fr: 'Acheminement d’un référencement terminé : 10 ans après la signature',
  },
  {
    id: 'term',
    ended: 'none',
    from: 'retain-until',
    action: 'erase',
    source: 'the term that its officers signed',
    en: 'Reports, beds, manifests, breaches, answers of desks: until the day that was signed',
    fr: 'Rapports, lits, listes de groupe, violations, réponses des bureaux : jusqu’au jour signé',
  },
  {
    id: 'open',
    ended: 'open',
    from: 'retain-until',
    action: 'review',
    source: 'Amana, proposal',
    en: 'Referral that goes on past the day that was signed: looked at, never erased by itself',
    fr: 'Référencement qui se poursuit après le jour signé : réexaminé, jamais effacé de lui-même',
  },
]

const ROUTING = 'G0_routing'

/** What a group of a message is asked about. */
export interface KeptGroup {
  readonly kind: string
  /** Its column of the disclosure matrix, where it has one. */
  readonly column?: string | undefined
  readonly direction: 'in' | 'out'
  readonly isAdult: boolean
  readonly ended: NonNullable<RetentionClass['ended']>
}

/** The classes that a group belongs to, in the order of the table. One that is kept belongs to no other. */
export function retentionClassesOf(group: KeptGroup): readonly RetentionClass[] {
  const found = RETENTION.filter((one) => isOfClass(one, group))
  const kept = found.find(({ action }) => action === 'keep')
  return kept === undefined ? found : [kept]
}

function isOfClass(one: RetentionClass, group: KeptGroup): boolean {
  return (
    (one.age === undefined || (one.age === 'adult') === group.isAdult) &&
    (one.direction === undefined || one.direction === group.direction) &&
    (one.kinds === undefined || one.kinds.includes(group.kind)) &&
    isOfColumn(one, group) &&
    isOfEnd(one, group)
  )
}

function isOfColumn({ columns, ended }: RetentionClass, { column }: KeptGroup): boolean {
  if (columns !== undefined) return column !== undefined && columns.includes(column)
  return ended === 'none' || ended === 'open' || column !== ROUTING
}

/** Where a class names no end, routing and the rest of a file wait for one, and what is kept does not. */
function isOfEnd({ action, ended: asked, from }: RetentionClass, { ended }: KeptGroup): boolean {
  if (asked !== undefined) return asked === ended
  if (action === 'keep' || from === 'hand-over') return true
  return ended === 'closed' || ended === 'early'
}
