/**
 * Amana's core: everything that decides trust. No I/O, no clock, no randomness of its own.
 *
 * @module
 */
export { actorOf } from './audit/actor.ts'
export {
  addCosignatures,
  type CheckpointPolicy,
  CheckpointVerifier,
  type Cosignature,
  cosignCheckpoint,
  signCheckpoint,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  type Witness,
} from './audit/checkpoint.ts'
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './audit/checkpoint-text.ts'
export { clockBucket } from './audit/clock-offset.ts'
export {
  type ConflictEvidence,
  encodeConflictEvidence,
  parseConflictEvidence,
} from './audit/conflict-evidence.ts'
export {
  type ClassHead,
  createCursor,
  decodeCursor,
  encodeCursor,
  followClasses,
  followLeaf,
  type LogCursor,
  nextLeaves,
  type NextLeaves,
  type PlacedLeaf,
  sealLog,
  skipSubtree,
} from './audit/cursor.ts'
export {
  ACTS,
  LEAF_CLASSES,
  type LeafClass,
  PURPOSES,
  REVIEW_RESULTS,
} from './audit/event-members.ts'
export { EVENT_DISCLOSURES, type EventName } from './audit/events.ts'
export { COUNT_BUCKETS } from './audit/events-access.ts'
export { EPOCH_REASONS } from './audit/events-governance.ts'
export { CLOCK_BUCKETS } from './audit/events-witness.ts'
export { buildLeaf, type Leaf, type LeafPlace, type NewEvent, parseLeaf } from './audit/leaf.ts'
export {
  decoyDigest,
  discloseField,
  type LeafDisclosure,
  type LeafField,
  readDisclosure,
} from './audit/leaf-disclosure.ts'
export {
  appendLeafHash,
  appendSubtree,
  type CompactRange,
  EMPTY_RANGE,
  leafHash,
  nodeHash,
  rootOf,
  type TreeNode,
} from './audit/merkle.ts'
export { formatLogProof, type LogProof, parseLogProof, verifyLogProof } from './audit/log-proof.ts'
export {
  formatNote,
  formatSignatureLines,
  type Note,
  type NoteSignature,
  parseNote,
} from './audit/note.ts'
export {
  createNoteKey,
  createNoteSigner,
  formatVkey,
  type NoteKey,
  type NoteKeyType,
  type NoteSigner,
  parseVkey,
} from './audit/note-key.ts'
export {
  type ConsistencyClaim,
  consistencyProof,
  type InclusionClaim,
  inclusionProof,
  loadRange,
  type NodeReader,
  verifyConsistency,
  verifyInclusion,
} from './audit/proofs.ts'
export { exportTiles, type TileFile, tilePath, type TileSource } from './audit/tiles.ts'
export {
  decideWitness,
  formatWitnessAnswer,
  formatWitnessRequest,
  parseWitnessAnswer,
  parseWitnessRequest,
  type WitnessAnswer,
  type WitnessDecision,
  type WitnessedLog,
  type WitnessRequest,
} from './audit/witness.ts'
export {
  countersignLogEpoch,
  type LogEpoch,
  parseLogEpoch,
  type ParsedEpoch,
  type PreviousLog,
  signLogEpoch,
  verifyLogEpoch,
} from './bundle/log-epoch.ts'
export {
  type Anchor,
  anchorDigits,
  type AnchoredHead,
  formatAnchor,
  parseAnchor,
} from './bundle/anchor.ts'
export { type MessageFile, readMessageFile, writeMessageFile } from './bundle/message-file.ts'
export {
  MESSAGE_EVIDENCE,
  type MessageEvidence,
  type MessageHeader,
  type MessageRecord,
} from './bundle/message-records.ts'
export { GrowingTree } from './audit/growing-tree.ts'
export { LogFollower } from './audit/log-follower.ts'
export { type BundleLine } from './bundle/block.ts'
export { splitLines } from './bundle/lines.ts'
export { readBundle, readBundleLines, readEvidenceLine } from './bundle/reader.ts'
export {
  type BundleCounts,
  type BundleHeader,
  type BundleRecord,
  type EvidenceRecord,
  type TreeRecord,
} from './bundle/records.ts'
export {
  type ActClaim,
  parseAct,
  requestDigest,
  signAct,
  type VerifiedAct,
  verifyAct,
} from './bundle/signed-act.ts'
export {
  type DisclosureContent,
  parseDisclosure,
  signDisclosure,
  type UnverifiedDisclosure,
  type VerifiedDisclosure,
  verifyDisclosure,
} from './bundle/signed-disclosure.ts'
export { treeRecords, type TreeView } from './bundle/tree-records.ts'
export { type BundleParts, writeBundle } from './bundle/writer.ts'
export {
  AmanaError,
  ERRORS,
  exitStatusOf,
  isAmanaError,
  isErrorCode,
  reviveError,
  type ErrorCode,
  type ErrorDetails,
} from './errors.ts'
export { concatBytes, encodeUint64, equalBytes } from './bytes/concat.ts'
export { decodeBase64, decodeBase64url, encodeBase64, encodeBase64url } from './bytes/base64.ts'
export {
  canonicalize,
  encodeCanonical,
  parseCanonical,
  parseCanonicalText,
  textNestsWithin,
  type Json,
} from './bytes/jcs.ts'
export { decodeUtf8, encodeUtf8 } from './bytes/utf8.ts'
export { aesGcmOpen, aesGcmSeal, createXaes } from './crypto/aead.ts'
export {
  constantTimeEqual,
  createSha256,
  digest,
  DigestSchema,
  hkdfSha256,
  hmacSha256,
  sha256,
  sha512,
  type Clock,
  type Digest,
  type Random,
} from './crypto/digest.ts'
export { type AeadInput, type Sha256Stream } from './crypto/engine.ts'
export { hpkeOpenKey, hpkeSealKey, type WrappedKey } from './crypto/hpke.ts'
export {
  admitKey,
  Ed25519JwkSchema,
  generateKey,
  HpkeJwkSchema,
  KeyIdSchema,
  MlDsaJwkSchema,
  privateKeyFromSeed,
  PublicJwkSchema,
  publicKeyText,
  rawPublicKey,
  requireAlgorithm,
  signRaw,
  thumbprint,
  verifyRaw,
  type AdmittedKey,
  type Algorithm,
  type Ed25519Jwk,
  type HpkeJwk,
  type JwkOf,
  type KeyId,
  type MlDsaJwk,
  type OpeningKey,
  type PrivateKey,
  type PublicJwk,
  type SigningKey,
  type X25519Jwk,
} from './crypto/jwk.ts'
export {
  GeneralJwsSchema,
  parseJws,
  pathOf,
  signJws,
  verifyJwsSignature,
  type Act,
  type GeneralJws,
  type JwsExpectation,
  type JwsSigner,
  type UnverifiedJws,
  type UnverifiedSignature,
} from './crypto/jws.ts'
export { keysOfSuite, type SealKeys, type Suite, SuiteSchema } from './crypto/suites.ts'
export { KeystoreSchema, openKeystore, sealKeystore, type Keystore } from './crypto/keystore.ts'
export {
  isSealedLength,
  plainLength,
  SEALED_CHUNK_BYTES,
  sealedLength,
} from './attachment/chunks.ts'
export { AttachmentOpener, type OpenedChunk } from './attachment/opener.ts'
export {
  assertRange,
  type AttachmentRange,
  encodeRange,
  parseRange,
  RANGE_BYTES,
  rangeCount,
  rangeSpan,
} from './attachment/range.ts'
export { AttachmentSealer, type SealedFacts } from './attachment/sealer.ts'
export { ATTACHMENT_LIMITS } from './limits/attachment.ts'
export {
  type Attachment,
  AttachmentSchema,
  ATTACHING,
  attachmentsOf,
  AttachmentsSchema,
  FileNameSchema,
} from './messages/attachments.ts'
export { MESSAGE_LIMITS, RIGHTS_TERMS_HOURS } from './limits/messages.ts'
export { AUDIT_LIMITS } from './limits/audit.ts'
export { TRUST_LIMITS } from './limits/trust.ts'
export { WIRE_LIMITS } from './limits/wire.ts'
export { CODE_LISTS, type CodeListName, type CodeOf } from './messages/code-lists.ts'
export {
  assertHandling,
  assertHandlingChoice,
  assertRestriction,
  expectedRetainUntil,
  type Handling,
  type HandlingChoice,
  HandlingSchema,
} from './messages/handling.ts'
export { draftJsonSchema, messageJsonSchema } from './messages/json-schema.ts'
export {
  type Area,
  type Desk,
  assertDeskUnlocked,
  assertReaderNamed,
  deskGroups,
  groupNames,
  isKind,
  type Kind,
  type KindDefinition,
  kindDefinition,
  KINDS,
} from './messages/kinds.ts'
export {
  type Draft,
  DraftSchema,
  type Message,
  parseDraft,
  parseMessage,
  parseOpenedGroups,
  RelatesSchema,
  type Relation,
} from './messages/message.ts'
export { matrixColumn, mayReadOf, subjectReads } from './messages/officer-matrix.ts'
export { type ReferralPlace } from './messages/referral-place.ts'
export { type Manifest, ManifestSchema } from './messages/manifest.ts'
export {
  makeReferralReference,
  readSpokenReference,
  type ReferenceFault,
  type ReferencePrefix,
  referenceCheckCharacter,
  ReferralReferenceSchema,
  spokenReferenceFault,
} from './messages/referral-reference.ts'
export { type ReferralEvent, type ReferralEventName } from './messages/referral-event.ts'
export { type ClockName, type Deadline, type Escalation } from './referral/clocks.ts'
export { deriveFacts, hasFacts } from './referral/derived-facts.ts'
export { type OpenGate } from './referral/gates.ts'
export {
  compareManifests,
  type ManifestComparison,
  type ManifestFinding,
  type ManifestLine,
  type ManifestReading,
  readManifestLines,
} from './referral/manifest.ts'
export {
  type Asker,
  type NextPlace,
  nextPlaceOf,
  type NextStep,
  nextSteps,
} from './referral/next-steps.ts'
export {
  overdueIn,
  type OverdueRow,
  type OverdueStep,
  overdueSteps,
  type ReferralClocks,
  type ShownCount,
} from './referral/overdue.ts'
export {
  type CustodyLeg,
  type Emergency,
  type Heard,
  type ReferralTask,
  type ToldAct,
  type Waiver,
} from './referral/progress.ts'
export {
  type Gate,
  HARD_GATES,
  REFERRAL_REASONS,
  type ReferralReason,
  SOFT_GATES,
  type SoftGate,
  STEP_WARNINGS,
  type StepWarning,
} from './referral/reasons.ts'
export {
  computeReferral,
  judgeStep,
  type PendingProposal,
  type Referral,
  type ReferralStep,
} from './referral/referral.ts'
export {
  readContent,
  referralReferenceOf,
  type ReferralSigner,
  type ReferralStatement,
} from './referral/statement.ts'
export { canBeLocked, type Leaving, type LockReason, releaseLock } from './referral/release-lock.ts'
export { type AnyState, type ReferralState } from './referral/table.ts'
export { type Underway, underway } from './referral/underway.ts'
export { stoppedGroups, type WithdrawnDisclosure } from './messages/stopped-groups.ts'
export { takesConsentBack, withdrawnDisclosures } from './referral/withdrawn-disclosure.ts'
export {
  type AnsweredDelivery,
  answerOf,
  assertAnswer,
  type CheckedAnswer,
} from './envelope/answer.ts'
export {
  MOST_GAPS,
  MOST_PIECES,
  parsePieces,
  type PiecesContent,
  signPieces,
  verifyPieces,
} from './envelope/pieces.ts'
export {
  assertStage,
  hasStages,
  type StagedMessage,
  type StageReceipt,
  stageReceiptOf,
} from './envelope/stage.ts'
export { channelGenesis, type ChannelHead, channelName } from './envelope/channel.ts'
export {
  openDeposit,
  parseDeposit,
  sealDeposit,
  type UnverifiedDeposit,
} from './envelope/deposit.ts'
export { type Disclosure, discloseGroup, type FieldPath } from './envelope/disclosures.ts'
export {
  type DispatchContent,
  parseDispatch,
  type UnverifiedDispatch,
  verifyDispatch,
} from './envelope/dispatch.ts'
export {
  assertEnvelopeMatches,
  buildEnvelope,
  type BuiltEnvelope,
  buildVoidEnvelope,
  type EnvelopeParts,
  parseEnvelope,
  type UnverifiedEnvelope,
} from './envelope/envelope.ts'
export {
  type Greeting,
  type HeadsContent,
  parseHeads,
  signHeads,
  type UnverifiedHeads,
  verifyHeads,
} from './envelope/heads.ts'
export { type NodeAddress, verifyNodeSignature } from './envelope/node-signature.ts'
export { type OpenedAtDesk, openAtDesk } from './envelope/open-at-desk.ts'
export {
  namedRoster,
  openEnvelope,
  type OpenedStatement,
  type ReceivedEnvelope,
  type Receiver,
  type RefusedStatement,
  type StatementOutcome,
} from './envelope/open.ts'
export { type Preview, previewFor, READER_PRESETS } from './messages/preview.ts'
export {
  type GroupName,
  type GroupReader,
  type GroupWrap,
  GroupWrapSchema,
  openGroup,
  type OpenGroup,
  rewrapGroup,
  type SealedGroup,
  SealedGroupSchema,
  sealGroup,
} from './envelope/at-rest.ts'
export {
  mayReadGroup,
  type OfficerReader,
  officerReaders,
  type ReadGroup,
} from './envelope/group-readers.ts'
export {
  assertAnswersOffer,
  assertMayAnswer,
  compareHandOver,
  encodeAnswer,
  encodeOffer,
  type HandOverAnswer,
  type HandOverCheck,
  type HandOverDifference,
  type HandOverOffer,
  type HandOverPlace,
  HANDOVER_RECEIPT,
  parseHandOver,
  type UnverifiedHalf,
  verifyHandOver,
} from './envelope/hand-over.ts'
export { joinHandOver, splitHandOver } from './envelope/hand-over-parts.ts'
export {
  groupsSentTo,
  openedGroupsDigest,
  openedValues,
  type Opening,
  openingForDesk,
  OpeningSchema,
  parseOpening,
  rebuildOpening,
} from './envelope/opening.ts'
export {
  buildPresentation,
  parsePresentation,
  type UnverifiedPresentation,
} from './envelope/presentation.ts'
export {
  parseReceipt,
  type ReceiptContent,
  type ReceiptResult,
  refusalClassOf,
  signReceipt,
  type UnverifiedReceipt,
  assertReceiptArrives,
  verifyReceipt,
} from './envelope/receipt.ts'
export { parseSeal, type UnverifiedSeal } from './envelope/seal.ts'
export {
  viewOfContext,
  type OfficerLookup,
  type VerifiedSigner,
  type VerifiedStatement,
  verifyStatement,
} from './envelope/statement-rules.ts'
export {
  approveStatement,
  assertOpens,
  type Context,
  type OfficerSigner,
  parseStatement,
  signaturesDigest,
  type SignedStatement,
  signStatement,
  type StatementContent,
  type StatementDraft,
  type UnverifiedStatement,
} from './envelope/statement.ts'
export { parseVoid, signVoid, type UnverifiedVoid } from './envelope/void.ts'
export { isAnyAmanaError } from './errors.ts'
export { depositKeyIn, lastDepositKeyIn } from './trust/deposit-key.ts'
export {
  buildFirstRoster,
  buildNextRoster,
  createRosterNode,
  createRosterOfficer,
  type NodeParts,
  type OfficerParts,
  type RosterLists,
  RosterListsSchema,
} from './trust/build-roster.ts'
export {
  type CharterChange,
  changesOf,
  buildNextCharter,
  type NextCharterParts,
} from './trust/build-charter.ts'
export {
  documentDigest,
  generateRootPair,
  mergeCharterSignatures,
  type RootPair,
  signCharter,
} from './trust/charter-signatures.ts'
export {
  DESK_ANSWER,
  isStageKind,
  kindRule,
  LATER_VERSIONS,
  OPENED_WITH,
  type Stage,
  STAGE_KINDS,
} from './trust/charter-rules.ts'
export { type CaseWord, caseWords } from './messages/case-words.ts'
export { freeTextsOf } from './messages/free-texts.ts'
export { releaseFindings } from './messages/release-findings.ts'
export { type Finding } from './messages/text-scan.ts'
export {
  type Charter,
  type CharterEntry,
  CharterEntrySchema,
  CharterSchema,
} from './trust/charter.ts'
export {
  AgencyIdSchema,
  areaOfKind,
  DESK_ROLES,
  type DeskRole,
  LocalIdSchema,
  RoleSchema,
  roleAllows,
} from './trust/identifiers.ts'
export {
  createCharterEntry,
  createInvite,
  type VerifiedInvite,
  verifyInvite,
} from './trust/invite.ts'
export {
  expiriesOf,
  type Expiry,
  type ExpiryLevel,
  isWeekly,
  keyExpiryLevel,
  openingNeededUntil,
  rosterExpiryLevel,
} from './trust/key-life.ts'
export { deriveCharter, hasLapsed } from './trust/pairing.ts'
export { peerIdOfKey } from './trust/peer-id.ts'
export { formatPolicy, parsePolicy, type Policy } from './trust/policy.ts'
export { type Cover, judgeRevocation } from './trust/revocation.ts'
export {
  type RosterDifference,
  rosterDifferences,
  type RosterList,
} from './trust/roster-changes.ts'
export {
  type Revocation,
  type Roster,
  type RosterNode,
  type RosterOfficer,
  deskIn,
  ownDesk,
  type ReadingDesk,
} from './trust/roster.ts'
export {
  assertSafetyNumber,
  charterSafetyNumber,
  inviteDigits,
  policySafetyNumber,
} from './trust/safety-number.ts'
export {
  createTrustView,
  deskKeysIn,
  type NodeKey,
  type OfficerIdentity,
  type OfficerKey,
  type TrustView,
} from './trust/trust-view.ts'
export {
  type CharterTally,
  type NextTally,
  type RecoveryCharter,
  tallyCharter,
  tallyNextCharter,
  type VerifiedCharter,
  verifyFirstCharter,
  verifyNextCharter,
  verifyRecovery,
} from './trust/verified-charter.ts'
export { signRoster, type VerifiedRoster, verifyRoster } from './trust/verified-roster.ts'
