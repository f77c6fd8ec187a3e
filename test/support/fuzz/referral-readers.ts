/**
 * The readers of what people type of a referral, a reference that was said aloud and the list of a group, and of the
 * receipts of officers.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#group-manifests
 */
import {
  digest,
  parseMessage,
  readManifestLines,
  readSpokenReference,
  RelatesSchema,
  stageReceiptOf,
} from '@amana/core'
import { z } from 'zod'
import { BODIES } from '../message-bodies.ts'
import { ofText, ofValue, type Reader } from './reader.ts'

const REFERENCE = 'NE-ANLTP-26-7K3QX9M4-7'

const RECEIPT = {
  body: BODIES['receipt.acted/1']['body'],
  relates: [{ digest: digest('message'), relation: 'answers' }],
}
const ClaimSchema = z.object({ body: z.unknown(), relates: RelatesSchema })

function readStageReceipt(value: unknown): unknown {
  const { data } = ClaimSchema.safeParse(value)
  if (data === undefined) return undefined
  const message = parseMessage('receipt.acted/1', { body: data.body })
  return stageReceiptOf({ relates: data.relates }, message)
}

/** Of the core. */
export function referralReaders(): readonly Reader[] {
  return [
    ofText('readSpokenReference', REFERENCE, readSpokenReference),
    ofValue('stageReceiptOf', RECEIPT, readStageReceipt),
    ofValue('readManifestLines', [{ condition: 'fit', referral: REFERENCE }], (value) =>
      readManifestLines(Array.isArray(value) ? value : [value]),
    ),
  ]
}
