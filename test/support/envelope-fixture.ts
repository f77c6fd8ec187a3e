/**
 * The channel from ANLTP/TIM to NAPTIP in tests: statements of every kind, the receiver's side, and what became of bytes
 * that arrive there.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import {
  type Act,
  buildNextRoster,
  channelGenesis,
  channelName,
  type Charter,
  type Context,
  createTrustView,
  type Digest,
  expectedRetainUntil,
  generateKey,
  isAnyAmanaError,
  kindDefinition,
  kindRule,
  openEnvelope,
  type Kind,
  type OpeningKey,
  type PrivateKey,
  type Receiver,
  type RosterLists,
  signCharter,
  signRoster,
  type SignedStatement,
  signStatement,
  type StatementDraft,
  type Suite,
  type TrustView,
  verifyFirstCharter,
  type VerifiedRoster,
  verifyRoster,
} from '@amana/core'
import { NOW, seededRandom, type TestAgency, twoAgencies } from './agencies.ts'
import { BODIES } from './message-bodies.ts'

/** The channel of these tests. */
export const CHANNEL = channelName('ne.anltp-tim', 'ng.naptip')

/** Both ends of the channel, and the documents that both have. */
export interface World {
  readonly sender: TestAgency
  readonly receiver: TestAgency
  readonly trust: TrustView
  readonly context: Context
  /** What the first dispatch of the channel names as its previous. */
  readonly genesis: Digest
}

/** The world as both agencies confirmed it, under A2 or a charter of another suite. */
export async function makeWorld(suite: Suite = 'A2'): Promise<World> {
  const { anltp: sender, naptip: receiver, trust } = await twoAgencies(suite)
  return worldOf(sender, receiver, trust)
}

/** A world in which both ends have exchanged everything again the other way round. */
export function turned({ sender, receiver, trust }: World): World {
  return worldOf(receiver, sender, trust)
}

function worldOf(sender: TestAgency, receiver: TestAgency, trust: TrustView): World {
  const rosters = [sender, receiver].map(({ id }) => [id, trust.rosterOf(id).digest] as const)
  return {
    sender,
    receiver,
    trust,
    context: { charter: trust.charter.digest, rosters: Object.fromEntries(rosters) },
    genesis: channelGenesis({
      channel: channelName(sender.id, receiver.id),
      senderGenesis: genesisOf(trust, sender.id),
      receiverGenesis: genesisOf(trust, receiver.id),
    }),
  }
}

function genesisOf(trust: TrustView, agency: string): string {
  return trust.rosterOf(agency).payload.nodes[0]?.log.genesis ?? ''
}

/** The world after one agency's next roster, which came into force at `issuedAt`. */
export async function withNextRoster(
  world: World,
  who: 'sender' | 'receiver',
  roster: { readonly issuedAt: number; readonly changes: Partial<RosterLists> },
): Promise<World> {
  const { trust } = world
  const agency = world[who]
  const previous = trust.rosterOf(agency.id)
  const next = buildNextRoster(previous, roster.issuedAt, roster.changes)
  const jws = await signRoster(next, agency.rosterKey)
  const verified = await verifyRoster(jws, { authority: trust.charter, previous })
  const other = trust.rosterOf(who === 'sender' ? world.receiver.id : world.sender.id)
  const rosters: readonly VerifiedRoster[] = [previous, verified, other]
  return worldOf(world.sender, world.receiver, createTrustView({ charter: trust.charter, rosters }))
}

/** The world under another charter of the same two agencies. */
export async function underCharter(world: World, changes: Partial<Charter>): Promise<World> {
  const { sender, receiver, trust } = world
  const charter = { ...trust.charter.payload, ...changes }
  const roots = [...sender.roots.slice(0, 2), ...receiver.roots.slice(0, 2)]
  const verified = await verifyFirstCharter(await signCharter(charter, roots), {})
  const rosters = [trust.rosterOf(sender.id), trust.rosterOf(receiver.id)]
  return worldOf(sender, receiver, createTrustView({ charter: verified, rosters }))
}

