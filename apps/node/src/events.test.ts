import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Diary } from '../../../test/support/link-diary.ts'
import { createEvents, type NodeEvents } from './events.ts'

const INFO = 30
const WARN = 40
const ERROR = 50
const PEER = '12D3KooWDdmYbUPoMcBbAtpo4nBnXVeTtSuuDnKZ5bJiXgLfDsPN'
const AGENCY = 'ne.anltp-tim'

interface Row {
  readonly name: keyof NodeEvents
  readonly record: (events: NodeEvents) => void
  readonly line: Readonly<Record<string, unknown>>
}

const ROWS: readonly Row[] = [
  {
    name: 'glassBroken',
    record: (events) => {
      events.glassBroken(7, 'u_8Jx2kq0ZbYw3tQmN')
    },
    line: {
      level: ERROR,
      index: 7,
      actor: 'u_8Jx2kq0ZbYw3tQmN',
      msg: 'opened against the usual rule',
    },
  },
  {
    name: 'reviewOverdue',
    record: (events) => {
      events.reviewOverdue(7)
    },
    line: { level: ERROR, index: 7, msg: 'review overdue' },
  },
  {
    name: 'mailboxVisited',
    record: (events) => {
      events.mailboxVisited({ fetched: 3, left: 2, refused: 0 })
    },
    line: { level: INFO, fetched: 3, left: 2, refused: 0, msg: 'mailbox visited' },
  },
  {
    name: 'mailboxVisited',
    record: (events) => {
      events.mailboxVisited({ fetched: 3, left: 0, refused: 1 })
    },
    line: { level: WARN, fetched: 3, left: 0, refused: 1, msg: 'mailbox visited' },
  },
  {
    name: 'mailboxFailed',
    record: (events) => {
      events.mailboxFailed('NET_MAILBOX')
    },
    line: { level: INFO, code: 'NET_MAILBOX', msg: 'mailbox failed' },
  },
  {
    name: 'listening',
    record: (events) => {
      events.listening(AGENCY, PEER)
    },
    line: { level: INFO, agency: AGENCY, peerId: PEER, msg: 'listening' },
  },
  {
    name: 'stopping',
    record: (events) => {
      events.stopping()
    },
    line: { level: INFO, msg: 'stopping' },
  },
  {
    name: 'sessionOpened',
    record: (events) => {
      events.sessionOpened(AGENCY)
    },
    line: { level: INFO, agency: AGENCY, msg: 'session opened' },
  },
  {
    name: 'sessionEnded',
    record: (events) => {
      events.sessionEnded(AGENCY, 'WIRE_FORK')
    },
    line: { level: INFO, agency: AGENCY, code: 'WIRE_FORK', msg: 'session ended' },
  },
  {
    name: 'sessionEnded',
    record: (events) => {
      events.sessionEnded(AGENCY, undefined)
    },
    line: { level: INFO, agency: AGENCY, msg: 'session ended' },
  },
  {
    name: 'attachmentFailed',
    record: (events) => {
      events.attachmentFailed('NET_BLOB')
    },
    line: { level: INFO, code: 'NET_BLOB', msg: 'attachment failed' },
  },
  {
    name: 'peerPaused',
    record: (events) => {
      events.peerPaused(AGENCY)
    },
    line: { level: ERROR, agency: AGENCY, msg: 'peer paused' },
  },
  {
    name: 'peerResumed',
    record: (events) => {
      events.peerResumed(AGENCY)
    },
    line: { level: WARN, agency: AGENCY, msg: 'peer let in again' },
  },
  {
    name: 'sessionFailed',
    record: (events) => {
      events.sessionFailed(AGENCY, 'NET_UNREACHABLE')
    },
    line: { level: INFO, agency: AGENCY, code: 'NET_UNREACHABLE', msg: 'session failed' },
  },
  {
    name: 'notWitnessed',
    record: (events) => {
      events.notWitnessed(AGENCY, 16, undefined)
    },
    line: { level: WARN, agency: AGENCY, size: 16, msg: 'not witnessed' },
  },
  {
    name: 'notWitnessed',
    record: (events) => {
      events.notWitnessed(AGENCY, 16, 'AUDIT_WITNESS_ANSWER')
    },
    line: {
      level: WARN,
      agency: AGENCY,
      size: 16,
      code: 'AUDIT_WITNESS_ANSWER',
      msg: 'not witnessed',
    },
  },
  {
    name: 'witnessConflict',
    record: (events) => {
      events.witnessConflict('ng.naptip/amana/audit/1')
    },
    line: { level: ERROR, origin: 'ng.naptip/amana/audit/1', msg: 'conflicting checkpoints' },
  },
  {
    name: 'unwitnessed',
    record: (events) => {
      events.unwitnessed({ level: 'late', seconds: 3700 })
    },
    line: { level: WARN, step: 'late', hours: 1, msg: 'unwitnessed' },
  },
  {
    name: 'unwitnessed',
    record: (events) => {
      events.unwitnessed({ level: 'alarm', seconds: 90_000 })
    },
    line: { level: ERROR, step: 'alarm', hours: 25, msg: 'unwitnessed' },
  },
  {
    name: 'shorterThanCosigned',
    record: (events) => {
      events.shorterThanCosigned(32, 16)
    },
    line: { level: ERROR, claimedSize: 32, size: 16, msg: 'log shorter than cosigned' },
  },
  {
    name: 'logDamaged',
    record: (events) => {
      events.logDamaged(0, 2048)
    },
    line: { level: ERROR, from: 0, to: 2048, msg: 'log damaged' },
  },
  {
    name: 'endsSoon',
    record: (events) => {
      events.endsSoon({ what: 'charter', id: '1', expiresAt: 7, level: 'urgent' })
    },
    line: { level: WARN, what: 'charter', id: '1', expiresAt: 7, step: 'urgent', msg: 'ends soon' },
  },
  {
    name: 'endsSoon',
    record: (events) => {
      const end = { what: 'officer', id: 'off-1', expiresAt: 7, level: 'ended' } as const
      events.endsSoon({ agency: AGENCY, ...end })
    },
    line: {
      level: ERROR,
      agency: AGENCY,
      what: 'officer',
      id: 'off-1',
      expiresAt: 7,
      step: 'ended',
      msg: 'ended',
    },
  },
  {
    name: 'keyDestroyed',
    record: (events) => {
      events.keyDestroyed('kPrK')
    },
    line: { level: INFO, keyId: 'kPrK', msg: 'key destroyed' },
  },
  {
    name: 'upkeepFailed',
    record: (events) => {
      events.upkeepFailed('STORE_FILE')
    },
    line: { level: ERROR, code: 'STORE_FILE', msg: 'upkeep failed' },
  },
]

function eventsInto(lines: Diary<string>): NodeEvents {
  const write = (line: string): void => {
    lines.write(line)
  }
  return createEvents(pino({ base: null, timestamp: false }, { write }))
}

describe('an event', () => {
  it.each(ROWS)('$name is one line of exactly these members: $line', ({ record, line }) => {
    const lines = new Diary<string>()
    record(eventsInto(lines))
    expect(lines.entries).toEqual([`${JSON.stringify(line)}\n`])
  })

  it('of every kind is tried here', () => {
    const names = Object.keys(eventsInto(new Diary()))
    expect(new Set(ROWS.map(({ name }) => name))).toEqual(new Set(names))
  })
})
