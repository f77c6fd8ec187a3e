/**
 * Code lists and interface texts of Amana, in English and French.
 *
 * @module
 */
export { CATALOGUES, type Language } from './catalogues.ts'
export { codeLabel, fieldLabel } from './labels.ts'
export {
  LAW,
  LAW_VERSION,
  type LawAnswer,
  type LawEntry,
  lawOn,
  type LawQuestion,
  type LawSubject,
  mayRestOn,
} from './law.ts'
export {
  type KeptGroup,
  RETENTION,
  RETENTION_VERSION,
  type RetentionClass,
  retentionClassesOf,
} from './retention.ts'
