/**
 * Code lists and interface texts of Amana, in English and French.
 *
 * @module
 */
export { CATALOGUES, type Language } from './catalogues.ts'
export { codeLabel } from './labels.ts'
