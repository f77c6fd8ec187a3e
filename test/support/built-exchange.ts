/**
 * Two agencies that exchanged messages, with their logs, cosigned checkpoints and evidence: what bundles are made of in
 * tests. Every signature is real, every seed is fixed.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#bundle
 */
import {
  buildEnvelope,
  buildNextRoster,
  channelGenesis,
  channelName,
  type Context,
  createTrustView,
  type Digest,
  DigestSchema,
  digest,
  encodeBase64url,
  type ErrorCode,
  ERRORS,
  expectedRetainUntil,
  formatPolicy,
  formatVkey,
  type GeneralJws,
  groupNames,
  kindDefinition,
  createCursor,
  nextLeaves,
  openedGroupsDigest,
  parseDispatch,
  type ReceiptResult,
  signaturesDigest,
  signCharter,
  type SignedStatement,
  signReceipt,
  signRoster,
  signStatement,
  type TrustView,
  type VerifiedCharter,
  type VerifiedRoster,
  verifyFirstCharter,
  verifyRoster,
  ownDesk,
} from '@amana/core'
import { NOW, type Pair, seededRandom, type TestAgency, twoAgencies } from './agencies.ts'
import { TestLog } from './test-log.ts'

/** One agency of the exchange. */
export interface Side {
  readonly agency: TestAgency
  readonly roster: VerifiedRoster
  readonly log: TestLog
}

/** The exchange as it stands. */
export interface Exchange {
  readonly naptip: Side
  readonly anltp: Side
  readonly charter: VerifiedCharter
  readonly trust: TrustView
  readonly policyText: string
  readonly context: Context
  /** One envelope as it crossed the wire, with its statements as their author holds them. */
  readonly sent: { readonly bytes: Uint8Array; readonly statements: readonly SignedStatement[] }[]
}

/** One dispatch to make. */
export interface Sending {
  readonly from: 'naptip' | 'anltp'
  readonly sequence: number
  /** Digest of the channel's last dispatch; absent for the first. */
  readonly previous?: Digest
  readonly kinds: readonly ('jtwg.minutes/1' | 'intel.report/1' | 'receipt.read/1')[]
  /** The statement that a receipt of an officer names. */
  readonly about?: Digest
  /** Seconds after the start. */
  readonly at: number
  /** Statements as they are, in place of new ones of these kinds. */
  readonly statements?: readonly SignedStatement[]
  /** Who signs as author; `author` unless told. */
  readonly author?: string
  /** The code with which the receiver refuses all of it. */
  readonly refusal?: ErrorCode
  /** It left, and nothing arrived: the receiver's log has no trace of it. */
  readonly isLost?: true
  /** The receiver has not answered yet, or nothing arrived: no receipt stands in either log. */
  readonly isUnanswered?: true
  /** The sender's log names nothing of it, and the receiver's does. */
  readonly isUnlogged?: true
  /** Where a log says something else than was signed. */
  readonly lie?: Lie
}

/**
 * The receiver's outcome, the sender's kind, the sender's leaf of the receiver, the receiver's digest of the dispatch's
 * signatures; in the receipt itself the hash of a leaf that no log has.
 */
export type Lie = 'outcome' | 'kind' | 'leaf' | 'osig' | 'receipt'

/** An exchange of two dispatches there and one back, sealed and cosigned on both sides. */
export async function buildExchange(): Promise<Exchange> {
  const exchange = await beginExchange()
  const first = await send(exchange, {
    from: 'naptip',
    sequence: 1,
    kinds: ['jtwg.minutes/1', 'jtwg.minutes/1'],
    at: 60,
  })
  await cosign(exchange, 90)
  await send(exchange, {
    from: 'naptip',
    sequence: 2,
    previous: first,
    kinds: ['intel.report/1'],
    at: 120,
  })
  await send(exchange, { from: 'anltp', sequence: 1, kinds: ['jtwg.minutes/1'], at: 180 })
  await cosign(exchange, 240)
  return exchange
}

