/**
 * One session of a mailbox with a node: it answers what is asked, one request after the other.
 *
 * @module
 * @spec docs/spec/09-carriers.md#what-is-said
 */
import { encodeCanonical, encodeUtf8, type Json } from '@amana/core'
import { type LinkSession } from '../ports.ts'
import { type MailStore } from './mail-store.ts'
import {
  AcknowledgeSchema,
  FetchSchema,
  ListSchema,
  type Message,
  parseBody,
  receiveMessage,
  sendMessage,
} from './messages.ts'

/** What answers are made from. */
export type Kept = Pick<MailStore, 'acknowledge' | 'deposit' | 'fetch' | 'list'>

/** Answers until the other side ends. @throws NET_FRAME, NET_CLOSED, NET_TIMEOUT, STORE_WRITE */
export async function serveMailbox(link: LinkSession, agency: string, mail: Kept): Promise<void> {
  for (;;) {
    const asked = await receiveMessage(link)
    if (asked === null) return
    await sendMessage(link, await answerTo(asked, agency, mail))
  }
}

async function answerTo({ body, type }: Message, agency: string, mail: Kept): Promise<Message> {
  if (type === 'deposit') {
    const reason = await mail.deposit(agency, body)
    return reason === undefined ? done() : refused(reason)
  }
  if (type === 'list') {
    const { items } = await mail.list(agency, parseBody(ListSchema, body).after)
    return { type: 'listed', body: encodeCanonical({ items }) }
  }
  if (type === 'fetch') {
    const bytes = await mail.fetch(agency, parseBody(FetchSchema, body).name)
    return bytes === undefined ? refused('unknown') : { type: 'fetched', body: bytes }
  }
  if (type !== 'acknowledge') return refused('form')
  await mail.acknowledge(agency, parseBody(AcknowledgeSchema, body).names)
  return done()
}

function done(): Message {
  return { type: 'done', body: encodeUtf8('') }
}

function refused(reason: Json): Message {
  return { type: 'refused', body: encodeCanonical({ reason }) }
}
