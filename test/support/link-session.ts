/**
 * Sessions over a real link: two that speak with each other, or one whose peer speaks by hand.
 *
 * @module
 * @spec docs/spec/08-exchange.md#session
 */
import { createHash } from 'node:crypto'
import { openSession, type OpenSession } from '../../apps/node/src/exchange/session.ts'
import { twoAgencies } from './agencies.ts'
import { TestDesk } from './link-desk.ts'
import { type LinkPair, openPair } from './link-pair.ts'
import { HandPeer } from './link-peer.ts'

const NEVER = new AbortController().signal

/** The desks of both agencies: ANLTP/TIM’s near, NAPTIP’s far. */
export interface Desks {
  readonly nearDesk: TestDesk
  readonly farDesk: TestDesk
}

/** Two sessions that have greeted each other. */
export interface Sessions extends AsyncDisposable, Desks {
  readonly near: OpenSession
  readonly far: OpenSession
}

/** One session, NAPTIP’s, and its peer by hand. */
export interface Half extends AsyncDisposable {
  readonly peer: HandPeer
  readonly desk: TestDesk
  /** Our side’s session; the peer has not greeted yet. */
  readonly opening: Promise<OpenSession>
  /** Closes our side’s link; the types of all frames that the peer has not heard yet. */
  unheard(): Promise<readonly string[]>
}

/** Desks with nothing to send. */
export async function makeDesks(): Promise<Desks> {
  const { anltp, naptip, trust } = await twoAgencies()
  return { nearDesk: new TestDesk(anltp, trust), farDesk: new TestDesk(naptip, trust) }
}

/** Two sessions over a real link, greeted. */
export async function openBoth(desks?: Desks): Promise<Sessions> {
  const pair = await openPair()
  const { nearDesk, farDesk } = desks ?? (await makeDesks())
  const ends = await pair.connect()
  const [near, far] = await Promise.all([
    openSession(ends.near, nearDesk, NEVER),
    openSession(ends.far, farDesk, NEVER),
  ])
  return { near, far, nearDesk, farDesk, [Symbol.asyncDispose]: closing(pair) }
}

/** One session and a peer by hand that dialled it as ANLTP/TIM. */
export async function openHalf(signal: AbortSignal = NEVER): Promise<Half> {
  const pair = await openPair()
  const { nearDesk, farDesk } = await makeDesks()
  const ends = await pair.connect()
  const opening = openSession(ends.far, farDesk, signal)
  opening.catch(() => undefined)
  const peer = new HandPeer(ends.near, nearDesk)
  const unheard = async (): Promise<readonly string[]> => {
    const [types] = await Promise.all([peer.hearAll(), ends.far.close()])
    return types
  }
  return { peer, desk: farDesk, opening, unheard, [Symbol.asyncDispose]: closing(pair) }
}

/** The same, greeted. */
export async function openGreeted(): Promise<Half & { readonly session: OpenSession }> {
  const half = await openHalf()
  await half.peer.greet()
  return { ...half, session: await half.opening }
}

/** Bytes that do not compress, the same for the same label. */
export function noise(label: string, sizeBytes: number): Uint8Array {
  const bytes = createHash('shake256', { outputLength: sizeBytes }).update(label).digest()
  return new Uint8Array(bytes)
}

/** Lets everything go on that is ready, so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

function closing(pair: LinkPair): () => Promise<void> {
  return async () => {
    await pair[Symbol.asyncDispose]()
  }
}