/** Two logs with their trust documents, cosigned once. */
export async function beginExchange(): Promise<Exchange> {
  const pair = await twoAgencies()
  const rosters = {
    naptip: await rosterWithGenesis(pair, pair.naptip),
    anltp: await rosterWithGenesis(pair, pair.anltp),
  }
  const both = [rosters.naptip, rosters.anltp]
  const charter = await charterOf(pair, both)
  const exchange: Exchange = {
    naptip: { agency: pair.naptip, roster: rosters.naptip, log: new TestLog(pair.naptip) },
    anltp: { agency: pair.anltp, roster: rosters.anltp, log: new TestLog(pair.anltp) },
    charter,
    trust: createTrustView({ charter, rosters: both }),
    policyText: formatPolicy(charter, both),
    context: {
      charter: charter.digest,
      rosters: Object.fromEntries(both.map((roster) => [roster.agency, roster.digest])),
    },
    sent: [],
  }
  for (const { log } of [exchange.naptip, exchange.anltp]) {
    log.append(0, [genesisOf(log.agency), ...trustEvents(charter, both)])
    log.keep('charter', charter.jws)
    for (const roster of both) log.keep('roster', roster.jws)
  }
  await cosign(exchange, 30)
  return exchange
}

/** NAPTIP's next roster revokes the author's key; both logs say when they saw it. */
export async function revokeAuthor(
  exchange: Exchange,
  revoked: { readonly since: number; readonly at: number },
): Promise<void> {
  const { agency, roster } = exchange.naptip
  const key = agency.officers['author']
  if (key === undefined) throw new Error('no author')
  const next = buildNextRoster(roster, NOW + revoked.at, {
    revoked: [{ kid: key.keyId, reason: 'compromise', since: NOW + revoked.since }],
  })
  const jws = await signRoster(next, agency.rosterKey)
  const data = { agency: agency.id, new: digest(jws.payload), old: roster.digest, version: 2 }
  for (const { log } of [exchange.naptip, exchange.anltp]) {
    log.append(revoked.at, [{ event: 'g.roster', data }])
    log.keep('roster', jws)
  }
}

/** Sends, receives and answers one dispatch; the digest is what the next one names. */
export async function send(exchange: Exchange, sending: Sending): Promise<Digest> {
  const { sender, receiver } = sidesOf(exchange, sending)
  const random = seededRandom(`${sending.from} ${String(sending.sequence)} ${String(sending.at)}`)
  const statements = sending.statements ?? (await signStatements(exchange, sending))
  const channel = channelName(sender.agency.id, receiver.agency.id)
  const { desk } = kindDefinition(sending.kinds[0] ?? '')
  const genesis = channelGenesis({
    channel,
    senderGenesis: genesisHash(sender.agency),
    receiverGenesis: genesisHash(receiver.agency),
  })
  const built = await buildEnvelope({
    statements,
    from: { agency: sender.agency.id, node: sender.agency.peerId },
    to: {
      agency: receiver.agency.id,
      desk: ownDesk(desk),
      keys: exchange.trust.deskKeys(receiver.agency.id, desk, NOW),
    },
    place: {
      acknowledges: null,
      channel,
      previous: sending.previous ?? genesis,
      sequence: sending.sequence,
    },
    context: exchange.context,
    sentAt: NOW + sending.at,
    sealKey: sender.agency.sealKey,
    random,
  })
  exchange.sent.push({ bytes: built.bytes, statements })
  const { at, isUnanswered = false, isUnlogged = false, lie, refusal } = sending
  const { dispatch } = built
  const common = { receiver, statements, dispatch, at, isUnanswered, lie, refusal }
  const parts = { ...common, sender: isUnlogged ? besideTheLog(sender) : sender }
  logSent(parts)
  if (sending.isLost !== true) await answerDispatch(parts)
  return built.digest
}

/** The same agency with a log that nobody sees. */
function besideTheLog(side: Side): Side {
  const log = new TestLog(side.agency)
  log.append(0, [genesisOf(side.agency)])
  return { ...side, log }
}

/** New statements for a dispatch, which nobody has sent. */
export async function signStatements(
  exchange: Exchange,
  sending: Sending,
): Promise<readonly SignedStatement[]> {
  const { about, kinds, at, author = 'author' } = sending
  const { sender: from, receiver: to } = sidesOf(exchange, sending)
  return Promise.all(
    kinds.map((kind, n) => signed(exchange, { about, kind, from, to, at: at + n, author })),
  )
}

