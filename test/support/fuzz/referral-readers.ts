/**
 * The readers of what people type of a referral: a reference that was said aloud, the list of a group.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#group-manifests
 */
import { readManifestLines, readSpokenReference } from '@amana/core'
import { ofText, ofValue, type Reader } from './reader.ts'

const REFERENCE = 'NE-ANLTP-26-7K3QX9M4-7'

/** Of the core. */
export function referralReaders(): readonly Reader[] {
  return [
    ofText('readSpokenReference', REFERENCE, readSpokenReference),
    ofValue('readManifestLines', [{ condition: 'fit', referral: REFERENCE }], (value) =>
      readManifestLines(Array.isArray(value) ? value : [value]),
    ),
  ]
}
