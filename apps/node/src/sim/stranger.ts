/**
 * A machine that no roster lists, which dials everybody again and again and greets whoever answers.
 *
 * @module
 * @spec docs/spec/12-simulation.md#what-runs
 */
import { isAnyAmanaError } from '@amana/core'
import { encodeFrame } from '../exchange/frames.ts'
import { STRANGER } from './sim-agencies.ts'
import { type SimNetwork } from './sim-network.ts'
import { type SimNode } from './sim-node.ts'
import { timerOf, type VirtualTime } from './virtual-time.ts'

const AGAIN_MS = 15_000
const PATIENCE_MS = 60_000
const LIFE = { isOn: true }

/** Lets it begin. What it should not have got is a problem. */
export function inviteStranger(
  time: VirtualTime,
  network: SimNetwork,
  machines: readonly SimNode[],
): { readonly problems: readonly string[] } {
  const problems: string[] = []
  const link = network.linkOf(STRANGER, LIFE)
  const timer = timerOf(time, LIFE)
  const peers = machines.map(({ agency }) => agency.peerId)
  const greet = async (peer: string): Promise<void> => {
    const signal = timer.deadline(PATIENCE_MS)
    const session = await link.dial(peer, [], signal)
    await session.send(encodeFrame({ type: 'hello', body: new Uint8Array(64) }), signal)
    if ((await session.receive(signal)) !== null) problems.push('a stranger was answered')
    await session.close()
  }
  const dialAll = async (): Promise<void> => {
    await link.allow(new Set(peers))
    for (;;) {
      for (const peer of peers) {
        await greet(peer).catch((error: unknown) => {
          if (!isAnyAmanaError(error)) throw error
        })
      }
      await timer.wait(AGAIN_MS, new AbortController().signal)
    }
  }
  void dialAll()
  return { problems }
}