/** The world in which the receiver's protection desk has one more key for a while, by default as if it changed its own. */
export async function withSecondDeskKey(
  world: World,
  suite: Suite = 'A2',
): Promise<{ readonly world: World; readonly second: OpeningKey }> {
  const random = seededRandom('second key')
  const second =
    suite === 'A1'
      ? await generateKey('ECDH-ES+A256KW', random)
      : await generateKey('HPKE-9-KE', random)
  const span = { nbf: NOW - 60, exp: NOW + 3600 }
  const { payload } = world.trust.rosterOf(world.receiver.id)
  const desks = payload.desks.map((desk) => {
    if (desk.id !== 'protection') return desk
    return { ...desk, encryption: [...desk.encryption, { ...span, jwk: second.publicJwk }] }
  })
  const changed = { issuedAt: NOW - 60, changes: { desks } }
  return { second, world: await withNextRoster(world, 'receiver', changed) }
}

/** A key of an officer of the sender. */
export function officer(world: World, name: string): PrivateKey<'Ed25519'> {
  const key = world.sender.officers[name]
  if (key === undefined) throw new Error(`no officer ${name}`)
  return key
}

/** How a statement differs from the usual one. */
export interface StatementChoice {
  readonly kind?: Kind
  readonly draft?: Partial<StatementDraft>
  readonly signers?: readonly { readonly key: PrivateKey<'Ed25519'>; readonly act: Act }[]
  /** Seeds ids and salts: another label, another statement. */
  readonly label?: string
}

/** A statement that the receiver opens, unless the choice says otherwise. */
export async function statementOf(
  world: World,
  choice: StatementChoice = {},
): Promise<SignedStatement> {
  const kind = choice.kind ?? 'referral.event/1'
  return signStatement({
    draft: { ...draftOf(world, kind), ...choice.draft },
    signers: choice.signers ?? signersOf(world, kind),
    random: seededRandom(`${kind} ${choice.label ?? ''}`),
  })
}

/** What an author writes of a kind. */
export function draftOf(world: World, kind: Kind): StatementDraft {
  return {
    aud: [world.receiver.id],
    context: world.context,
    groups: BODIES[kind],
    handling: {
      caveats: ['test:data'],
      retainUntil: expectedRetainUntil(kind, NOW),
      tlp: 'AMBER',
    },
    iat: NOW,
    iss: world.sender.id,
    kind,
  }
}

/** An author and the approvers that the charter asks for. */
export function signersOf(world: World, kind: string): NonNullable<StatementChoice['signers']> {
  const author = { key: officer(world, 'author'), act: 'author' as const }
  const { approvals } = kindRule(world.trust.charter.payload, kind)
  const approvers = ['approver', 'second'].slice(0, approvals)
  return [
    author,
    ...approvers.map((name) => ({ key: officer(world, name), act: 'approve' as const })),
  ]
}

/** The desk that reads a kind. */
export function deskOf(kind: string): string {
  return kindDefinition(kind).desk
}

/** The receiving node before anything arrived, unless the changes say otherwise. */
export function receiverOf(world: World, changes: Partial<Receiver> = {}): Receiver {
  const { receiver, sender, trust } = world
  return {
    agency: receiver.id,
    now: NOW,
    trust,
    carriedBy: sender.peerId,
    headOf: async () => ({ sequence: 0, digest: world.genesis, sentAt: 0, acknowledged: 0 }),
    dispatchAt: async () => undefined,
    ownDispatchAt: async () => undefined,
    sentTo: async () => undefined,
    stagedAt: async () => undefined,
    statementOf: async () => undefined,
    deskKey: (keyId) => Object.values(receiver.desks).find((key) => key.keyId === keyId),
    ...changes,
  }
}

/** What became of bytes: whether they took a place, and the code or `opened` of each statement. */
export interface Outcome {
  readonly place: 'none' | 'replay' | 'gap' | 'taken'
  readonly results: readonly string[]
}

/** Lets bytes arrive. Anything but an error of the table goes up. */
export async function outcomeOf(bytes: Uint8Array, receiver: Receiver): Promise<Outcome> {
  try {
    const received = await openEnvelope(bytes, receiver)
    if (received.outcome !== 'placed') return { place: received.outcome, results: [] }
    const results = received.statements.map((statement) =>
      statement.result === 'refused' ? statement.error.code : statement.result,
    )
    return { place: 'taken', results }
  } catch (error) {
    if (isAnyAmanaError(error)) return { place: 'none', results: [error.code] }
    throw error
  }
}

/** The code with which a step is refused; `none` when it is not. Anything but an error of the table goes up. */
export async function codeOf(step: () => unknown): Promise<string> {
  try {
    await step()
    return 'none'
  } catch (error) {
    if (isAnyAmanaError(error)) return error.code
    throw error
  }
}
