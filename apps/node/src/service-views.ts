/**
 * What a node's services show to people: figures, lists and states; of a message's body only what was opened for reading.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import {
  type Charter,
  type CodeOf,
  type Context,
  type DeskRole,
  type Digest,
  type ErrorCode,
  type Expiry,
  type ExpiryLevel,
  type GeneralJws,
  type HandlingChoice,
  type LeafField,
  type LeafClass,
  type NextPlace,
  type NextStep,
  type OverdueStep,
  type PreviousLog,
  type PublicJwk,
  type Referral,
  type REVIEW_RESULTS,
  type SealedGroup,
  type Stage,
  type WithdrawnDisclosure,
} from '@amana/core'
import { type LineHealth } from './exchange/peer-line.ts'
import { type DeskWaiting } from './outbox/waiting.ts'
import { type Urgency } from './statements/urgency.ts'
import { type CarriedType, type MailboxVisit } from './ports.ts'
import { type BreachView } from './rights/breaches.ts'
import { type RequestView } from './rights/requests.ts'
import { type ScrubRecord, type WithdrawalReason } from './records.ts'
import { type Awaited } from './statements/stage-clocks.ts'
import { type ConflictState } from './witness/conflict-book.ts'
import { type WitnessAge } from './witness/witness-age.ts'

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
  /** By desk, what of `queued` waits. */
  readonly waiting: readonly DeskWaiting[]
  /** Of the node's line to the peer of its charter, while it runs. */
  readonly line?: LineView
}

/** How a line is, in figures. */
export interface LineView extends Omit<LineHealth, 'connectedSince' | 'nextTryAt'> {
  /** Seconds since 1970. */
  readonly connectedSince?: number
  /** Seconds since 1970; absent while it is connected, dials, or waits to be dialled. */
  readonly nextTryAt?: number
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

/** An agreement on a new log as people read it. */
export interface EpochView {
  readonly agency: string
  readonly before: string
  readonly log: string
  readonly reason: PreviousLog['reason']
  /** Cosigned leaves that the agency no longer has: [from, to); nothing where it has them all. */
  readonly lost?: { readonly from: number; readonly to: number }
  readonly digest: Digest
}

/** Who can read what arrives. */
export interface ReaderStatus {
  /** Officers with an encryption key that is good now. */
  readonly officers: number
  /** Groups that fewer than two of them read; none is named where there is no officer at all. */
  readonly thin: readonly {
    readonly kind: string
    readonly group: string
    readonly readers: number
  }[]
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
  /** Present where a group has fewer than two readers. */
  readonly readers?: ReaderStatus
  /** Breaches of personal data that an authority is still to be told of. */
  readonly breaches: readonly BreachView[]
  /** Requests of persons that are not answered. */
  readonly requests: readonly RequestView[]
  /** Openings against the usual rule that another officer has to judge, the oldest first. */
  readonly reviews: readonly WaitingReview[]
  readonly filing: FilingView
  readonly line: LineStatus
  /** Where the settings name one and the node runs. */
  readonly mailbox?: MailboxHealth
  readonly peers: readonly PeerStatus[]
}

/** Whether real persons’ data may leave: what was filed, or the head’s waiver that holds today. */
export type FilingView =
  | { readonly state: 'filed'; readonly authority: string; readonly reference: string }
  | {
      readonly state: 'waived'
      readonly authority: string
      readonly until: string
      readonly waivedBy: string
    }
  | { readonly state: 'missing' }

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
  /** What officers of the receiver said of it. */
  readonly stages: readonly StageView[]
  /** In a list of what is overdue: the word that it waits for. */
  readonly awaited?: Awaited
  /** Why the own officers took it back, also where that came too late. */
  readonly withdrawal?: WithdrawalReason
  /** Its end came before the other agency’s answer: it would be refused there. */
  readonly ended?: true
}

/** How far a message has come with the officers of its receiver. */
export interface StageView {
  readonly stage: Stage
  /** Seconds since 1970, by the clock of the officer’s node. */
  readonly at: number
}

