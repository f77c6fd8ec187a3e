/**
 * What a running node records: one function for each thing, so that each is written one way.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-records
 */
import { type ErrorCode, type Expiry } from '@amana/core'
import { type Logger } from 'pino'
import { type MailboxVisit } from './ports.ts'
import { type WitnessAge } from './witness/witness-age.ts'

/** The things that are worth a line. */
export interface NodeEvents {
  listening(agency: string, peerId: string): void
  stopping(): void
  sessionOpened(agency: string): void
  /** Without a code after a farewell. */
  sessionEnded(agency: string, code: ErrorCode | undefined): void
  /** No session came of a dial, or of a connection that the peer opened. */
  sessionFailed(agency: string, code: ErrorCode): void
  /** The peer sent too much that no node sends: it is not let in for a while. */
  peerPaused(agency: string): void
  /** It is let in again. */
  peerResumed(agency: string): void
  /** The peer did not cosign the own head of that size; with a code where its answer was refused. */
  notWitnessed(agency: string, size: number, code: ErrorCode | undefined): void
  /** Two heads of the peer's log that cannot be of one history: an alarm. */
  witnessConflict(origin: string): void
  /** Nobody has cosigned the own log for long, or with a time that lies ahead: a warning, else an alarm. */
  unwitnessed(age: WitnessAge): void
  /** The peer says that it cosigned more leaves than the log has: an older copy of the store, or a peer that lies. */
  shorterThanCosigned(claimedSize: number, size: number): void
  /** Leaves [from, to) do not lead to the stored hashes: an alarm. */
  logDamaged(from: number, to: number): void
  /** Something of the own or the other agency ends soon, or has ended. */
  endsSoon(expiry: Expiry): void
  /** The private half of a key that nobody needs any more is gone. */
  keyDestroyed(keyId: string): void
  /** Somebody opened a message against the usual rule: whoever supervises is to look. */
  glassBroken(index: number, actor: string): void
  /** Nobody judged such an opening within 24 hours. */
  reviewOverdue(index: number): void
  /** An attachment was not fetched or given now; it is tried again. */
  attachmentFailed(code: ErrorCode): void
  /** The mailbox was visited: what was fetched there, how much of it was refused, what was left. */
  mailboxVisited(visit: MailboxVisit): void
  /** A visit to the mailbox failed; the next one comes in its time. */
  mailboxFailed(code: ErrorCode): void
  /** A look at keys or log failed; the next one comes within the hour. */
  upkeepFailed(code: ErrorCode): void
}

/** Writes events to a logger. */
export function createEvents(logger: Logger): NodeEvents {
  return {
    listening: (agency, peerId) => {
      logger.info({ agency, peerId }, 'listening')
    },
    stopping: () => {
      logger.info('stopping')
    },
    ...lineEvents(logger),
    notWitnessed: (agency, size, code) => {
      logger.warn({ agency, size, code }, 'not witnessed')
    },
    witnessConflict: (origin) => {
      logger.error({ origin }, 'conflicting checkpoints')
    },
    ...logEvents(logger),
    endsSoon: ({ agency, expiresAt, id, level, what }) => {
      const ends = { agency, what, id, expiresAt, step: level }
      if (level === 'ended') logger.error(ends, 'ended')
      else logger.warn(ends, 'ends soon')
    },
    keyDestroyed: (keyId) => {
      logger.info({ keyId }, 'key destroyed')
    },
    ...reviewEvents(logger),
    ...mailboxEvents(logger),
    upkeepFailed: (code) => {
      logger.error({ code }, 'upkeep failed')
    },
  }
}

/** What is told of the line. */
function lineEvents(
  logger: Logger,
): Pick<
  NodeEvents,
  | 'attachmentFailed'
  | 'peerPaused'
  | 'peerResumed'
  | 'sessionEnded'
  | 'sessionFailed'
  | 'sessionOpened'
> {
  return {
    sessionOpened: (agency) => {
      logger.info({ agency }, 'session opened')
    },
    sessionEnded: (agency, code) => {
      logger.info({ agency, code }, 'session ended')
    },
    sessionFailed: (agency, code) => {
      logger.info({ agency, code }, 'session failed')
    },
    peerPaused: (agency) => {
      logger.error({ agency }, 'peer paused')
    },
    peerResumed: (agency) => {
      logger.warn({ agency }, 'peer let in again')
    },
    attachmentFailed: (code) => {
      logger.info({ code }, 'attachment failed')
    },
  }
}

function mailboxEvents(logger: Logger): Pick<NodeEvents, 'mailboxFailed' | 'mailboxVisited'> {
  return {
    mailboxVisited: ({ fetched, left, refused }) => {
      const told = { fetched, left, refused }
      if (refused > 0) logger.warn(told, 'mailbox visited')
      else logger.info(told, 'mailbox visited')
    },
    mailboxFailed: (code) => {
      logger.info({ code }, 'mailbox failed')
    },
  }
}

function reviewEvents(logger: Logger): Pick<NodeEvents, 'glassBroken' | 'reviewOverdue'> {
  return {
    glassBroken: (index, actor) => {
      logger.error({ index, actor }, 'opened against the usual rule')
    },
    reviewOverdue: (index) => {
      logger.error({ index }, 'review overdue')
    },
  }
}

/** What is told of the own log. */
function logEvents(
  logger: Logger,
): Pick<NodeEvents, 'logDamaged' | 'shorterThanCosigned' | 'unwitnessed'> {
  return {
    unwitnessed: ({ level, seconds }) => {
      const told = { step: level, hours: Math.floor(seconds / 3600) }
      if (level === 'late') logger.warn(told, 'unwitnessed')
      else logger.error(told, 'unwitnessed')
    },
    shorterThanCosigned: (claimedSize, size) => {
      logger.error({ claimedSize, size }, 'log shorter than cosigned')
    },
    logDamaged: (from, to) => {
      logger.error({ from, to }, 'log damaged')
    },
  }
}
