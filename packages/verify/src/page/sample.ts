/**
 * The sample that the page makes when it is asked for: an invented case of two agencies over eight days that end now,
 * really signed, logged, receipted and cosigned.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#sample
 */
import {
  channelGenesis,
  channelName,
  type Digest,
  digest,
  encodeCanonical,
  encodeUtf8,
  expectedRetainUntil,
  formatPolicy,
  type GeneralJws,
  groupNames,
  openedGroupsDigest,
  peerIdOfKey,
  type Random,
  signaturesDigest,
  type SignedStatement,
  signJws,
  signReceipt,
  signStatement,
} from '@amana/core'
import { type NamedFile } from '../source.ts'
import { forgedRoster, type SampleAgency, seedOf } from './sample-agency.ts'
import { beginCase, type Case, digestOf, genesisHash, KIND, type Side } from './sample-case.ts'

const WEEK_SECONDS = 7 * 86_400
const DAYS = WEEK_SECONDS + 86_400

/** The files of the sample, and what its tampering needs. */
export interface Sample {
  /** Bundle of NAPTIP, bundle of ANLTP/TIM, policy. */
  readonly files: readonly [NamedFile, NamedFile, NamedFile]
  /** The first bundle as it was a week ago. */
  readonly lastWeek: Uint8Array
  /** A roster of the first agency that somebody else signed. */
  readonly forged: GeneralJws
}

/** Makes the sample; the last thing in it happened at `now` (seconds since 1970). */
export async function makeSample(now: number): Promise<Sample> {
  const start = now - DAYS
  const made = await beginCase(start)
  const [first, second] = made.sides
  const policyText = formatPolicy(made.charter, [first.roster, second.roster])
  await cross(made, { from: first, to: second, kind: KIND.first, at: start + 3600 })
  await witnessEachOther(made, start + 3660)
  const lastWeek = await first.log.bundle(policyText, start + 3700)
  await cross(made, { from: second, to: first, kind: KIND.answer, at: now - 1200 })
  await witnessEachOther(made, now - 600)
  const file = async (side: Side): Promise<NamedFile> => ({
    name: `${side.agency.id}.bundle.jsonl`,
    bytes: await side.log.bundle(policyText, now),
  })
  const policy = { name: 'policy.txt', bytes: encodeUtf8(policyText) }
  return {
    files: [await file(first), await file(second), policy],
    lastWeek,
    forged: await forgedRoster(first.agency, first.roster.payload),
  }
}

async function witnessEachOther({ sides: [first, second] }: Case, at: number): Promise<void> {
  await first.log.witnessedBy(second.log, at)
  await second.log.witnessedBy(first.log, at + 1)
}

interface Crossing {
  readonly from: Side
  readonly to: Side
  readonly kind: string
  readonly at: number
}

/** One statement: signed, logged, dispatched, received, opened and receipted. Its seal is in no bundle. */
async function cross(made: Case, crossing: Crossing): Promise<void> {
  const { from, to, at } = crossing
  const statement = await statementOf(made, crossing)
  const dispatch = await dispatchOf(made, crossing, statement)
  const env = digest(dispatch.payload)
  const std = statement.digest
  const address = { env, to: to.agency.id }
  from.log.append(at, [
    { event: 'x.sealed', data: { ...address, kind: crossing.kind, std } },
    { event: 'x.sent', data: { ...address, try: 1 } },
  ])
  const osig = signaturesDigest(dispatch)
  const received = { env, from: from.agency.id, osig, std }
  const [leaf] = to.log.append(at + 1, [{ event: 'x.received', data: received }])
  const place = { hash: digestOf(leaf?.hash), sequence: leaf?.sequence ?? 0 }
  const receipt = await receiptOf(crossing, { env, place, statement })
  const answer = { env, outcome: 'opened', rcpt: digest(receipt.payload), std }
  to.log.append(at + 1, [{ event: 'x.receipt', data: answer }])
  const peer = { peerHash: place.hash, peerSequence: place.sequence }
  const delivered = { ...answer, ...peer, to: to.agency.id }
  from.log.append(at + 2, [{ event: 'x.delivered', data: delivered }])
  for (const { log } of [from, to]) {
    log.keep('dispatch', dispatch)
    log.keep('statement', statement.statement)
    log.keep('receipt', receipt)
  }
}

async function statementOf(made: Case, { from, to, kind, at }: Crossing): Promise<SignedStatement> {
  const { author, approver } = from.agency
  const signer = { key: author, act: 'author' as const }
  return signStatement({
    draft: {
      aud: [to.agency.id],
      context: made.context,
      groups: Object.fromEntries(groupNames(kind).map((name) => [name, {}])),
      handling: { caveats: [], retainUntil: expectedRetainUntil(kind, at), tlp: 'AMBER' },
      iat: at,
      iss: from.agency.id,
      kind,
    },
    signers: kind === KIND.first ? [signer, { key: approver, act: 'approve' }] : [signer],
    random: randomOf(`${from.agency.id} statement`),
  })
}

async function dispatchOf(
  made: Case,
  { from, to, at }: Crossing,
  { statement, digest: std }: SignedStatement,
): Promise<GeneralJws> {
  const channel = channelName(from.agency.id, to.agency.id)
  const senderGenesis = genesisHash(from.agency, made.startedAt)
  const receiverGenesis = genesisHash(to.agency, made.startedAt)
  const content = {
    acknowledges: null,
    attachments: [],
    channel,
    context: { charter: made.context.charter, rosters: { ...made.context.rosters } },
    from: addressOf(from.agency),
    keyCommitment: digest('content key of the sample'),
    previous: channelGenesis({ channel, senderGenesis, receiverGenesis }),
    seal: digest('seal of the sample'),
    sealBytes: 1,
    sentAt: at,
    sequence: 1,
    signatures: [signaturesDigest(statement)],
    statements: [std],
    suite: 'A1',
    to: { agency: to.agency.id, desk: 'protection', kids: [to.agency.desk.keyId] },
    v: 1,
  }
  return signJws({
    payload: encodeCanonical(content),
    typ: 'amana-dispatch+jws',
    signers: [{ key: from.agency.sealKey }],
  })
}

async function receiptOf(
  { from, to, at }: Crossing,
  answer: {
    readonly env: Digest
    readonly place: { readonly hash: Digest; readonly sequence: number }
    readonly statement: SignedStatement
  },
): Promise<GeneralJws> {
  const { opening, digest: statement } = answer.statement
  const groups = openedGroupsDigest(opening)
  return signReceipt(
    {
      channel: channelName(from.agency.id, to.agency.id),
      dispatch: answer.env,
      issuedAt: at + 1,
      log: to.agency.origin,
      receiver: addressOf(to.agency),
      results: [{ groups, leaf: answer.place, result: 'opened', statement }],
      sequence: 1,
      v: 1,
    },
    to.agency.sealKey,
  )
}

function addressOf(agency: SampleAgency): { readonly agency: string; readonly node: string } {
  return { agency: agency.id, node: peerIdOfKey(agency.peerKey.publicJwk) }
}

function randomOf(label: string): Random {
  let counter = 0
  return (sizeBytes) => {
    counter += 1
    return seedOf(`${label} ${String(counter)}`).subarray(0, sizeBytes)
  }
}
