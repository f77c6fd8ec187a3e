/**
 * The next charter as far as it is signed here: where it lies, and whether the own agency signed it.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import {
  type GeneralJws,
  hasLapsed,
  type NextTally,
  tallyNextCharter,
  type VerifiedCharter,
} from '@amana/core'
import { type Standing, versionOf } from './standing.ts'
import { jwsAt } from './trust-documents.ts'

/** Where signatures under the next charter are collected. */
export const NEXT_PATH = 'next'

/** The draft that bears a signature of the own agency, as long as it has not lapsed. */
export async function draftSignedHere({
  agency,
  chartered,
  documents,
  now,
}: Standing): Promise<NextTally | undefined> {
  const jws = jwsAt(documents, NEXT_PATH)
  const draft = jws === undefined ? undefined : await nextTally(jws, chartered.charter)
  if (draft === undefined || hasLapsed(draft.charter, now)) return undefined
  return (draft.before[agency] ?? 0) > 0 ? draft : undefined
}

/** A draft that still follows the charter in force. */
export async function nextTally(
  jws: GeneralJws,
  previous: VerifiedCharter,
): Promise<NextTally | undefined> {
  if (versionOf(jws) !== previous.version + 1) return undefined
  return tallyNextCharter(jws, previous)
}
