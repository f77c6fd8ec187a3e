/**
 * One live session with one peer: when both sides dial at once, both keep the same one.
 *
 * @module
 * @spec docs/spec/08-exchange.md#one-session-a-peer
 */

/** What decides between two sessions. */
export interface LeaseClaim {
  /** True where this side dialled. */
  readonly initiator: boolean
  readonly peerId: string
}

/** After this much silence the session that is there has lost its claim. */
export const LEASE_SILENCE_MS = 30_000

/**
 * Whether `fresh` takes the place of `held`: the session whose initiator has the smaller peer id stays; of two by the same
 * initiator the newer one, since nobody dials beside a session that works.
 */
export function takesOver(
  ownPeerId: string,
  held: LeaseClaim & { readonly silentMs: number },
  fresh: LeaseClaim,
): boolean {
  if (held.silentMs > LEASE_SILENCE_MS || held.initiator === fresh.initiator) return true
  const freshInitiator = fresh.initiator ? ownPeerId : fresh.peerId
  const heldInitiator = held.initiator ? ownPeerId : held.peerId
  return freshInitiator < heldInitiator
}
