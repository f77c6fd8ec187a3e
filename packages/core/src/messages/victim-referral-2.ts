/**
 * `victim.referral/2`: the file of `victim.referral/1`, and what of a person’s referral that version has no place for.
 * Both are read; nothing turns one into the other.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#victimreferral2
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import {
  code,
  codes,
  CountrySchema,
  InstantSchema,
  listOf as list,
  NameSchema,
  OfficeIdSchema,
  PlaceCodeSchema,
  SubdivisionSchema,
} from './fields.ts'
import { IdentitySchema, RoutingSchema, StatisticsSchema, TravelSchema } from './person-groups.ts'
import {
  ExploitationSchema,
  InvestigationSchema,
  VICTIM_REFERRAL_GROUPS,
} from './victim-referral.ts'

const optional = z.exactOptional
const ADULT_AGE = 18

const Routing2Schema = z.strictObject({
  ...RoutingSchema.shape,
  /** `yes` while she may be under 18, whatever a document says; every reader of the file must know it. */
  treatAsChild: code('yesNo'),
})

const Identity2Schema = z.strictObject({
  ...IdentitySchema.shape,
  salutation: optional(NameSchema),
})

const Travel2Schema = z
  .strictObject({
    ...TravelSchema.shape,
    receptionPlace: optional(PlaceCodeSchema),
    receptionFrom: optional(InstantSchema),
    receptionUntil: optional(InstantSchema),
  })
  .refine(
    ({ receptionFrom, receptionUntil }) =>
      receptionFrom === undefined ||
      receptionUntil === undefined ||
      receptionFrom <= receptionUntil,
    { error: 'an end after its beginning', path: ['receptionUntil'] },
  )

/** A town or a region; where somebody was exploited is not where she stays now. */
const WhereSchema = z.strictObject({
  country: CountrySchema,
  subdivision: optional(SubdivisionSchema),
  place: optional(NameSchema),
})

const Exploitation2Schema = z
  .strictObject({
    ...ExploitationSchema.shape,
    labourSector: optional(code('labourSector')),
    sexExploitationType: optional(codes('sexExploitationType')),
    recruitmentPlace: optional(WhereSchema),
    exploitationPlace: optional(WhereSchema),
    relationToTrafficker: optional(code('relationToTrafficker')),
  })
  .refine(
    ({ statusDecidedBy, traffickingStatus }) =>
      traffickingStatus === undefined ||
      traffickingStatus === 'PossibleVictimOfTrafficking' ||
      statusDecidedBy !== undefined,
    { error: 'who decided it', path: ['statusDecidedBy'] },
  )

const Investigation2Schema = z.strictObject({
  ...InvestigationSchema.shape,
  /** Reports about suspects, each a message of its own: nobody is named here. */
  suspects: optional(list(DigestSchema)),
  /** What somebody holds as evidence: its digest and the holder, never the file. */
  evidenceRefs: optional(
    list(z.strictObject({ digest: DigestSchema, holder: OfficeIdSchema, what: NameSchema })),
  ),
})

const Statistics2Schema = z.strictObject({
  ...StatisticsSchema.shape,
  htcdsStatus: optional(code('htcdsStatus')),
})

/** Statements of their own on which the file rests. A digest says nothing to who was not sent the statement. */
const ReferencesSchema = z.strictObject({
  assessments: optional(
    list(z.strictObject({ statement: DigestSchema, type: code('assessmentType') })),
  ),
  consents: optional(list(DigestSchema)),
})

/** The groups, in the order in which a form asks for them. */
export const VICTIM_REFERRAL_2_GROUPS = {
  ...VICTIM_REFERRAL_GROUPS,
  routing: Routing2Schema,
  identity: Identity2Schema,
  travel: Travel2Schema,
  exploitation: Exploitation2Schema,
  investigation: Investigation2Schema,
  statistics: Statistics2Schema,
  references: ReferencesSchema,
} as const

const ChildhoodSchema = z.object({
  routing: z.object({ treatAsChild: code('yesNo') }),
  person: z.object({ ageMin: optional(z.number()) }),
})

/** The path of a word that contradicts her age, where both are open: who may be under 18 is treated as a child. */
export function contradictedAge(groups: Readonly<Record<string, unknown>>): string | undefined {
  const { data } = ChildhoodSchema.safeParse(groups)
  if (data?.routing.treatAsChild !== 'no') return undefined
  return (data.person.ageMin ?? 0) < ADULT_AGE ? 'routing.treatAsChild' : undefined
}
