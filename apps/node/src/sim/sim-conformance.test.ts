import {
  type BytesEnd,
  describeLink,
  type LinkWorld,
} from '../../../../test/support/link-conformance.ts'
import { diallers, listenTo, runUntil } from '../../../../test/support/link-worlds.ts'
import { type Link } from '../ports.ts'
import { Chance } from './chance.ts'
import { SimNetwork } from './sim-network.ts'
import { VirtualTime } from './virtual-time.ts'

describeLink('of the simulated network', openSimWorld)

/** The network of a simulated history. */
async function openSimWorld(): Promise<LinkWorld> {
  const time = new VirtualTime()
  const network = new SimNetwork(time, new Chance('conformance'))
  const [near, far, raw] = ['near', 'far', 'raw'].map((name) =>
    network.linkOf(name, { isOn: true }),
  )
  if (near === undefined || far === undefined || raw === undefined) throw new TypeError('no link')
  await near.allow(new Set([far.peerId]))
  await far.allow(new Set([near.peerId, raw.peerId]))
  const settle = async <T>(what: Promise<T>): Promise<T> => {
    await runUntil(time, what)
    return what
  }
  const quiet = (): Promise<void> =>
    settle(
      new Promise<void>((resolve) => {
        time.after(2000, resolve)
      }),
    )
  const own = diallers([near, far], (link) => link.addresses())
  return {
    near,
    far,
    time,
    connect: () => settle(own.connect()),
    connectBack: () => settle(own.connectBack()),
    openBytes: () => settle(openSimBytes(network, far, quiet)),
    dialSilence: (signal) => {
      network.part([[near.peerId, far.peerId]])
      return near.dial(far.peerId, [], signal)
    },
    settle,
    expire: settle,
    quiet,
    cut: async (how) => {
      network.breakOff(how === 'break' ? 'reset' : 'silence')
    },
    [Symbol.asyncDispose]: async () => {
      await settle(Promise.all([near.close(), far.close()]))
    },
  }
}

async function openSimBytes(
  network: SimNetwork,
  far: Link,
  quiet: () => Promise<void>,
): Promise<BytesEnd> {
  const accepted = listenTo(far)
  const stream = network.bytesTo('raw', far.peerId)
  const [session] = await accepted.untilCount(1)
  if (session === undefined) throw new TypeError('no session arrived')
  return {
    far: session,
    send: (bytes) => void stream.send(bytes),
    end: () => stream.close(),
    reset: () => {
      stream.abort(new Error('reset'))
    },
    arrived: quiet,
  }
}
