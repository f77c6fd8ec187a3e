/**
 * What a node does for the people who use it: the one interface behind the command line, whether it opens the folder
 * itself or talks to the running node through `control.sock`. Every method's input is a closed schema.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import {
  type Charter,
  type CharterEntry,
  type Context,
  type Digest,
  DigestSchema,
  type ErrorCode,
  type Expiry,
  type ExpiryLevel,
  type GeneralJws,
  type HpkeJwk,
  type LeafField,
  type LeafClass,
  LEAF_CLASSES,
  type PublicJwk,
  PURPOSES,
  type Referral,
  REVIEW_RESULTS,
  type RosterNode,
  SuiteSchema,
  TRUST_LIMITS,
  type X25519Jwk,
} from '@amana/core'
import { z } from 'zod'
import { type ScrubRecord, WITHDRAWAL_REASONS, type WithdrawalReason } from './records.ts'
import { RotatedUseSchema } from './vault/agency-secrets.ts'
import { type ConflictState } from './witness/conflict-book.ts'
import { type WitnessAge } from './witness/witness-age.ts'

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
/** A list shows nothing of a body, so a purpose may be absent. */
const Listing = z.strictObject({
  ...ACCOUNT,
  limit: z.int().min(1).max(10_000),
  purpose: z.exactOptional(Purpose),
})
const Day = z.iso.date()
const Index = z.int().min(0)
const DisclosedPaths = z.array(z.string().max(256)).min(1).max(256)

/** As many as a roster lists. */
const MOST_DESKS = 32

