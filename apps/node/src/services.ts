/**
 * What a node does for the people who use it: the one interface behind the command line, whether it opens the folder
 * itself or talks to the running node through `control.sock`.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import {
  type Charter,
  type CharterEntry,
  type Digest,
  type ErrorCode,
  type GeneralJws,
  type GroupName,
  type GroupReader,
  type GroupWrap,
  type HandOverCheck,
  type HandOverPlace,
  type HpkeJwk,
  type OverdueRow,
  type Referral,
  type ReferralStep,
  type REVIEW_RESULTS,
  type RosterNode,
  type Underway,
  type X25519Jwk,
} from '@amana/core'
import { type CarriedType } from './ports.ts'
import { type CorrectionView } from './rights/corrections.ts'
import { type DueGroups } from './rights/due.ts'
import { type Hold } from './rights/holds.ts'
import { type OrderView } from './rights/orders.ts'
import { type RequestView } from './rights/requests.ts'
import { type ServiceName, type ServiceInput } from './service-inputs.ts'
import {
  type AttachmentView,
  type WaitingAttachment,
  type EpochView,
  type NodeStatus,
  type SigningContext,
  type MessageSummary,
  type MessageView,
  type StageView,
  type LeafView,
  type AccessReport,
  type ConsentsView,
  type OverdueReferralStep,
  type ReferralNext,
  type ReferralPlaceView,
  type ReferralSummary,
  type RosterView,
  type TakenFile,
  type KeyView,
  type ComparisonView,
  type CharterProgress,
} from './service-views.ts'
import { type ConflictState } from './witness/conflict-book.ts'

/** Result of each method, by name. */
export interface ServiceResults {
  status: NodeStatus
  context: SigningContext
  challenge: { readonly agency: string; readonly challenge: string }
  submit: {
    readonly digest: string
    readonly queued: boolean
    /** Of a statement of a referral: what it does there. */
    readonly step?: ReferralStep
  }
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
  stages: {
    readonly digest: string
    readonly kind: string
    readonly peer: string
    /** In which it took its place here; absent where this agency did not receive it. */
    readonly dispatch?: string
    readonly stages: readonly StageView[]
    readonly testData: boolean
  }
  presentation: { readonly presentation: string }
  exportEnvelope: { readonly file: string; readonly digest: string; readonly statements: number }
  exportMessage: { readonly file: string; readonly digest: string; readonly sizeBytes: number }
  attachments: { readonly digest: string; readonly attachments: readonly AttachmentView[] }
  /** In the order in which they are fetched, those on hold last. */
  waitingAttachments: { readonly attachments: readonly WaitingAttachment[] }
  chooseAttachment: { readonly digest: string; readonly attachment: AttachmentView }
  saveAttachment: { readonly file: string; readonly digest: string; readonly sizeBytes: number }
  grantable: {
    readonly reader: GroupReader
    /** Groups that he may read and cannot, with the wraps of the officer who asks. */
    readonly groups: readonly (GroupName & { readonly wraps: readonly GroupWrap[] })[]
    /** Where to go on; absent where there are no more. */
    readonly next?: string
  }
  grant: { readonly granted: number }
  /** Groups of a message that are here, erased or not. */
  erasable: {
    readonly digest: string
    readonly erased: readonly string[]
    readonly groups: readonly string[]
    /** Whether officers of this agency signed it. */
    readonly isOwn: boolean
    /** Of an exercise. */
    readonly isTest: boolean
    readonly peer: string
    /** The referral that it is about. */
    readonly referral?: string
  }
  erasures: readonly OrderView[]
  erasure: OrderView
  erase: { readonly erased: number; readonly order: OrderView }
  holds: readonly Hold[]
  /** How many were not held before, of all that the hold names. */
  hold: { readonly held: number; readonly statements: readonly string[] }
  unhold: { readonly lifted: number }
  requests: readonly RequestView[]
  corrections: readonly CorrectionView[]
  copied: { readonly digest: string }
  retention: { readonly due: readonly DueGroups[] }
  /** Groups, and what is due and waits for the next step. */
  retain: { readonly erased: number; readonly left: number }
  referrals: readonly ReferralSummary[]
  referral: Referral
  underway: readonly Underway[]
  overdueSteps: readonly OverdueReferralStep[]
  statistics: readonly OverdueRow[]
  referralNext: ReferralNext
  referralPlace: ReferralPlaceView
  consents: ConsentsView
  knownReferrals: { readonly references: readonly string[] }
  handOver: {
    readonly agency: string
    readonly check?: HandOverCheck
    /** Whether this half is here, and the offer that it answers. */
    readonly isKnown?: boolean
    readonly isOfferKnown?: boolean
    readonly organisation?: string
    /** Of the referral: the last statement of each agency, no content. */
    readonly places?: Readonly<Record<string, HandOverPlace>>
    readonly exercise?: boolean
  }
  referralFile: { readonly file?: string }
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
  /** How many of its nodes were paused. */
  resumePeer: { readonly agency: string; readonly resumed: number }
  countQueue: {
    readonly documents: number
    readonly receipts: number
    readonly envelopes: number
    /** Statements that wait for a dispatch. */
    readonly queued: number
    /** Parts of attachments, and about how many bytes their files have. */
    readonly ranges: number
    readonly rangeBytes: number
  }
  exportQueue: {
    readonly files: readonly {
      readonly digest: string
      readonly type: CarriedType
      readonly order: number
      readonly sizeBytes: number
    }[]
    /** Absent after the last file. */
    readonly next?: { readonly type: CarriedType; readonly after: number }
    /** Why something that waits cannot be sealed now. */
    readonly problem?: ErrorCode
  }
  inspectDeposits: {
    /** The place of the peer's channel that is taken next. */
    readonly next: number
    readonly files: readonly {
      readonly file: string
      readonly digest?: string
      readonly type?: CarriedType
      readonly order?: number
      readonly isVoid?: true
      readonly code?: ErrorCode
    }[]
  }
  importDeposits: { readonly files: readonly TakenFile[] }
  exportBundle: { readonly file: string; readonly leaves: number; readonly sizeBytes: number }
  exportTiles: { readonly folder: string; readonly size: number }
  auditList: {
    readonly leaves: readonly LeafView[]
    /** Whether the log was not read down to its beginning; then `next` is where to go on, as `before`. */
    readonly more: boolean
    readonly next?: number
  }
  auditAccess: AccessReport
  auditProve: { readonly file: string; readonly index: number; readonly size: number }
  auditReview: { readonly index: number; readonly result: (typeof REVIEW_RESULTS)[number] }
  exportPolicy: { readonly file: string; readonly digits: string }
  auditVerify: { readonly size: number; readonly root: string; readonly cosignedSize: number }
  /** The newest head of the peer's log that was cosigned here. */
  cosignedHead: { readonly log: string; readonly size: number; readonly note: string }
  checkEpoch: EpochView
  acceptEpoch: EpochView
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
