/**
 * When a node visits its mailbox: every so often, once its peer has been out of reach for a while.
 *
 * @module
 * @spec docs/spec/09-carriers.md#a-visit
 */
import { type ErrorCode, isAnyAmanaError } from '@amana/core'
import { type MailboxSettings } from '../config/config.ts'
import { type NodeParts } from '../node-parts.ts'
import { type Link, type MailboxVisit, type Timer } from '../ports.ts'
import { visitMailbox } from './visit.ts'

const DIAL_MS = 60_000

/** What a round is made of. */
export interface RoundParts {
  readonly parts: NodeParts
  readonly link: Link
  readonly settings: MailboxSettings
  readonly timer: Timer
  readonly isConnected: () => boolean
  readonly visited: (visit: MailboxVisit) => void
  readonly failed: (code: ErrorCode) => void
}

/** Visits until `ended` fires. A visit that fails is told, and the next one comes in its time. */
export async function visitInTurns(round: RoundParts, ended: AbortSignal): Promise<void> {
  const { isConnected, link, parts, settings, timer } = round
  await link.allow(new Set([settings.peerId]))
  let apartSince = parts.clock.now()
  while (!ended.aborted) {
    await timer.wait(settings.everySeconds * 1000, ended)
    const now = parts.clock.now()
    const isAlways = settings.afterSeconds === 0
    if (isConnected() && !isAlways) apartSince = now
    const isApart = isAlways || now - apartSince >= settings.afterSeconds
    if (isApart && !ended.aborted && parts.trust.inForce !== undefined) await visit(round, ended)
  }
}

async function visit(
  { failed, link, parts, settings, timer, visited }: RoundParts,
  ended: AbortSignal,
): Promise<void> {
  try {
    const signal = AbortSignal.any([timer.deadline(DIAL_MS), ended])
    const session = await link.dial(settings.peerId, settings.addresses, signal)
    try {
      visited(await visitMailbox(parts, session))
    } finally {
      await session.close()
    }
  } catch (error) {
    if (!ended.aborted) failed(isAnyAmanaError(error) ? error.code : 'CLI_UNEXPECTED')
  }
}
