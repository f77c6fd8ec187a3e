/**
 * One exchange whose statements are sent one after the other; message files are made of it as it stands then.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#message-file
 */
import {
  decodeUtf8,
  type Digest,
  type GeneralJws,
  type MessageEvidence,
  type MessageFile,
  type PrivateKey,
  type SignedStatement,
} from '@amana/core'
import { type Exchange, send, type Sending, signStatements } from '../../support/built-exchange.ts'
import {
  forgeMessage,
  messageFileOf,
  type Shown,
  signedRecord,
} from '../../support/message-files.ts'

/** The field that these files show. */
export const FIELDS = ['body.note']

/** A file, the policy at hand, and what is said against it. */
export interface FileCase {
  readonly name: string
  readonly policy: string
  /** Findings, each with the code behind it, or the code with which the file is refused while it is read. */
  readonly says: readonly string[]
  readonly text: string
}

/** A name, a file, and what is said against it. */
export type Told = readonly [name: string, file: MessageFile, ...says: string[]]

/** A file as a forger would write it: with the right count and digest at its end. */
export function textOf(file: MessageFile): string {
  return decodeUtf8(forgeMessage([file.header, ...file.evidence]))
}

const REPORT: Sending = { from: 'naptip', sequence: 1, kinds: ['intel.report/1'], at: 60 }

/** An exchange, and the place of its next dispatch. */
export class Story {
  readonly exchange: Exchange
  #last: Digest | undefined
  #sequence = 0

  constructor(exchange: Exchange) {
    this.exchange = exchange
  }

  /** A statement that is signed and waits. */
  async sign(at: number): Promise<SignedStatement> {
    const [signed] = await signStatements(this.exchange, { ...REPORT, at })
    if (signed === undefined) throw new Error('nothing signed')
    return signed
  }

  async send(signed: SignedStatement, at: number, changes: Partial<Sending> = {}): Promise<void> {
    this.#sequence += 1
    const previous = this.#last === undefined ? {} : { previous: this.#last }
    const place = { sequence: this.#sequence, statements: [signed], at, ...previous }
    this.#last = await send(this.exchange, { ...REPORT, ...place, ...changes })
  }

  /** A statement that is signed and sent in the same second. */
  async sent(at: number, changes: Partial<Sending> = {}): Promise<SignedStatement> {
    const signed = await this.sign(at)
    await this.send(signed, at, changes)
    return signed
  }

  async file(signed: SignedStatement, shown: Shown = {}): Promise<MessageFile> {
    return messageFileOf(this.exchange, signed, shown)
  }

  officer(name: string, side: 'naptip' | 'anltp' = 'naptip'): PrivateKey<'Ed25519'> {
    const key = this.exchange[side].agency.officers[name]
    if (key === undefined) throw new Error(`no ${name}`)
    return key
  }

  /** One field, given by an officer. */
  shownBy(name: string, side: 'naptip' | 'anltp' = 'naptip'): Shown {
    const { id } = this.exchange[side].agency
    return { fields: FIELDS, by: { agency: id, key: this.officer(name, side) } }
  }

  /** Cases under the policy of this exchange. */
  cases(told: readonly Told[]): readonly FileCase[] {
    const policy = this.exchange.policyText
    return told.map(([name, file, ...says]) => ({ name, policy, says, text: textOf(file) }))
  }
}

/** What a record becomes. */
export type Change = (record: MessageEvidence) => MessageEvidence

/** The first record of a kind is another, or is not there. */
export function withFirst(
  file: MessageFile,
  kind: MessageEvidence['kind'],
  change?: Change,
): MessageFile {
  const place = file.evidence.findIndex((record) => record.kind === kind)
  const record = file.evidence[place]
  if (record === undefined) throw new Error(`no ${kind}`)
  const put = change === undefined ? [] : [change(record)]
  return { ...file, evidence: file.evidence.toSpliced(place, 1, ...put) }
}

/** The file without any record of these kinds. */
export function without(
  file: MessageFile,
  ...kinds: readonly MessageEvidence['kind'][]
): MessageFile {
  return { ...file, evidence: file.evidence.filter(({ kind }) => !kinds.includes(kind)) }
}

/** The first record of a kind. */
export function recordOf(file: MessageFile, kind: MessageEvidence['kind']): MessageEvidence {
  const record = file.evidence.find((one) => one.kind === kind)
  if (record === undefined) throw new Error(`no ${kind}`)
  return record
}

/** The same object under a signature that is not one. */
export function broken(record: MessageEvidence): MessageEvidence {
  if (record.kind === 'presentation') throw new Error('no signed object')
  const { payload, signatures }: GeneralJws = record.content
  const [first, ...rest] = signatures
  if (first === undefined) throw new Error('no signature')
  const signature = `${first.signature.startsWith('A') ? 'B' : 'A'}${first.signature.slice(1)}`
  return signedRecord(record.kind, { payload, signatures: [{ ...first, signature }, ...rest] })
}
