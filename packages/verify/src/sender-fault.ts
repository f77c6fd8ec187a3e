/**
 * Whether a statement that fails is proven against the agency that sent it: by what its own dispatch names, which nobody
 * else can change, and never by a document, a receipt or a cosignature that somebody left out of the file.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#proof-against-a-sender
 */
import {
  createTrustView,
  type Context,
  isAmanaError,
  isAnyAmanaError,
  type ReceiptContent,
  type TrustView,
  type UnverifiedStatement,
  type VerifiedRoster,
  verifyStatement,
} from '@amana/core'

/** Trust documents that verified. */
export interface KnownDocuments {
  readonly trust: TrustView
  readonly rosters: readonly VerifiedRoster[]
}

/** A dispatch that binds the statement with these signatures, under its sender's signature. */
export interface BindingDispatch {
  readonly digest: string
  readonly content: { readonly context: Context; readonly from: { readonly agency: string } }
}

/**
 * Fails by the charter and the rosters that the dispatch itself names, and up to them, whatever was revoked since: and the
 * receiver took it in. What he refused, or has not answered yet, an honest sender may have queued before he knew better.
 */
export async function isSendersFault(
  statement: UnverifiedStatement,
  { content, digest }: BindingDispatch,
  known: KnownDocuments & { readonly receipts: Iterable<ReceiptContent> },
): Promise<boolean> {
  const isTaken = [...known.receipts].some(
    ({ dispatch, results }) =>
      dispatch === digest &&
      results.some(
        ({ result, statement: of }) =>
          of === statement.digest && (result === 'opened' || result === 'stored'),
      ),
  )
  const view = isTaken ? viewUpTo(content.context, known) : undefined
  if (view === undefined) return false
  try {
    await verifyStatement(statement, view, (agency, keyId, at) =>
      view.officerEntry(agency, keyId, at),
    )
    return false
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return !isAmanaError(error, 'WIRE_TRUST_CONTEXT')
  }
}

/** The documents of a context and those before them; nothing where one of them is not there. */
function viewUpTo(context: Context, { rosters, trust }: KnownDocuments): TrustView | undefined {
  const at = trust.charters.findIndex(({ digest }) => digest === context.charter)
  const charters = trust.charters.slice(0, at + 1)
  const charter = charters.at(-1)
  const named = Object.values(context.rosters).map((digest) =>
    rosters.find((roster) => roster.digest === digest),
  )
  if (charter === undefined || named.includes(undefined)) return undefined
  const starts = new Set<string | undefined>(
    charters.flatMap(({ payload }) =>
      Object.values(payload.agencies).map(({ roster }) => roster.digest),
    ),
  )
  const kept = rosters.filter(({ agency, chainStart, version }) => {
    const newest = named.find((roster) => roster?.agency === agency)
    if (newest === undefined) return false
    return chainStart === newest.chainStart ? version <= newest.version : starts.has(chainStart)
  })
  try {
    return createTrustView({ charter, earlier: charters.slice(0, -1), rosters: kept })
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return undefined
  }
}
