/**
 * What a log signed, as far as a bundle shows it. The leaves of a file are nobody's signature: only under a signed head
 * whose root they give are they the log's own word.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#findings
 */

/** A log as a bundle shows it. */
export interface ShownHistory {
  /** Signed heads whose roots came out of the leaves. */
  readonly proven: readonly { readonly size: number }[]
  /** Roots that the leaves give, in base64url by size. */
  readonly roots: ReadonlyMap<number, string>
  readonly isWhole: { readonly witness: boolean }
}

/** Whether a signed head of at least this size covers what is shown. */
export function isSignedUpTo({ proven }: ShownHistory, size: number): boolean {
  return proven.some((head) => head.size >= size)
}

/**
 * Whether the log signed leaves that do not lead to this head. Every head that leaves a node ends with a seal; where all
 * seals are shown and none is there, it is of another history.
 */
export function signsOtherwise(
  log: ShownHistory,
  { root, size }: { readonly root: string; readonly size: number },
): boolean {
  if (!isSignedUpTo(log, size)) return false
  const shown = log.roots.get(size)
  return shown === undefined ? log.isWhole.witness : shown !== root
}
