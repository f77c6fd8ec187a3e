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
  readContent,
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

const GroupsSchema = z.record(z.string(), z.unknown())
const STATEMENT = { digest: '', iat: 0, kind: 'referral.event/1', relates: [], signers: [] }

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
    ofValue('readContent', { ...BODIES['referral.event/1'] }, (groups) => {
      const { data } = GroupsSchema.safeParse(groups)
      return data && readContent({ ...STATEMENT, groups: data })
    }),
    ofValue('readManifestLines', [{ condition: 'fit', referral: REFERENCE }], (value) =>
      readManifestLines(Array.isArray(value) ? value : [value]),
    ),
  ]
}
