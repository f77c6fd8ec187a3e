/**
 * What the worlds have in common in which links are tried.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { type Link, type LinkSession } from '../../apps/node/src/ports.ts'
import { type VirtualTime } from '../../apps/node/src/sim/virtual-time.ts'
import { type LinkWorld, type SessionEnds } from './link-conformance.ts'
import { Diary } from './link-diary.ts'

const NEVER = new AbortController().signal

/** Lets the time pass, from one instant at which something is due to the next, until this is over. */
export async function runUntil(time: VirtualTime, what: Promise<unknown>): Promise<void> {
  let isOver = false
  const over = (): void => {
    isOver = true
  }
  what.then(over, over)
  await time.run(Infinity, () => isOver)
}

/** Dials from each side to the other, by what leads to it. */
export function diallers(
  [near, far]: readonly [Link, Link],
  through: (link: Link) => readonly string[],
): Pick<LinkWorld, 'connect' | 'connectBack'> {
  const accepted = new Map([near, far].map((link) => [link, listenTo(link)]))
  const dial = async (from: Link, to: Link): Promise<SessionEnds> => {
    const diary = accepted.get(to) ?? new Diary<LinkSession>()
    const before = diary.entries.length
    const dialled = await from.dial(to.peerId, through(to), NEVER)
    const arrived = (await diary.untilCount(before + 1)).at(before)
    if (arrived === undefined) throw new TypeError('no session arrived')
    return { near: dialled, far: arrived }
  }
  return { connect: () => dial(near, far), connectBack: () => dial(far, near) }
}

/** The sessions that come in from now on. */
export function listenTo(link: Link): Diary<LinkSession> {
  const accepted = new Diary<LinkSession>()
  link.onSession((session) => {
    accepted.write(session)
  })
  return accepted
}