function sidesOf(
  exchange: Exchange,
  { from }: Sending,
): { readonly sender: Side; readonly receiver: Side } {
  return { sender: exchange[from], receiver: exchange[from === 'naptip' ? 'anltp' : 'naptip'] }
}

interface Crossing {
  readonly sender: Side
  readonly receiver: Side
  readonly statements: readonly SignedStatement[]
  readonly dispatch: GeneralJws
  readonly at: number
  readonly lie: Lie | undefined
  readonly refusal: ErrorCode | undefined
  readonly isUnanswered: boolean
}

function logSent({ sender, receiver, statements, dispatch, at, lie }: Crossing): void {
  const env = digest(dispatch.payload)
  const to = receiver.agency.id
  const sealed = statements.map((statement) => ({
    event: 'x.sealed',
    data: {
      env,
      kind: lie === 'kind' ? 'intel.report/1' : statement.kind,
      std: statement.digest,
      to,
    },
  }))
  sender.log.append(at, [...sealed, { event: 'x.sent', data: { env, to, try: 1 } }])
  for (const { log } of [sender, receiver]) {
    log.keep('dispatch', dispatch)
    for (const { statement } of statements) log.keep('statement', statement)
  }
}

async function answerDispatch(crossing: Crossing): Promise<void> {
  const { sender, receiver, statements, dispatch, at } = crossing
  const env = digest(dispatch.payload)
  const { content } = parseDispatch(dispatch)
  const osig = crossing.lie === 'osig' ? env : signaturesDigest(dispatch)
  const from = sender.agency.id
  const leaves = receiver.log.append(
    at + 1,
    statements.map(({ digest: std }) => ({ event: 'x.received', data: { env, from, osig, std } })),
  )
  const results = statements.map((statement, n): ReceiptResult => ({
    ...resultFor(crossing, statement),
    leaf: {
      hash: crossing.lie === 'receipt' ? digest('no leaf') : digestOf(leaves[n]?.hash),
      sequence: leaves[n]?.sequence ?? -1,
    },
    statement: statement.digest,
  }))
  const receipt = await signReceipt(
    {
      channel: content.channel,
      dispatch: env,
      issuedAt: NOW + at + 1,
      log: receiver.agency.origin,
      receiver: { agency: receiver.agency.id, node: receiver.agency.peerId },
      results,
      sequence: content.sequence,
      v: 1,
    },
    receiver.agency.sealKey,
  )
  logReceipt(crossing, receipt, results)
}

function resultFor(
  { refusal }: Crossing,
  { opening }: SignedStatement,
): Pick<ReceiptResult, 'groups' | 'refusal' | 'result'> {
  if (refusal === undefined) return { groups: openedGroupsDigest(opening), result: 'opened' }
  return { refusal: ERRORS[refusal].refusal ?? 'content', result: 'refused' }
}

function logReceipt(
  { sender, receiver, dispatch, at, isUnanswered, lie, refusal: code }: Crossing,
  receipt: GeneralJws,
  results: readonly ReceiptResult[],
): void {
  const env = digest(dispatch.payload)
  const rcpt = digest(receipt.payload)
  const refused = results.map(({ statement: std }) => ({
    event: 'x.refused',
    data: { code, env, std },
  }))
  if (code !== undefined) receiver.log.append(at + 1, refused)
  if (isUnanswered) return
  const own = results.map(({ statement: std, result: outcome }) => ({
    event: 'x.receipt',
    data: { env, outcome: lie === 'outcome' ? 'refused' : outcome, rcpt, std },
  }))
  receiver.log.append(at + 1, own)
  const delivered = results.map(({ statement: std, result: outcome, leaf }) => ({
    event: 'x.delivered',
    data: {
      env,
      outcome,
      rcpt,
      std,
      to: receiver.agency.id,
      peerHash: leaf.hash,
      peerSequence: leaf.sequence + (lie === 'leaf' ? 1 : 0),
    },
  }))
  sender.log.append(at + 2, delivered)
  for (const { log } of [sender, receiver]) log.keep('receipt', receipt)
}

