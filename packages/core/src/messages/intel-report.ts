/**
 * `intel.report/1`: graded statements about trafficking, with the entities they name. Numbers carry the likelihood, codes
 * the grade, both languages the words.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#intelreport1
 */
import { z } from 'zod'
import { MESSAGE_LIMITS } from '../limits/messages.ts'
import { AttachmentsSchema } from './attachments.ts'
import { CODE_LISTS } from './code-lists.ts'
import {
  bilingual,
  code,
  codes,
  CountrySchema,
  InstantSchema,
  LocalIdSchema,
  NoteSchema,
  ReferenceTextSchema,
} from './fields.ts'
import { EntitySchema, type Entity } from './intelligence-entities.ts'

const optional = z.exactOptional
const list = <S extends z.ZodType>(schema: S): z.ZodArray<S> =>
  z.array(schema).max(MESSAGE_LIMITS.entities)

const EvaluationSchema = z.strictObject({
  scheme: code('evaluationScheme'),
  source: z.string().max(1),
  information: z.string().max(1),
})

const StatementSchema = z.strictObject({
  id: LocalIdSchema,
  text: bilingual(MESSAGE_LIMITS.noteChars),
  basis: code('assertionBasis'),
  evaluation: optional(EvaluationSchema),
  /** Percent, and only for an assessment: a word like “probable” is not the same in both languages. */
  likelihood: optional(
    z.strictObject({ min: z.int().min(0).max(100), max: z.int().min(0).max(100) }),
  ),
  entities: list(LocalIdSchema),
})

const ReportBodySchema = z.strictObject({
  reference: optional(ReferenceTextSchema),
  title: bilingual(MESSAGE_LIMITS.nameChars),
  draftedIn: z.enum(['en', 'fr']),
  purpose: code('purpose'),
  urgency: code('intelUrgency'),
  /** The text that the handling code H3 asks for. */
  restriction: optional(NoteSchema),
  eventTime: optional(
    z.strictObject({ from: InstantSchema, to: InstantSchema, precision: code('timePrecision') }),
  ),
  statements: list(StatementSchema).min(1),
  classification: z.strictObject({
    offence: code('offenceClass'),
    acts: codes('act'),
    means: codes('palermoMeans'),
    exploitation: codes('exploitationType'),
    /** Whether a victim is under 18: then no means need be shown (Palermo Protocol, article 3 c). */
    minor: code('yesNoUnknown'),
    legalBasis: list(
      z.strictObject({
        country: CountrySchema,
        reference: ReferenceTextSchema,
        status: code('legalStatus'),
      }),
    ),
    dualCriminality: code('yesNoUnknown'),
  }),
  entities: list(EntitySchema),
  links: list(z.strictObject({ from: LocalIdSchema, to: LocalIdSchema, type: code('linkType') })),
  requests: list(
    z.strictObject({ code: code('intelRequest'), text: bilingual(MESSAGE_LIMITS.noteChars) }),
  ),
  attachments: optional(AttachmentsSchema),
})

type Evaluation = z.output<typeof EvaluationSchema>
type Report = z.output<typeof ReportBodySchema>
type Breach = { readonly path: readonly (string | number)[]; readonly rule: string }

interface GradeLists {
  readonly source: readonly string[]
  readonly information: readonly string[]
}

const GRADES: Readonly<Record<Evaluation['scheme'], GradeLists>> = {
  'europol-4x4': {
    source: CODE_LISTS.sourceEuropol4x4,
    information: CODE_LISTS.informationEuropol4x4,
  },
  'uk-3x5x2': { source: CODE_LISTS.sourceUk3x5x2, information: CODE_LISTS.informationUk3x5x2 },
  admiralty: { source: CODE_LISTS.sourceAdmiralty, information: CODE_LISTS.informationAdmiralty },
}

const RULES = [idsAreUnique, linksResolve, gradesFit, likelihoodFits, meansAreShown, routesJoin]

/** The one group of `intel.report/1`. */
export const IntelReportSchema = ReportBodySchema.superRefine((report, context) => {
  for (const { path, rule } of RULES.flatMap((check) => check(report))) {
    context.addIssue({ code: 'custom', path: [...path], message: rule })
  }
})

/** The groups of `intel.report/1`. */
export const INTEL_REPORT_GROUPS = { body: IntelReportSchema } as const

function idsAreUnique(report: Report): Breach[] {
  const ids = [...report.entities, ...report.statements].map(({ id }) => id)
  return new Set(ids).size === ids.length ? [] : [{ path: ['entities'], rule: 'an id names one' }]
}

function linksResolve(report: Report): Breach[] {
  const known = new Set(report.entities.map(({ id }) => id))
  const named = [
    ...report.links.map((link, index) => ({ path: ['links', index], ids: [link.from, link.to] })),
    ...report.statements.map((item, index) => ({
      path: ['statements', index],
      ids: item.entities,
    })),
  ]
  return named
    .filter(({ ids }) => !ids.every((id) => known.has(id)))
    .map(({ path }) => ({ path, rule: 'names an entity that is not in the report' }))
}

function gradesFit(report: Report): Breach[] {
  return breaches(report, ({ evaluation }) => {
    if (evaluation === undefined) return true
    const { source, information } = GRADES[evaluation.scheme]
    return source.includes(evaluation.source) && information.includes(evaluation.information)
  })
}

function likelihoodFits(report: Report): Breach[] {
  return breaches(
    report,
    ({ basis, likelihood }) =>
      likelihood === undefined || (basis === 'assessment' && likelihood.min <= likelihood.max),
  )
}

function breaches(
  report: Report,
  holds: (item: Report['statements'][number]) => boolean,
): Breach[] {
  return report.statements.flatMap((item, index) =>
    holds(item) ? [] : [{ path: ['statements', index], rule: 'grade or likelihood does not fit' }],
  )
}

function meansAreShown({ classification }: Report): Breach[] {
  const { offence, minor, means } = classification
  if (offence !== 'trafficking' || minor === 'yes' || means.length > 0) return []
  return [{ path: ['classification', 'means'], rule: 'trafficking of adults needs a means' }]
}

function routesJoin(report: Report): Breach[] {
  return report.entities.flatMap((entity, index) =>
    isJoined(entity)
      ? []
      : [{ path: ['entities', index, 'legs'], rule: 'a leg starts where the last ended' }],
  )
}

function isJoined(entity: Entity): boolean {
  if (entity.type !== 'route') return true
  return entity.legs.every((leg, index) => {
    const before = entity.legs[index - 1]
    return (
      before === undefined ||
      (before.to.name === leg.from.name && before.to.country === leg.from.country)
    )
  })
}