/** One signed word of the receiver on a message. */
export interface ReceiptView {
  readonly stage: Stage | 'held' | 'opened' | 'refused' | 'stored'
  readonly at: number
  readonly agency: string
  /** Of the receipt, or of the statement that says so. */
  readonly digest: string
  readonly desk?: string
  readonly officer?: string
  readonly organisation?: string
  readonly roles?: readonly string[]
  readonly note?: CodeOf<'actedNote'>
  /** A step that answers the message, and no receipt. */
  readonly isStep?: true
}

/** Who signed, as the roster of the day says. */
export interface Signer {
  readonly act: string
  readonly agency: string
  readonly keyId: string
  readonly officer: string
  readonly organisation: string
}

/** A group at rest. */
export interface GroupAtRest {
  /** Its digest in the body of the statement. */
  readonly commitment: string
  /** Ids of the officers for whom its key is wrapped. */
  readonly readers: readonly string[]
  /** Who read it before and does not any more. */
  readonly left?: readonly string[]
  readonly erased?: true
  /** For the officer who asks, where he reads it. */
  readonly sealed?: SealedGroup
}

/** The body of a message as it lies for officers. */
export interface AtRestView {
  readonly groups: Readonly<Record<string, GroupAtRest>>
  readonly salt: string
  readonly statement: GeneralJws
  /** Groups that no officer reads yet. */
  readonly waiting: Readonly<Record<string, string>>
  readonly withheld: Readonly<Record<string, string>>
}

/** A message opened for reading; the leaf of this opening is durable before it is returned. */
export interface MessageView extends MessageSummary {
  readonly signers: readonly Signer[]
  readonly groups: Readonly<Record<string, unknown>>
  readonly withheld: readonly string[]
  /** Groups that were destroyed here. */
  readonly erased?: readonly string[]
  /** Where its groups are at rest: `groups` is empty until an officer’s program has opened them. */
  readonly atRest?: AtRestView
  /** Which step of which referral it is, where its groups are at rest. */
  readonly facts?: Readonly<Record<string, unknown>>
  readonly relates: readonly { readonly digest: string; readonly relation: string }[]
  readonly dispatch?: string
  readonly receipt?: string
  /** In the order of the stages. */
  readonly receipts: readonly ReceiptView[]
  /** Of an opening against the usual rule: index of its leaf, and until when (seconds since 1970) another officer judges it. */
  readonly review?: { readonly index: number; readonly dueAt: number }
}

/** How far an attachment has come; nothing of its name or content. */
export interface AttachmentView {
  /** From 1, in the order of the statement. */
  readonly number: number
  /** Of the sealed file. */
  readonly digest: string
  readonly media: string
  readonly sizeBytes: number
  /** Of the sealed file, in bytes. */
  readonly length: number
  readonly state: 'waits' | 'unasked' | 'held' | 'whole' | 'unfit' | 'dropped'
  /** An officer asked for it before others. */
  readonly isFirst?: true
  /** Sealed bytes that are here. */
  readonly cameBytes: number
  /** At the speed that was measured last. */
  readonly secondsLeft?: number
  /** It waits for the next day. */
  readonly isOverBudget?: true
  /** Why it is not what its statement says. */
  readonly code?: string
}

/** Visits to the mailbox since the node started. */
export interface MailboxHealth extends MailboxVisit {
  /** Seconds since 1970: the newest visit that did what it came for, and the newest one that failed, with its code. */
  readonly visitedAt?: number
  readonly failedAt?: number
  readonly failure?: ErrorCode
}

/** An attachment that waits, with what its message says without being opened. */
export interface WaitingAttachment extends AttachmentView {
  /** Of the statement. */
  readonly message: string
  readonly kind: string
  readonly urgency: Urgency
}

