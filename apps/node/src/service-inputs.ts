/**
 * What each method of a node's services takes: closed schemas, for a call in the process and for one through the socket.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import {
  CODE_LISTS,
  DigestSchema,
  GroupWrapSchema,
  LEAF_CLASSES,
  PURPOSES,
  ReferralReferenceSchema,
  REVIEW_RESULTS,
  SuiteSchema,
  TRUST_LIMITS,
  WIRE_LIMITS,
} from '@amana/core'
import { z } from 'zod'
import { CARRIED_TYPES } from './ports.ts'
import { HOLD_BASES, WITHDRAWAL_REASONS } from './records.ts'
import { RotatedUseSchema } from './vault/agency-secrets.ts'

const AgencyText = z.string().max(64)
/** The beginning of a digest: enough letters that it names one. */
const DigestText = z.string().min(6).max(43)
const PathText = z.string().min(1).max(4096)
const Purpose = z.enum(PURPOSES)
/** What a leaf may commit to at most. */
const REASON_CHARS = 1000
/** Who asks, by his signature over the rest of the input; and why, in his words, which lie outside the log. */
const ACCOUNT = {
  by: z.exactOptional(z.json()),
  reason: z.exactOptional(z.string().min(1).max(REASON_CHARS)),
}
/** Another officer’s signature over the rest, for which the first one signs too. */
const SECOND = { second: z.exactOptional(z.json()) }
/** A list shows nothing of a body, so a purpose may be absent. */
const Listing = z.strictObject({
  ...ACCOUNT,
  limit: z.int().min(1).max(10_000),
  purpose: z.exactOptional(Purpose),
})
const Day = z.iso.date()
const Index = z.int().min(0)
/** Of a log before the one that is written: its number or its name. */
const Epoch = z.exactOptional(z.string().min(1).max(120))
const PresentationText = z
  .string()
  .min(1)
  .max(4 * WIRE_LIMITS.bodyBytes)
const DisclosedPaths = z.array(z.string().max(256)).min(1).max(256)

/** Files of one call: a caller shows how far it is, and asks for the next ones. */
const DepositFiles = z.strictObject({ files: z.array(PathText).min(1).max(32) })

/** As many as are told of one message, from its own words and those of its case. */
const MOST_ACCEPTED = 1000

/** As many as a roster lists. */
const MOST_DESKS = 32

const GROUP_NAME = { group: z.string().max(32), statement: z.string().length(43) }
/** Messages of which something is erased in one step: the files of the store are rewritten once for all of them. */
export const ERASED_TOGETHER = 32

/** Groups of which the keys are wrapped in one step: a megabyte of them. */
export const GRANTED_TOGETHER = 256

const MOST_READERS = 32
const WithdrawingSchema = z.strictObject({
  scope: z.enum(CODE_LISTS.consentScope),
  reader: z.enum(CODE_LISTS.readerRole),
  fieldGroups: z.array(z.enum(CODE_LISTS.fieldGroup)).max(MOST_READERS),
})

