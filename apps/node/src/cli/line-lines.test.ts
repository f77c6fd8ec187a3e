import { describe, expect, it } from 'vitest'
import { MailHealth } from '../mailbox/mail-health.ts'
import { createIo, type Io } from './io.ts'
import { mailboxLines, peerLines, trafficLines } from './line-lines.ts'

function ioIn(language: 'en' | 'fr'): Io {
  const sink = { write: () => true }
  const streams = { stdout: sink, stderr: sink, stdin: {} }
  return createIo(streams, { language, json: false })
}

const LINE = {
  bytesToday: 12_000_000,
  bytesPerDay: 50_000_000,
  bytesLeft: 38_000_000,
  bytesPerSecond: 6400,
  attachmentsWaiting: 2,
  attachmentBytesWaiting: 3_000_000,
  attachmentsHeld: 1,
  attachmentBytesHeld: 900_000_000,
}

describe('the line in plain words', () => {
  it('says what is used and left of the day, how fast it was, what comes and what does not', () => {
    expect(trafficLines(ioIn('en'), LINE)).toEqual([
      'line: 11 MiB of 48 MiB today, 36 MiB left; beyond it attachments wait',
      'attachments came or went at 6.4 kB/s when that was last measured',
      'attachments to be fetched: 2, 3 MiB',
      'attachments on hold, or not asked for: 1, 858 MiB; amana message attachments',
    ])
    const { bytesPerDay: _no, bytesLeft: _none, bytesPerSecond: _unknown, ...free } = LINE
    const idle = { ...free, attachmentsWaiting: 0, attachmentsHeld: 0 }
    expect(trafficLines(ioIn('en'), idle)).toEqual(['line: 11 MiB today'])
  })

  it('says what waits by urgency in both languages', () => {
    const waiting = [
      { desk: 'protection', urgency: 'life-at-risk', statements: 2, bytes: 14_001, oldestAt: 0 },
      { desk: 'coordination', urgency: 'routine', statements: 9, bytes: 0 },
    ] as const
    const peer = {
      acknowledgedRoster: 1,
      agency: 'ng.naptip',
      link: 'offline',
      queued: 11,
      state: 'in-force',
      waiting,
    } as const
    expect(peerLines(ioIn('en'), peer)).toEqual([
      'waiting for the desk protection, lives at risk: 2, 15 kB, the oldest since 1970-01-01 00:00 UTC',
      'waiting for the desk coordination, routine: 9, 0 kB',
    ])
    expect(peerLines(ioIn('fr'), peer)[0]).toContain('vies en danger')
  })

  it('says how the visits to the mailbox went', () => {
    const health = new MailHealth({ now: () => 86_400, nowMs: () => 86_400_000 })
    const io = ioIn('en')
    expect(mailboxLines(io, undefined)).toEqual([])
    expect(mailboxLines(io, health.now)).toEqual(['mailbox: not visited since the node started'])
    health.visited({ fetched: 3, refused: 1, left: 2 })
    health.failed('NET_MAILBOX')
    const [visited, failed] = mailboxLines(io, health.now)
    expect(visited).toBe(
      'mailbox: visited 1970-01-02 00:00 UTC, fetched 3, of them refused 1, left 2',
    )
    expect(failed).toContain('[NET_MAILBOX]')
    expect(mailboxLines(ioIn('fr'), health.now)[1]).toContain('a échoué')
  })
})
