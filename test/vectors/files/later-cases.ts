/**
 * Message files over more than one charter.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#trust-documents
 */
import { type MessageFile, type SignedStatement } from '@amana/core'
import { type Exchange } from '../../support/built-exchange.ts'
import { messageFileOf, signedRecord } from '../../support/message-files.ts'
import { DAY } from '../../support/rotation.ts'
import {
  type BothCharters,
  newChain,
  nextCharter,
  recovered,
  renewedExchange,
} from '../../support/turned-exchange.ts'
import { type FileCase, Story, type Told, withFirst } from './message-story.ts'

/** After a renewal, a new roster key and a recovery, by the policy of before and of after. */
export async function laterCases(): Promise<readonly FileCase[]> {
  const renewal = await renewedExchange()
  const chain = await newChain()
  const recovery = await recovered({ 'ng.naptip': 100, 'ne.anltp-tim': DAY }, 10 * DAY)
  const [renewed, chained, healed] = await Promise.all([renewal, chain, recovery].map(newestFile))
  if (renewed === undefined || chained === undefined || healed === undefined) throw new Error('few')
  return [
    ...by(renewal.before, ['of a renewed charter, by the policy of the first', renewed]),
    ...by(renewal.after, ['of a renewed charter, by its own policy', renewed]),
    ...by(chain.before, ['of a new chain of rosters', chained]),
    ...by(recovery.after, [
      'after a recovery, by the policy of the charter that recovered',
      healed,
    ]),
    ...by(recovery.before, ['after a recovery, by the policy of before', healed, 'RECOVERY_EARLY']),
    ...(await brokenChains(renewal, renewed)),
    ...by(chain.after, [
      'of a new chain without its first roster',
      withoutRecord(chained, chain.after.context.rosters['ng.naptip']),
      'TRUST_INVALID:TRUST_CHAIN',
    ]),
  ]
}

function by(exchange: Exchange, ...told: readonly Told[]): readonly FileCase[] {
  return new Story(exchange).cases(told)
}

async function newestFile({ after }: BothCharters): Promise<MessageFile> {
  return messageFileOf(after, lastOf(after))
}

function lastOf({ sent }: Exchange): SignedStatement {
  const [signed] = sent.at(-1)?.statements ?? []
  if (signed === undefined) throw new Error('nothing sent')
  return signed
}

function withoutRecord(file: MessageFile, name: string | undefined): MessageFile {
  return { ...file, evidence: file.evidence.filter(({ digest }) => digest !== name) }
}

async function brokenChains(
  { after, before }: BothCharters,
  file: MessageFile,
): Promise<readonly FileCase[]> {
  const twin = signedRecord('charter', await nextCharter(before, { parts: { suites: ['A1'] } }))
  const signers = before.naptip.agency.roots
  const alone = signedRecord('charter', await nextCharter(before, { signers }))
  const second = file.evidence.findIndex(({ digest }) => digest === after.charter.digest)
  const twins = file.evidence.toSpliced(second + 1, 0, twin)
  return [
    ...by(after, [
      'without the charter before that of its policy',
      withFirst(file, 'charter'),
      'TRUST_INVALID:TRUST_CHAIN',
    ]),
    ...by(
      before,
      [
        'with two charters after the first',
        { ...file, evidence: twins },
        'POLICY_MISMATCH',
        'TRUST_INVALID:WIRE_FORK',
      ],
      [
        'with a second charter that one agency signed alone',
        { ...file, evidence: file.evidence.with(second, alone) },
        'POLICY_MISMATCH',
        'TRUST_INVALID:TRUST_THRESHOLD',
      ],
    ),
  ]
}
