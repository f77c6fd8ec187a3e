/**
 * One of everything that crosses the wire or lies in an evidence file, signed by the test agencies, and the checks that
 * it passes.
 *
 * @module
 * @spec docs/spec/00-overview.md#the-objects
 */
import {
  AttachmentOpener,
  AttachmentSealer,
  buildPresentation,
  buildVoidEnvelope,
  type CheckpointPolicy,
  concatBytes,
  createCharterEntry,
  createInvite,
  digest,
  encodeBase64url,
  type GeneralJws,
  openedGroupsDigest,
  parseDispatch,
  signAct,
  signCharter,
  signDisclosure,
  signHeads,
  type SignedStatement,
  signPieces,
  signReceipt,
  type SealedFacts,
  signVoid,
  type UnverifiedDispatch,
  writeMessageFile,
} from '@amana/core'
import { NOW, seededRandom, twoAgencies } from '../agencies.ts'
import { buildExchange, type Exchange } from '../built-exchange.ts'
import { craftDeposit, testDepositRecipient } from '../crafted-deposit.ts'
import { craft } from '../crafted-envelope.ts'
import { CHANNEL, makeWorld, officer, statementOf, type World } from '../envelope-fixture.ts'
import { newRoots, proposed, publicPair, quorumsOf, recoveryPairs } from '../rotation.ts'

/** The nonce that the heads answer. */
export const NONCE = encodeBase64url(seededRandom('fuzz nonce')(16))

/** One of everything. */
export interface CoreSamples {
  readonly world: World
  readonly exchange: Exchange
  readonly statement: SignedStatement
  readonly envelope: Uint8Array
  readonly voidEnvelope: Uint8Array
  readonly seal: string
  readonly deposit: Uint8Array
  readonly dispatch: GeneralJws
  readonly receipt: GeneralJws
  readonly pieces: GeneralJws
  readonly heads: GeneralJws
  readonly voided: GeneralJws
  readonly roster: GeneralJws
  readonly charter: GeneralJws
  /** Charter 2, by both quorums; and one by NAPTIP's recovery pairs. */
  readonly nextCharter: GeneralJws
  readonly recovery: GeneralJws
  readonly invite: GeneralJws
  readonly presentation: string
  /** What an officer asked his node. */
  readonly act: GeneralJws
  /** Who gave the presentation to whom. */
  readonly disclosure: GeneralJws
  /** Signed by NAPTIP's log, cosigned by the other agency. */
  readonly note: string
  readonly notePolicy: CheckpointPolicy
  readonly bundle: Uint8Array
  readonly messageFile: Uint8Array
  readonly policyText: string
}

/** Makes them; the seeds are fixed. */
export async function coreSamples(): Promise<CoreSamples> {
  const world = await makeWorld()
  const exchange = await buildExchange()
  const statement = await statementOf(world, { kind: 'task.clearance/1' })
  const { bytes: envelope, dispatch, seal } = await craft(world, { statements: [statement] })
  const parsed = parseDispatch(dispatch)
  const voided = await signVoid(
    { channel: CHANNEL, dispatch: parsed.digest, sequence: 1 },
    world.sender.sealKey,
  )
  const { sender, trust } = world
  const presentation = presentationOf(statement)
  return {
    world,
    exchange,
    statement,
    envelope,
    voidEnvelope: buildVoidEnvelope(dispatch, voided),
    seal,
    deposit: await craftDeposit(await testDepositRecipient()),
    dispatch,
    receipt: await receiptOf(world, parsed, statement),
    pieces: await piecesOf(world),
    heads: await headsOf(world),
    voided,
    roster: sender.roster.jws,
    charter: trust.charter.jws,
    ...(await laterCharters()),
    invite: await inviteOf(world),
    presentation,
    act: await actOf(world),
    disclosure: await disclosureOf(world, statement, presentation),
    note: exchange.naptip.log.notes.at(-1) ?? '',
    notePolicy: notePolicyOf(exchange),
    messageFile: messageFileOf(statement, presentation),
    bundle: await exchange.naptip.log.bundle({ policyText: exchange.policyText }),
    policyText: exchange.policyText,
  }
}

async function piecesOf({ sender }: World): Promise<GeneralJws> {
  const from = { agency: sender.id, node: sender.peerId }
  const items = [{ digest: digest('file'), missing: [[0, 2]] as [number, number][] }]
  return signPieces({ from, issuedAt: NOW, items, v: 1 }, sender.sealKey)
}

