/**
 * The shape of one row of the error table.
 *
 * @module
 * @spec docs/spec/errors.md
 */

/** What a peer is told of a refusal: the class, never the code (docs/spec/04). */
export type RefusalClass = 'malformed' | 'trust' | 'order' | 'content' | 'policy' | 'size'

/** One row: what the caller may do about a code, and what it says in English and French. */
export interface ErrorRow<D> {
  /** What the caller may do: nothing, send the same again later, or change it first. */
  readonly retry: 'never' | 'later' | 'after-change'
  /** Status of the local HTTP API's answer. */
  readonly http: number
  /** Exit status of the command line (docs/spec/errors.md). */
  readonly exit: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
  /** Only for codes that a receiver may answer with: what the peer is told. */
  readonly refusal?: RefusalClass
  /** What happened and where, in lower case without a full stop. */
  readonly en: (details: D) => string
  readonly fr: (details: D) => string
  /** What to do now, in lower case without a full stop. */
  readonly hintEn: string
  readonly hintFr: string
}

/** Declares a row; `D` is what the code carries: facts only, never a name, a note or key material. */
export function row<D>(spec: ErrorRow<D>): ErrorRow<D> {
  return spec
}