/** Seals both logs and lets each cosign the other's checkpoint. */
export async function cosign(exchange: Exchange, at: number): Promise<void> {
  const { naptip, anltp } = exchange
  await naptip.log.checkpoint(at, anltp.log)
  await anltp.log.checkpoint(at + 1, naptip.log)
}

interface Signing {
  readonly kind: string
  readonly from: Side
  readonly to: Side
  readonly at: number
  readonly author: string
  readonly about: Digest | undefined
}

/** A statement of an author and, where the kind needs it, an approver. */
async function signed(exchange: Exchange, signing: Signing): Promise<SignedStatement> {
  const { about, kind, from, to, at } = signing
  const { [signing.author]: author, approver } = from.agency.officers
  if (author === undefined || approver === undefined) throw new Error('no officers')
  const signers = [{ key: author, act: 'author' as const }]
  const iat = NOW + at
  return signStatement({
    draft: {
      aud: [to.agency.id],
      context: exchange.context,
      groups: Object.fromEntries(
        groupNames(kind).map((name) => [name, { note: name, list: [1, 2] }]),
      ),
      handling: { caveats: [], retainUntil: expectedRetainUntil(kind, iat), tlp: 'AMBER' },
      iat,
      iss: from.agency.id,
      kind,
      ...(about === undefined ? {} : { relates: [{ digest: about, relation: 'answers' }] }),
    },
    signers: kind === 'intel.report/1' ? [...signers, { key: approver, act: 'approve' }] : signers,
    random: seededRandom(`${kind} ${from.agency.id} ${String(at)}`),
  })
}

function genesisOf(agency: TestAgency): {
  readonly event: string
  readonly data: Readonly<Record<string, unknown>>
} {
  const keys = [...agency.logSigners, ...agency.witnessSigners].map((key) => formatVkey(key))
  return { event: 'g.genesis', data: { agency: agency.id, keys } }
}

function genesisHash(agency: TestAgency): Digest {
  const { leaves } = nextLeaves(
    createCursor(agency.origin),
    [{ ...genesisOf(agency), actor: 'sys' }],
    NOW * 1000,
  )
  return digestOf(leaves[0]?.hash)
}

function digestOf(hash: Uint8Array | undefined): Digest {
  return brand(encodeBase64url(hash ?? new Uint8Array()))
}

function trustEvents(
  charter: VerifiedCharter,
  rosters: readonly VerifiedRoster[],
): readonly { readonly event: string; readonly data: Readonly<Record<string, unknown>> }[] {
  return [
    { event: 'g.policy', data: { new: charter.digest, version: 1 } },
    ...rosters.map(({ agency, digest: own }) => ({
      event: 'g.roster',
      data: { agency, new: own, version: 1 },
    })),
  ]
}

async function rosterWithGenesis(pair: Pair, agency: TestAgency): Promise<VerifiedRoster> {
  const { payload } = agency.roster
  const genesis = genesisHash(agency)
  const nodes = payload.nodes.map((node) => ({ ...node, log: { ...node.log, genesis } }))
  const jws = await signRoster({ ...payload, nodes }, agency.rosterKey)
  const entry = pair.charter.payload.agencies[agency.id]
  if (entry === undefined) throw new Error('no entry')
  const roster = { digest: digest(jws.payload), version: 1 }
  return verifyRoster(jws, { authority: { agency: agency.id, entry: { ...entry, roster } } })
}

async function charterOf(pair: Pair, rosters: readonly VerifiedRoster[]): Promise<VerifiedCharter> {
  const { payload } = pair.charter
  const agencies = Object.fromEntries(
    Object.entries(payload.agencies).map(([id, entry]) => {
      const roster = rosters.find(({ agency }) => agency === id)
      return [
        id,
        { ...entry, roster: { digest: roster?.digest ?? entry.roster.digest, version: 1 } },
      ]
    }),
  )
  const roots = [...pair.naptip.roots.slice(0, 2), ...pair.anltp.roots.slice(0, 2)]
  return verifyFirstCharter(await signCharter({ ...payload, agencies }, roots), {})
}

function brand(text: string): Digest {
  return DigestSchema.parse(text)
}