async function receiptOf(
  { receiver }: World,
  dispatch: UnverifiedDispatch,
  { digest: statement, opening }: SignedStatement,
): Promise<GeneralJws> {
  const leaf = { hash: digest('leaf'), sequence: 7 }
  return signReceipt(
    {
      channel: CHANNEL,
      dispatch: dispatch.digest,
      issuedAt: NOW + 5,
      log: receiver.origin,
      receiver: { agency: receiver.id, node: receiver.peerId },
      results: [{ groups: openedGroupsDigest(opening), leaf, result: 'opened', statement }],
      sequence: 1,
      v: 1,
    },
    receiver.sealKey,
  )
}

async function headsOf({ sender, receiver, trust, genesis }: World): Promise<GeneralJws> {
  const rosters = [sender, receiver].map(({ id, roster }) => {
    return [id, { digest: roster.digest, version: roster.version }] as const
  })
  return signHeads(
    {
      channels: { [CHANNEL]: { digest: genesis, sequence: 0 } },
      charter: { digest: trust.charter.digest, version: 1 },
      from: { agency: sender.id, node: sender.peerId },
      issuedAt: NOW,
      nonce: NONCE,
      rosters: Object.fromEntries(rosters),
      v: 1,
    },
    sender.sealKey,
  )
}

async function inviteOf({ sender, trust }: World): Promise<GeneralJws> {
  const bound = trust.charter.payload.agencies[sender.id]
  if (bound === undefined) throw new TypeError('no entry')
  const { roster: _roster, ...parts } = bound
  const entry = createCharterEntry(parts, sender.roster)
  const content = { agency: sender.id, entry, roster: sender.roster, issuedAt: NOW }
  return createInvite(content, sender.rosterKey)
}

function presentationOf({ statement, opening }: SignedStatement): string {
  return `${buildPresentation(statement, opening, ['routing.status', 'travel'])}\n`
}

/** What the sender's officer asks of his node. */
export const ACT_CLAIM = {
  act: 'open' as const,
  agency: 'ne.anltp-tim',
  challenge: 'CtZG4hoNUZCsOcAaX2AkmQ',
  purpose: 'audit' as const,
  request: digest('request'),
}

function actOf(world: World): Promise<GeneralJws> {
  return signAct(ACT_CLAIM, officer(world, 'author'))
}

async function disclosureOf(
  world: World,
  { digest: statement }: SignedStatement,
  presentation: string,
): Promise<GeneralJws> {
  const members = {
    audience: 'Cour d’appel de Niamey',
    disclosedAt: NOW,
    nonce: NONCE,
    presentation: digest(presentation),
    purpose: 'prosecution' as const,
    statement,
  }
  return signDisclosure({ ...members, agency: world.sender.id }, officer(world, 'reader'))
}

function messageFileOf({ statement }: SignedStatement, presentation: string): Uint8Array {
  const header = {
    created: NOW,
    policy: digest('policy'),
    purpose: 'prosecution' as const,
    record: 'message' as const,
    statement: digest(statement.payload),
    v: 1 as const,
  }
  const record = 'evidence' as const
  const evidence = [
    { content: statement, digest: digest(statement.payload), kind: 'statement' as const, record },
    { content: presentation, digest: digest(presentation), kind: 'presentation' as const, record },
  ]
  return concatBytes(...writeMessageFile({ header, evidence }))
}

async function laterCharters(): Promise<Pick<CoreSamples, 'nextCharter' | 'recovery'>> {
  const pair = await twoAgencies()
  const roots = await newRoots('ng.naptip')
  const recovery = await recoveryPairs('ng.naptip')
  const replaced = proposed(pair.charter, { entry: { roots: roots.map(publicPair) } })
  const signers = [...recovery.slice(0, 2), ...roots.slice(0, 2), ...pair.anltp.roots.slice(0, 2)]
  return {
    nextCharter: await signCharter(proposed(pair.charter), quorumsOf(pair)),
    recovery: await signCharter(replaced, signers),
  }
}

function notePolicyOf({ naptip, anltp }: Exchange): CheckpointPolicy {
  const keys = anltp.agency.witnessSigners
  return {
    origin: naptip.agency.origin,
    logKeys: naptip.agency.logSigners,
    witnesses: [{ name: keys[0].name, keys }],
    quorum: 1,
  }
}

/** A sealed file of two chunks. */
export function sealedFile(): { readonly bytes: Uint8Array; readonly facts: SealedFacts } {
  const sealer = new AttachmentSealer(seededRandom('fuzz attachment'))
  const first = sealer.push(new Uint8Array(70_000))
  const { sealed, facts } = sealer.end()
  return { bytes: concatBytes(...first, ...sealed), facts }
}

/** Reads bytes as that file. */
export function openSealedFile(bytes: Uint8Array): void {
  const opener = new AttachmentOpener(sealedFile().facts)
  opener.push(bytes)
  opener.end()
}
