/**
 * Readers of what is carried about as a file of its own: anchors, evidence of two histories, and envelopes for a partner desk.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import {
  countersignLogEpoch,
  encodeConflictEvidence,
  formatAnchor,
  openAtDesk,
  parseAnchor,
  parseConflictEvidence,
  parseLogEpoch,
  signLogEpoch,
  verifyLogEpoch,
} from '@amana/core'
import { NOW } from '../agencies.ts'
import { craft } from '../crafted-envelope.ts'
import { makeWorld, statementOf } from '../envelope-fixture.ts'
import { epochKeys, epochSigners, madeEpoch } from '../made-epoch.ts'
import { SHELTER, withPartnerDesk } from '../partner-desk.ts'
import { type CoreSamples, openSealedFile, sealedFile } from './core-samples.ts'
import { ofBytes, ofText, ofValue, type Reader } from './reader.ts'

/** With something that each of them accepts. */
export async function evidenceReaders({ exchange, note }: CoreSamples): Promise<readonly Reader[]> {
  const heads = ['ne.anltp-tim', 'ng.naptip'].map((agency, index) => ({
    origin: `${agency}/amana/audit/1`,
    size: 32 + index,
    root: new Uint8Array(32).fill(index),
  }))
  const [ours, theirs] = heads
  if (ours === undefined || theirs === undefined) throw new Error('no heads')
  const conflict = encodeConflictEvidence({
    conflict: 'fork',
    created: NOW,
    log: ours.origin,
    notes: [note, note],
    record: 'conflict',
    v: 1,
    witness: exchange.naptip.agency.id,
  })
  return [
    ofText('parseAnchor', formatAnchor(ours, theirs), parseAnchor),
    ofBytes('parseConflictEvidence', conflict, parseConflictEvidence),
    ofBytes('AttachmentOpener', sealedFile().bytes, openSealedFile),
    await deskReader(),
    ...(await epochReaders()),
  ]
}

async function epochReaders(): Promise<readonly Reader[]> {
  const [own, peer] = await epochSigners()
  if (own === undefined || peer === undefined) throw new Error('no keys')
  const one = parseLogEpoch(await signLogEpoch(madeEpoch(await epochKeys()), own))
  const epoch = await countersignLogEpoch(one, peer)
  const signers = [[own.publicJwk], [peer.publicJwk]]
  return [
    ofValue('parseLogEpoch', epoch, parseLogEpoch),
    ofValue('verifyLogEpoch', epoch, (value) => verifyLogEpoch(parseLogEpoch(value), signers)),
  ]
}

async function deskReader(): Promise<Reader> {
  const { world, keys } = await withPartnerDesk(await makeWorld(), 'shelter')
  const referral = await statementOf(world, { kind: 'victim.referral/1' })
  const { bytes } = await craft(world, { desk: SHELTER, statements: [referral] })
  const { receiver, trust } = world
  const reader = { agency: receiver.id, desk: SHELTER, key: keys.desk, now: NOW, trust }
  return ofBytes('openAtDesk', bytes, (sent) => openAtDesk(sent, reader))
}
