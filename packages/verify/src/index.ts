/**
 * Offline verification of Amana messages, evidence bundles and audit logs. No network, no key of anyone.
 *
 * @module
 */
export { type ProvenCheckpoint } from './bundle-log.ts'
export { type WitnessedCheckpoint } from './check-references.ts'
export { type Disclosed, type GroupExtent, type HandedOver } from './disclosed.ts'
export { type AnchorCheck, checkAnchor } from './check-anchor.ts'
export { type Answer, type ExchangeFact } from './exchange-facts.ts'
export {
  type Finding,
  type FindingCode,
  type FindingLevel,
  type Severity,
  type Verdict,
  verdictOf,
} from './findings.ts'
export { inspectFile, type InspectedFile } from './inspect-file.ts'
export { inspect, type InspectResult } from './inspect.ts'
export {
  type InspectKind,
  type InspectMember,
  type MeaningKey,
  type Visibility,
} from './inspect-members.ts'
export { secondsOf } from './instant.ts'
export {
  type AgencyKeys,
  type HeldKey,
  type HeldKeyRevocation,
  type HeldKeyUse,
  type KeyHolder,
  type KeysOfDay,
  type RosterOfDay,
} from './key-holders.ts'
export { type ParsedPolicy, readPolicy } from './policy.ts'
export { type VerifiedPresentation, verifyPresentation } from './presentation.ts'
export {
  findingText,
  actionText,
  type LogSummary,
  type MonthRow,
  renderReport,
  type Report,
  type TimelineRow,
  type Totals,
} from './report.ts'
export { hasWarning, reportFile } from './report-file.ts'
export { reconcile, type Reconciliation } from './reconcile.ts'
export { renderCsv } from './render-csv.ts'
export { inspectHeading, memberLines, renderInspect } from './render-inspect.ts'
export { renderText } from './render-text.ts'
export { TEXT_COLUMNS, wrapText } from './text-lines.ts'
export { type BundleVerification, type VerifiedLog, verifyBundle } from './verify-bundle.ts'
export { type MessageVerification, verifyMessageFile } from './verify-message.ts'
export { type FileHandle, openFiles, type OpenFiles } from './open-files.ts'
export { type FileSource, type NamedFile, type StreamedFile } from './source.ts'
export { verifyFiles, type VerifyOptions } from './verify-files.ts'
