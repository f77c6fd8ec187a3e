/**
 * What officers write about a person’s rights: requests, answers and corrections, as drafts for the other agency.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#requests-and-corrections
 */
import { type Draft, DigestSchema, type Json, RIGHTS_TERMS_HOURS } from '@amana/core'
import { type RequestView } from '../rights/requests.ts'
import { messageInstant } from '../statements/referral-statements.ts'
import { handlingOf } from './erasing.ts'

const HOUR = 3600

/** Members of a group. */
export interface Members {
  readonly [member: string]: Json
}

/** What a person asked, and how. */
export interface Asking {
  readonly peer: string
  readonly referral: string
  readonly isTest: boolean
  readonly type: string
  readonly channel: string
  /** Seconds since 1970. */
  readonly receivedAt: number
  readonly rights: Members
}

/** The request to the agency that may have her data too; 30 days to answer. */
export function requestDraft({
  channel,
  isTest,
  peer,
  receivedAt,
  referral,
  rights,
  type,
}: Asking): Draft {
  const dueAt = messageInstant(receivedAt + RIGHTS_TERMS_HOURS.answer * HOUR)
  const routing = { channel, dueAt, receivedAt: messageInstant(receivedAt), referral, type }
  return {
    kind: 'rights.request/1',
    to: { agency: peer },
    handling: handlingOf(isTest),
    groups: { rights, routing },
  }
}

/** What is decided of a request. */
export interface Deciding {
  readonly request: RequestView
  readonly own: string
  readonly decision: string
  readonly appeal: string
  readonly reasons?: string | undefined
  readonly restricted: readonly Members[]
  readonly now: number
}

/** The answer; the other agency is told of it, and in it whether that agency answered. */
export function answerDraft({
  appeal,
  decision,
  now,
  own,
  reasons,
  request,
  restricted,
}: Deciding): Draft {
  const { answers, digest, from, isTest, issuedTo, referral } = { ...request, issuedTo: request.to }
  const peer = from === own ? issuedTo : from
  const theirs = answers.findLast((answer) => answer.from === peer)
  const at = theirs?.answeredAt ?? messageInstant(now)
  const notified = [{ acknowledged: theirs === undefined ? 'no' : 'yes', agency: peer, at }]
  return {
    kind: 'rights.answer/1',
    to: { agency: peer },
    handling: handlingOf(isTest),
    relates: [{ digest: DigestSchema.parse(digest), relation: 'answers' }],
    groups: {
      routing: { answeredAt: messageInstant(now), referral },
      rights: {
        appeal,
        decision,
        ...(from === own ? { notified } : {}),
        ...(reasons === undefined ? {} : { reasons }),
        ...(restricted.length === 0 ? {} : { restricted: [...restricted] }),
      },
    },
  }
}

/** A word on members of statements. */
export interface Correcting {
  readonly peer: string
  readonly referral: string
  readonly isTest: boolean
  readonly act: 'accepted' | 'applied' | 'proposal' | 'refused'
  /** The correction that it answers. */
  readonly answers?: string | undefined
  readonly targets: readonly Members[]
  readonly reason: string
  readonly now: number
}

/** A proposal, the owner’s decision on it, or the word that it is applied. */
export function correctionDraft({
  act,
  answers,
  isTest,
  now,
  peer,
  reason,
  referral,
  targets,
}: Correcting): Draft {
  return {
    kind: 'rights.correction/1',
    to: { agency: peer },
    handling: handlingOf(isTest),
    ...(answers === undefined
      ? {}
      : { relates: [{ digest: DigestSchema.parse(answers), relation: 'answers' as const }] }),
    groups: {
      routing: { act, occurredAt: messageInstant(now), referral },
      rights: { reason, targets: [...targets] },
    },
  }
}