/** Input of each method. JSON of unknown form (`json`) is parsed by core, which refuses what it does not know. */
export const SERVICE_INPUTS = {
  status: z.strictObject({}),
  context: z.strictObject({ agency: AgencyText }),
  submit: z.strictObject({
    ...ACCOUNT,
    /** How many findings in its texts the officer saw and accepts; the reason says why. */
    accepts: z.exactOptional(z.int().min(1).max(MOST_ACCEPTED)),
    statement: z.json(),
    opening: z.json(),
    /** Further desks of the addressee. */
    desks: z.exactOptional(z.array(z.string().max(64)).max(MOST_DESKS)),
    dryRun: z.boolean(),
  }),
  withdraw: z.strictObject({
    digest: DigestText,
    reason: z.enum(WITHDRAWAL_REASONS),
    dryRun: z.boolean(),
  }),
  challenge: z.strictObject({}),
  messages: z.strictObject({
    ...Listing.shape,
    /** Only own ones that wait too long for the other agency’s word, by urgency, or are past their end; the oldest first. */
    overdue: z.exactOptional(
      z.strictObject({
        /** After so many hours, whatever the urgency. */
        hours: z.exactOptional(z.int().min(0).max(8784)),
      }),
    ),
  }),
  message: z.strictObject({
    ...ACCOUNT,
    /** Against the usual rule: asks for an officer's signature and a reason, and for another officer's review. */
    breakGlass: z.exactOptional(z.literal(true)),
    digest: DigestText,
    purpose: Purpose,
  }),
  stages: z.strictObject({ digest: DigestText }),
  presentation: z.strictObject({
    ...ACCOUNT,
    digest: DigestText,
    disclose: z.exactOptional(DisclosedPaths),
    /** In place of paths: made by the program of an officer who reads the groups. */
    presentation: z.exactOptional(PresentationText),
    purpose: Purpose,
  }),
  exportMessage: z.strictObject({
    ...ACCOUNT,
    digest: DigestText,
    /** Without it signatures only. */
    disclose: z.exactOptional(DisclosedPaths),
    /** The officer's signed disclosure of this presentation. */
    disclosure: z.exactOptional(z.json()),
    /** In place of paths. */
    presentation: z.exactOptional(PresentationText),
    purpose: Purpose,
    to: PathText,
  }),
  exportEnvelope: z.strictObject({
    ...ACCOUNT,
    digest: DigestText,
    desk: z.string().max(64),
    purpose: Purpose,
    to: PathText,
  }),
  attachments: z.strictObject({ digest: DigestText }),
  waitingAttachments: Listing,
  chooseAttachment: z.strictObject({
    /** Its number or its name. */
    attachment: z.string().min(1).max(200),
    choice: z.enum(['first', 'hold', 'pull']),
    digest: DigestText,
  }),
  saveAttachment: z.strictObject({
    ...ACCOUNT,
    /** Its number or its name. */
    attachment: z.string().min(1).max(200),
    digest: DigestText,
    /** The attachments of a body at rest, as the program of an officer reads them. */
    opened: z.exactOptional(z.json()),
    purpose: Purpose,
    to: PathText,
  }),
  grantable: z.strictObject({
    ...ACCOUNT,
    /** Where to go on: the last group of the answer before. */
    after: z.exactOptional(z.string().max(80)),
    /** The officer who is to read. */
    to: z.string().max(32),
  }),
  grant: z.strictObject({
    ...ACCOUNT,
    to: z.string().max(32),
    wraps: z
      .array(z.strictObject({ ...GROUP_NAME, wrap: GroupWrapSchema }))
      .min(1)
      .max(GRANTED_TOGETHER),
  }),
  erasable: z.strictObject({ digest: DigestText }),
  erasures: z.strictObject({}),
  erasure: z.strictObject({ order: DigestText }),
  erase: z.strictObject({ ...ACCOUNT, ...SECOND, order: DigestText }),
  holds: z.strictObject({}),
  hold: z.strictObject({
    ...ACCOUNT,
    about: z.string().min(6).max(64),
    basis: z.enum(HOLD_BASES),
    /** The office that asks for it. */
    office: AgencyText,
    reason: z.string().min(1).max(REASON_CHARS),
    until: Day,
  }),
  unhold: z.strictObject({ ...ACCOUNT, about: z.string().min(6).max(64) }),
  requests: z.strictObject({}),
  corrections: z.strictObject({}),
  copied: z.strictObject({ ...ACCOUNT, digest: DigestSchema, purpose: Purpose }),
  retention: z.strictObject({}),
  retain: z.strictObject({ ...ACCOUNT, ...SECOND }),
  referrals: Listing,
  referral: z.strictObject({ ...ACCOUNT, reference: z.string().max(64), purpose: Purpose }),
  /** Persons in motion, one line each. */
  underway: Listing,
  /** Steps that are overdue, by referral. */
  overdueSteps: Listing,
  /** Counts of clocks that fall due in a period (days in UTC, both included); of exercises only where that is asked. */
  statistics: z.strictObject({
    ...ACCOUNT,
    purpose: z.exactOptional(Purpose),
    from: Day,
    until: Day,
    exercises: z.exactOptional(z.literal(true)),
  }),
  /** What may be done next in a referral, for the officer who asks. */
  referralNext: z.strictObject({ ...ACCOUNT, reference: z.string().max(64), purpose: Purpose }),
  /** What the person consented to, who has what, and what a withdrawal would stop. */
  consents: z.strictObject({
    ...ACCOUNT,
    reference: ReferralReferenceSchema,
    purpose: Purpose,
    withdrawing: z.exactOptional(z.array(WithdrawingSchema).max(MOST_READERS)),
  }),
  /** Where the next own statement of a referral stands, for the program that signs it. */
  referralPlace: z.strictObject({ ...ACCOUNT, reference: ReferralReferenceSchema }),
  /** Which of these references a referral has here: for one that was misheard or mistyped. */
  knownReferrals: z.strictObject({ references: z.array(ReferralReferenceSchema).max(32) }),
  /** What an officer at a hand-over must know; each member asks for one thing. */
  handOver: z
    .strictObject({
      ...ACCOUNT,
      /** A file that another officer signed. */
      file: z.exactOptional(z.string().min(1).max(WIRE_LIMITS.handOverBytes)),
      /** The key of the officer who asks. */
      keyId: z.exactOptional(z.string().max(64)),
      reference: z.exactOptional(z.string().max(64)),
    })
    .refine((asked) => Object.keys(asked).length > 0),
  referralFile: z.strictObject({ reference: z.string().max(64) }),
  rosters: z.strictObject({}),
  rosterChain: z.strictObject({ agency: AgencyText }),
  keys: z.strictObject({}),
  makeKeys: z.union([
    z.strictObject({
      use: RotatedUseSchema.exclude(['deposit']),
      suite: z.exactOptional(SuiteSchema),
      count: z.exactOptional(z.int().min(1).max(TRUST_LIMITS.keysInRotation)),
    }),
    z.strictObject({ use: z.literal('deposit'), suite: z.exactOptional(z.literal('A2')) }),
  ]),
  makeNodeKeys: z.strictObject({}),
  signedBy: z.strictObject({ keyId: z.string().max(64) }),
  adoptRoster: z.strictObject({ roster: z.json() }),
  ownEntry: z.strictObject({}),
  importInvite: z.strictObject({ invite: z.json() }),
  keepInvite: z.strictObject({ invite: z.json() }),
  comparison: z.strictObject({ agency: AgencyText }),
  charter: z.strictObject({}),
  confirmCharter: z.strictObject({ charter: z.json() }),
  rejectInvite: z.strictObject({ agency: AgencyText }),
  resumePeer: z.strictObject({ agency: AgencyText }),
  exportQueue: z.strictObject({
    agency: AgencyText,
    /** Where the call before ended. */
    after: z.exactOptional(z.strictObject({ after: Index, type: z.enum(CARRIED_TYPES) })),
    /** A folder. */
    to: PathText,
    withoutAttachments: z.exactOptional(z.literal(true)),
  }),
  countQueue: z.strictObject({ agency: AgencyText }),
  inspectDeposits: DepositFiles,
  importDeposits: DepositFiles,
  exportBundle: z.strictObject({
    ...ACCOUNT,
    /** `g`, `w` and `x` where nothing is said. */
    classes: z.exactOptional(z.array(z.enum(LEAF_CLASSES)).min(1).max(4)),
    /** With what the shown leaves committed to, as far as it was not erased. */
    disclose: z.exactOptional(z.literal(true)),
    epoch: Epoch,
    to: PathText,
  }),
  exportTiles: z.strictObject({ ...ACCOUNT, epoch: Epoch, to: PathText }),
  auditList: z.strictObject({
    ...ACCOUNT,
    /** Only leaves below this index. */
    before: z.exactOptional(Index),
    classes: z.exactOptional(z.array(z.enum(LEAF_CLASSES)).min(1).max(4)),
    disclose: z.exactOptional(z.literal(true)),
    epoch: Epoch,
    event: z.exactOptional(z.string().max(32)),
    limit: z.int().min(1).max(10_000),
    /** The beginning of the digest of a statement or dispatch. */
    message: z.exactOptional(DigestText),
    purpose: Purpose,
  }),
  auditAccess: z.strictObject({
    ...ACCOUNT,
    disclose: z.exactOptional(z.literal(true)),
    /** Days in UTC, both included. */
    from: z.exactOptional(Day),
    message: z.exactOptional(DigestText),
    purpose: Purpose,
    until: z.exactOptional(Day),
  }),
  auditProve: z.strictObject({
    ...ACCOUNT,
    epoch: Epoch,
    index: Index,
    purpose: Purpose,
    to: PathText,
  }),
  auditReview: z.strictObject({
    by: z.json(),
    index: Index,
    reason: ACCOUNT.reason,
    result: z.enum(REVIEW_RESULTS),
  }),
  exportPolicy: z.strictObject({ epoch: Epoch, to: PathText }),
  auditVerify: z.strictObject({ epoch: Epoch }),
  cosignedHead: z.strictObject({}),
  checkEpoch: z.strictObject({ agreement: z.json() }),
  acceptEpoch: z.strictObject({ agreement: z.json() }),
  exportConflict: z.strictObject({
    ...ACCOUNT,
    log: z.exactOptional(z.string().max(120)),
    to: PathText,
  }),
  anchor: z.strictObject({ ...ACCOUNT, minutes: z.exactOptional(DigestSchema) }),
  confirmAnchor: z.strictObject({
    ...ACCOUNT,
    minutes: z.exactOptional(DigestSchema),
    text: z.string().max(1024),
  }),
  witness: z.strictObject({ timeoutMs: z.int().min(1).max(600_000) }),
  waitDelivered: z.strictObject({ timeoutMs: z.int().min(1).max(600_000) }),
} as const

/** Name of a method. */
export type ServiceName = keyof typeof SERVICE_INPUTS

/** What a method takes. */
export type ServiceInput<N extends ServiceName> = z.output<(typeof SERVICE_INPUTS)[N]>