/** What the line carried, and what waits to be fetched over it. */
export interface LineStatus {
  /** Bytes of this day (UTC), in both directions. */
  readonly bytesToday: number
  /** Beyond this attachments wait. */
  readonly bytesPerDay?: number
  /** What is left of them. */
  readonly bytesLeft?: number
  /** Of attachments, when that was measured last. */
  readonly bytesPerSecond?: number
  /** Attachments that are to be fetched, and their bytes; at most 1,000 are counted. */
  readonly attachmentsWaiting: number
  readonly attachmentBytesWaiting: number
  /** The same of those that an officer holds back, or did not ask for yet where that is needed. */
  readonly attachmentsHeld: number
  readonly attachmentBytesHeld: number
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
  /** Marked `test:data`, all of it. */
  readonly exercise?: true
  readonly state: Referral['state']
  readonly urgency?: string
  /** When the newest step that stands happened. */
  readonly updatedAt?: string
  /** Clocks and follow-ups whose day has passed. */
  readonly overdue: number
}

/** A step that is overdue; nothing of the person. */
export interface OverdueReferralStep extends OverdueStep {
  readonly reference: string
  readonly exercise?: true
}

/** What may be done next in a referral; codes and references only. */
export interface ReferralNext extends Pick<
  Referral,
  'reference' | 'exercise' | 'state' | 'urgency' | 'pending' | 'told'
> {
  readonly steps: readonly NextStep[]
}

/** One consent as it was recorded; of texts only that they are there. */
export interface ConsentView {
  readonly statement: string
  /** The agency that recorded it. */
  readonly agency: string
  readonly officer: string
  readonly scope: CodeOf<'consentScope'>
  readonly status: CodeOf<'consentStatus'>
  readonly recorded: string
  /** Absent where the file itself says it. */
  readonly reader?: CodeOf<'readerRole'>
  readonly fieldGroups?: readonly CodeOf<'fieldGroup'>[]
  readonly givenBy?: CodeOf<'consentGivenBy'>
  readonly medium?: CodeOf<'consentMedium'>
  readonly language?: string
  /** Digest of the text that was read out. */
  readonly notice?: string
  readonly expiresAt?: string
  readonly legalBasis?: CodeOf<'legalBasis'>
  readonly clinician?: string
  readonly secondOrganisation?: string
}

/** A desk of the other agency that was sent something of a referral, or for which something waits. */
export interface ReachedDesk {
  readonly desk: string
  readonly external: boolean
  readonly roles: readonly DeskRole[]
  /** Statements that it has, or may have. */
  readonly has: number
  readonly waits: number
}

/** What the person consented to in a referral, and whom a withdrawal concerns. */
export interface ConsentsView extends Pick<Referral, 'reference' | 'state'> {
  /** The oldest first. */
  readonly consents: readonly ConsentView[]
  readonly withdrawn: readonly WithdrawnDisclosure[]
  readonly desks: readonly ReachedDesk[]
  /** Clocks of what was done without her consent. */
  readonly reviews: Referral['deadlines']
  /** What waits and would not leave any more after the withdrawal that was asked about. */
  readonly stops: readonly { readonly digest: string; readonly desks: readonly string[] }[]
}

/** What an officer’s program needs to write the next statement of a referral. */
export interface ReferralPlaceView extends NextPlace {
  readonly agency: string
  /** The other agency. */
  readonly peer: string
  readonly reference: string
  /** Seconds since 1970. */
  readonly now: number
  /** Of the newest statement of the referral; absent before there is one. */
  readonly handling?: HandlingChoice
  /** Halves of joint acts that wait for the other. */
  readonly pending: Referral['pending']
}

/** What became of a file that a carrier brought. */
export interface TakenFile {
  readonly file: string
  /** `held`: kept until those before it are there. */
  readonly result: 'taken' | 'known' | 'held' | 'refused'
  readonly type?: CarriedType
  /** Of an envelope or receipt its place in the channel, of a document its version. */
  readonly order?: number
  readonly code?: ErrorCode
  /** Of one that is held: how many before it are not there. */
  readonly missing?: number
  /** Of an envelope that was taken: statements, those that were refused, and envelopes that waited for it. */
  readonly statements?: number
  readonly refused?: number
  readonly released?: number
}

/** A roster as a person looks at it. */
export interface RosterView {
  readonly agency: string
  readonly version: number
  readonly digest: string
  /** Seconds since 1970. */
  readonly expiresAt: number
  readonly desks: readonly {
    readonly id: string
    readonly keys: number
    readonly external: boolean
    readonly roles: readonly DeskRole[]
  }[]
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