/** Input of each method. JSON of unknown form (`json`) is parsed by core, which refuses what it does not know. */
export const SERVICE_INPUTS = {
  status: z.strictObject({}),
  context: z.strictObject({ agency: AgencyText }),
  submit: z.strictObject({
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
  messages: Listing,
  message: z.strictObject({
    ...ACCOUNT,
    /** Against the usual rule: asks for an officer's signature and a reason, and for another officer's review. */
    breakGlass: z.exactOptional(z.literal(true)),
    digest: DigestText,
    purpose: Purpose,
  }),
  presentation: z.strictObject({
    ...ACCOUNT,
    digest: DigestText,
    disclose: DisclosedPaths,
    purpose: Purpose,
  }),
  exportMessage: z.strictObject({
    ...ACCOUNT,
    digest: DigestText,
    /** Without it signatures only. */
    disclose: z.exactOptional(DisclosedPaths),
    /** The officer's signed disclosure of this presentation. */
    disclosure: z.exactOptional(z.json()),
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
  referrals: Listing,
  referral: z.strictObject({ ...ACCOUNT, reference: z.string().max(64), purpose: Purpose }),
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
  exportBundle: z.strictObject({
    ...ACCOUNT,
    /** `g`, `w` and `x` where nothing is said. */
    classes: z.exactOptional(z.array(z.enum(LEAF_CLASSES)).min(1).max(4)),
    /** With what the shown leaves committed to, as far as it was not erased. */
    disclose: z.exactOptional(z.literal(true)),
    to: PathText,
  }),
  exportTiles: z.strictObject({ ...ACCOUNT, to: PathText }),
  auditList: z.strictObject({
    ...ACCOUNT,
    classes: z.exactOptional(z.array(z.enum(LEAF_CLASSES)).min(1).max(4)),
    disclose: z.exactOptional(z.literal(true)),
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
  auditProve: z.strictObject({ ...ACCOUNT, index: Index, purpose: Purpose, to: PathText }),
  auditReview: z.strictObject({
    by: z.json(),
    index: Index,
    reason: ACCOUNT.reason,
    result: z.enum(REVIEW_RESULTS),
  }),
  exportPolicy: z.strictObject({ to: PathText }),
  auditVerify: z.strictObject({}),
  exportConflict: z.strictObject({ log: z.exactOptional(z.string().max(120)), to: PathText }),
  anchor: z.strictObject({ minutes: z.exactOptional(DigestSchema) }),
  confirmAnchor: z.strictObject({
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

/** Link and queue of one peer, in plain figures. */
export interface PeerStatus {
  readonly agency: string
  readonly state: 'invited' | 'comparing' | 'confirmed-here' | 'in-force' | 'rejected'
  readonly link: 'connected' | 'offline'
  /** Statements signed and not yet receipted by the peer. */
  readonly queued: number
  /** Seconds since 1970 of the last frame, absent before the first since the node started. */
  readonly lastSeenAt?: number
  /** The newest own roster that the peer said to have; 0 before it did. */
  readonly acknowledgedRoster: number
  /** Why nothing can be sent at present, where something stands in the way. */
  readonly problem?: ErrorCode
}

/** How the own log is, and what is held against the peer's. */
export interface LogStatus {
  readonly origin: string
  readonly size: number
  readonly cosignedSize: number
  /** Absent before there is a peer that could cosign. */
  readonly witnessed?: WitnessAge
  /** How many leaves the peer says to have cosigned, where the log has fewer. */
  readonly claimedSize?: number
  readonly scrub?: ScrubRecord
  /** While `auditVerify` reads. */
  readonly checking?: { readonly read: number; readonly size: number }
  readonly conflicts: readonly ConflictState[]
}

/** What `amana node status` prints. */
export interface NodeStatus {
  readonly agency: string
  readonly name: string
  readonly peerId: string
  readonly addresses: readonly string[]
  readonly running: boolean
  readonly startedAt: number
  readonly log: LogStatus
  readonly rosterVersion: number
  /** New keys of the node that are not in use yet: whether the newest own roster lists them. */
  readonly nextKeys?: { readonly peerId: string; readonly isListed: boolean }
  /** What ends soon or has ended, of both agencies. */
  readonly expiries: readonly Expiry[]
  /** Rosters of one version of which there are two. */
  readonly forks: readonly { readonly agency: string; readonly version: number }[]
  /** A recovery that waits: whose, and from when it is in force, once both agencies have seen it. */
  readonly recovery?: { readonly agency: string; readonly until?: number }
  /** Versions of the charter of which there are two. */
  readonly charterForks?: readonly number[]
  /** Chains of rosters that are three quarters full or more, in percent. */
  readonly fullChains?: readonly { readonly agency: string; readonly percent: number }[]
  /** Openings against the usual rule that another officer has to judge, the oldest first. */
  readonly reviews: readonly WaitingReview[]
  readonly peers: readonly PeerStatus[]
}

/** What an officer's program needs before it signs a statement to `agency`. */
export interface SigningContext {
  readonly agency: string
  readonly now: number
  readonly context: Context
  readonly officers: readonly {
    readonly id: string
    readonly keyId: string
    readonly roles: readonly string[]
  }[]
}

/** Where a statement stands between the two agencies. */
export type DeliveryState =
  | 'queued'
  | 'sent'
  | 'stored'
  | 'opened'
  | 'refused'
  | 'held'
  | 'received'
  | 'withdrawn'

/** A line of `amana message list`; nothing of the body. */
export interface MessageSummary {
  readonly digest: string
  readonly kind: string
  readonly from: string
  readonly to: readonly string[]
  readonly issuedAt: number
  readonly tlp: string
  /** At the desk that reads the kind; of what was sent to a partner desk alone, there. */
  readonly state: DeliveryState
  readonly refusal?: string
  /** At each desk, the one above first. */
  readonly desks: readonly {
    readonly desk: string
    readonly state: DeliveryState
    readonly refusal?: string
  }[]
  /** Why the own officers took it back, also where that came too late. */
  readonly withdrawal?: WithdrawalReason
}

/** Who signed, as the roster of the day says. */
export interface Signer {
  readonly act: string
  readonly agency: string
  readonly keyId: string
  readonly officer: string
  readonly organisation: string
}

/** A message opened for reading; the leaf of this opening is durable before it is returned. */
export interface MessageView extends MessageSummary {
  readonly signers: readonly Signer[]
  readonly groups: Readonly<Record<string, unknown>>
  readonly withheld: readonly string[]
  readonly relates: readonly { readonly digest: string; readonly relation: string }[]
  readonly dispatch?: string
  readonly receipt?: string
  /** Of an opening against the usual rule: index of its leaf, and until when (seconds since 1970) another officer judges it. */
  readonly review?: { readonly index: number; readonly dueAt: number }
}

/** An opening against the usual rule that nobody has judged yet. */
export interface WaitingReview {
  /** Of the `a.open` leaf. */
  readonly index: number
  readonly actor: string
  readonly statement: string
  /** Seconds since 1970. */
  readonly openedAt: number
  readonly dueAt: number
  readonly overdue: boolean
}

/** A leaf of the own log as a person looks at it. */
export interface LeafView {
  readonly index: number
  readonly time: string
  readonly class: LeafClass
  readonly event: string
  readonly actor: string
  readonly data: Readonly<Record<string, unknown>>
  /** What it committed to, as far as that was asked for and is still there. */
  readonly disclosed: readonly LeafField[]
  /** How many values it committed to that are not shown. */
  readonly withheld: number
}

/** How the review of an opening against the usual rule stands. */
export type ReviewState = (typeof REVIEW_RESULTS)[number] | 'overdue' | 'waiting'

/** One act of access. */
export interface AccessEntry extends LeafView {
  readonly review?: ReviewState
}

/** Who did what, over a time or about one message. */
export interface AccessReport {
  /** The newest first. */
  readonly entries: readonly AccessEntry[]
  /** Openings by pseudonym, day and purpose. */
  readonly opens: readonly {
    readonly actor: string
    readonly day: string
    readonly purpose: string
    readonly count: number
  }[]
  /** Whose pseudonyms these are, where that was asked for. */
  readonly officers: readonly { readonly actor: string; readonly fields: readonly LeafField[] }[]
}

/** A line of `amana referral list`; nothing of the person. */
export interface ReferralSummary {
  readonly reference: string
  readonly state: Referral['state']
  readonly urgency?: string
  /** When the newest step that stands happened. */
  readonly updatedAt?: string
  /** Clocks and follow-ups whose day has passed. */
  readonly overdue: number
}

/** A roster as a person looks at it. */
export interface RosterView {
  readonly agency: string
  readonly version: number
  readonly digest: string
  /** Seconds since 1970. */
  readonly expiresAt: number
  readonly desks: readonly { readonly id: string; readonly keys: number }[]
  readonly nodes: readonly { readonly peerId: string; readonly addresses: readonly string[] }[]
  readonly officers: readonly {
    readonly id: string
    readonly organisation: string
    readonly roles: readonly string[]
    readonly expiresAt: number
  }[]
  readonly revoked: readonly { readonly keyId: string; readonly reason: string }[]
}

/** What a key is for. */
export type KeyUseName =
  | 'root'
  | 'recovery'
  | 'roster'
  | 'officer'
  | 'officer-encryption'
  | 'desk'
  | 'node-seal'
  | 'deposit'
  | 'libp2p'
  | 'log'
  | 'witness'

/** How a key stands: in use, to be used later, at its end or left out since, or revoked. */
export type KeyState = 'current' | 'next' | 'expired' | 'revoked'

/** A key of the own agency as a person looks at it; never its private half. */
export interface KeyView {
  /** Thumbprint; of log and witness keys the id in their notes, of a libp2p key the peer id. */
  readonly keyId: string
  /** Of a pair the ML-DSA-65 half. */
  readonly secondKeyId?: string
  readonly use: KeyUseName
  /** Id of the officer or desk, peer id of the node, name of the log, or the keystore. */
  readonly holder: string
  readonly jwk?: PublicJwk
  /** Seconds since 1970; absent where no document gives it a span yet. */
  readonly from?: number
  readonly until?: number
  readonly state: KeyState
  /** Present when it ends soon. */
  readonly level?: ExpiryLevel
  readonly revoked?: { readonly reason: string; readonly since: number }
  /** Whether the node's keystore holds the private half. */
  readonly isHere: boolean
  /** Versions of the own roster that list it. */
  readonly rosters: readonly number[]
}

/** What is read aloud when two agencies first meet. */
export interface ComparisonView {
  readonly agency: string
  readonly safetyNumber: string
  readonly charter: Charter
  readonly invites: readonly {
    readonly agency: string
    readonly digits: string
    readonly issuedAt: number
  }[]
}

/** How far a charter is. */
export type CharterProgress =
  /** In force here. */
  | 'in-force'
  /** Signatures are missing. */
  | 'waiting'
  /** Every signature is there; the first roster of a new chain is not. */
  | 'roster'
  /** A recovery whose delay is not over. */
  | 'recovery'
  /** A recovery that was refused. */
  | 'refused'

/** Result of each method, by name. */
export interface ServiceResults {
  status: NodeStatus
  context: SigningContext
  challenge: { readonly agency: string; readonly challenge: string }
  submit: { readonly digest: string; readonly queued: boolean }
  withdraw: {
    readonly digest: string
    /** False where it was only asked what would be done. */
    readonly withdrawn: boolean
    /** Nothing went out yet; or its dispatch is voided, and the peer may have it already. */
    readonly way: 'queue' | 'void'
    /** Statements of the same dispatches that go into new ones. */
    readonly others: readonly string[]
    /** Desks that have it already: nothing is taken back there. */
    readonly late?: readonly string[]
  }
  messages: readonly MessageSummary[]
  message: MessageView
  presentation: { readonly presentation: string }
  exportEnvelope: { readonly file: string; readonly digest: string; readonly statements: number }
  exportMessage: { readonly file: string; readonly digest: string; readonly sizeBytes: number }
  referrals: readonly ReferralSummary[]
  referral: Referral
  rosters: readonly RosterView[]
  rosterChain: { readonly rosters: readonly GeneralJws[] }
  keys: { readonly agency: string; readonly keys: readonly KeyView[] }
  /** In the order in which they are to be used. */
  makeKeys: readonly { readonly keyId: string; readonly jwk: HpkeJwk | X25519Jwk }[]
  /** Public halves only, with the word of the new libp2p key for the new seal key. */
  makeNodeKeys: {
    readonly keyId: string
    readonly peerId: string
    readonly sealKey: RosterNode['sealKey']
    readonly binding: string
    readonly depositKey: HpkeJwk
  }
  /** Own statements signed by a key: with an answer of the peer, and without one yet. */
  signedBy: { readonly covered: number; readonly waiting: number }
  adoptRoster: {
    readonly agency: string
    readonly version: number
    readonly digest: string
    /** Seconds since 1970. */
    readonly expiresAt: number
  }
  ownEntry: { readonly entry: CharterEntry; readonly roster: GeneralJws }
  importInvite: { readonly agency: string; readonly name: string; readonly expiresAt: number }
  keepInvite: { readonly digest: string }
  comparison: ComparisonView
  charter: {
    readonly charter: Charter
    readonly digest: Digest
    readonly version: number
    /** A recovery that waits: whose, its digest, and from when it is in force, once both have seen it. */
    readonly recovery?: {
      readonly agency: string
      readonly digest: Digest
      readonly until?: number
    }
    /** Versions of which a second charter is kept as evidence. */
    readonly forks: readonly number[]
  }
  confirmCharter: {
    readonly inForce: boolean
    readonly progress: CharterProgress
    readonly charter: GeneralJws
  }
  rejectInvite: { readonly agency: string }
  exportBundle: { readonly file: string; readonly leaves: number; readonly sizeBytes: number }
  exportTiles: { readonly folder: string; readonly size: number }
  auditList: { readonly leaves: readonly LeafView[]; readonly more: boolean }
  auditAccess: AccessReport
  auditProve: { readonly file: string; readonly index: number; readonly size: number }
  auditReview: { readonly index: number; readonly result: (typeof REVIEW_RESULTS)[number] }
  exportPolicy: { readonly file: string; readonly digits: string }
  auditVerify: { readonly size: number; readonly root: string; readonly cosignedSize: number }
  exportConflict: {
    readonly file: string
    readonly log: string
    readonly kind: ConflictState['kind']
    readonly digest: Digest
  }
  /** Four lines, and the digits of the last one. */
  anchor: { readonly text: string; readonly digits: string; readonly digest: Digest }
  confirmAnchor: ServiceResults['anchor']
  witness: { readonly size: number; readonly cosignedSize: number }
  waitDelivered: { readonly queued: number }
}

/** The methods. @throws AmanaError of any area */
export type NodeServices = {
  readonly [N in ServiceName]: (input: ServiceInput<N>) => Promise<ServiceResults[N]>
}
