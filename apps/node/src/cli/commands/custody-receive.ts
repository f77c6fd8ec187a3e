/**
 * `amana custody receive`: the other officer looks at what is offered, and signs that she takes the person, or why not.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#commands
 */
import {
  AmanaError,
  assertMayAnswer,
  compareHandOver,
  encodeAnswer,
  HANDOVER_RECEIPT,
  type HandOverCheck,
  type HandOverOffer,
  parseDraft,
  parseHandOver,
  type SignedStatement,
  type UnverifiedHalf,
} from '@amana/core'
import { type Seat, signHalf } from '../../agency/handing-over.ts'
import { type NodeServices } from '../../services.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import {
  defined,
  type Members,
  type MomentOptions,
  momentOf,
  receivedBody,
} from './custody-body.ts'
import {
  assertWritable,
  type ReadHandOver,
  readHandOvers,
  writeHandOver,
  type WritingOptions,
  type Written,
} from './custody-files.ts'
import { takeIn, takenLine } from './custody-finish.ts'
import { checkLine, differenceLines, halfLines } from './custody-lines.ts'
import { isSigning, type SeatOptions, withLookout, withSeat } from './custody-seat.ts'

/** Options of the command. */
export interface ReceiveOptions extends SeatOptions, MomentOptions, WritingOptions {
  readonly scan?: readonly string[] | undefined
  readonly missing?: readonly string[] | undefined
  readonly dispute?: true | undefined
  readonly unverified?: true | undefined
}

/** Shows what is offered and, where an officer is named, signs her answer. */
export async function custodyReceive(
  context: CommandContext,
  files: readonly string[],
  options: ReceiveOptions,
): Promise<void> {
  const read = offerIn(await readHandOvers(files, options.scan))
  if (!isSigning(options)) return showOffer(context, read, options)
  assertAnswer(options)
  await assertWritable(options)
  await withSeat(context, options, async (seat, services) => {
    const check = await mayAnswer(seat, read, options)
    const signed = await signAnswer(seat, read.offer, options)
    const done = await outOf(context.io, { ...signed, options, services })
    const { answer, body } = signed
    const differences = compareHandOver(read.offer.body, body)
    const { id } = seat.officer
    const outcome = options.dispute === true ? 'disputed' : 'received'
    printAnswer(context.io, 'amana.cli.custody-receive/1', {
      json: {
        digest: answer.digest,
        offer: read.offer.statement.digest,
        outcome,
        check,
        differences,
        ...done.json,
      },
      lines: [
        ...shownLines(context.io, read.offer, check),
        ...differenceLines(context.io, differences),
        context.io.say(`custody:outcome.${outcome}`, { id, organisation: seat.organisation }),
        ...done.lines,
      ],
    })
  })
}

/** @throws as `assertMayAnswer`, `Lookout.check`; HANDOVER_UNKNOWN */
async function mayAnswer(
  { check, now, officer, organisation }: Seat,
  { bytes, offer }: ReadOffer,
  options: ReceiveOptions,
): Promise<HandOverCheck> {
  assertMayAnswer(offer, { keyId: officer.key.keyId, organisation }, now)
  const told = await check(bytes)
  assertTold(told, options)
  return told
}

interface Signed {
  readonly answer: SignedStatement
  readonly body: UnverifiedHalf['body']
  readonly bytes: Uint8Array
}

interface Outgoing extends Signed {
  readonly options: ReceiveOptions
  readonly services: NodeServices | undefined
}

/** Writes the answer and hands it in where there is a node, as was asked for. */
async function outOf(io: Io, { body, bytes, options, services }: Outgoing): Promise<Written> {
  if (options.dryRun === true) return { json: {}, lines: [io.say('custody:dryRun')] }
  const title = `${body.referral}, ${body.leg}`
  const written = await writeHandOver(io, bytes, { ...options, title })
  if (services === undefined) return written
  const taken = await takeIn(services, { bytes, half: parseHandOver(bytes) })
  return {
    json: { ...written.json, taken },
    lines: [...written.lines, takenLine(io, taken)],
  }
}

interface ReadOffer {
  readonly bytes: Uint8Array
  readonly offer: HandOverOffer
}

/** One offer. @throws HANDOVER_FORM when an answer is given in its place, CLI_OPTION when there are several */
function offerIn([read, ...others]: readonly ReadHandOver[]): ReadOffer {
  if (read === undefined || others.length > 0)
    throw new AmanaError('CLI_OPTION', { option: 'FILE' })
  const { bytes, half } = read
  if (half.part !== 'offer') throw new AmanaError('HANDOVER_FORM', { path: 'offer' })
  return { bytes, offer: half }
}

async function showOffer(
  context: CommandContext,
  { bytes, offer }: ReadOffer,
  options: ReceiveOptions,
): Promise<void> {
  const { io } = context
  const check = await withLookout(context, options, async (lookout) => lookout.check(bytes))
  printAnswer(io, 'amana.cli.custody-receive/1', {
    json: { offer: offer.statement.digest, check, body: offer.body },
    lines: [...shownLines(io, offer, check), io.say('custody:shown')],
  })
}

function shownLines(io: Io, offer: HandOverOffer, check: HandOverCheck): readonly string[] {
  return [...halfLines(io, offer), checkLine(io, check)]
}

/** A dispute says why. @throws CLI_OPTION */
function assertAnswer({ dispute, reservations }: ReceiveOptions): void {
  if (dispute === true && reservations === undefined) {
    throw new AmanaError('CLI_OPTION', { option: '--reservations' })
  }
}

/** @throws HANDOVER_UNKNOWN when the rosters cannot tell who signed, and the officer did not say that she knows it */
function assertTold(check: HandOverCheck, { unverified }: ReceiveOptions): void {
  if (check.verdict === 'unknown' && unverified !== true) {
    throw new AmanaError('HANDOVER_UNKNOWN', { document: check.document })
  }
}

/** Her half, checked as the other one will check it. */
async function signAnswer(
  seat: Seat,
  offer: HandOverOffer,
  options: ReceiveOptions,
): Promise<Signed> {
  const { handling } = offer.statement.content
  const { places } = await seat.referral(offer.body.referral)
  const last = places[seat.agency] ?? offer.places[seat.agency]
  const typed = momentOf(options, seat.now)
  const members: Members = {
    ...receivedBody(offer.body, typed, options.missing),
    sequence: (last?.sequence ?? 0) + 1,
    ...defined({ previous: last?.digest }),
  }
  const choice = { caveats: [...handling.caveats], tlp: handling.tlp }
  parseDraft({
    kind: HANDOVER_RECEIPT,
    to: { agency: seat.peer },
    handling: choice,
    groups: { body: members },
  })
  const relation = options.dispute === true ? ('answers' as const) : ('agrees' as const)
  const relates = [{ digest: offer.statement.digest, relation }]
  const answer = await signHalf(seat, { body: members, handling: choice, relates })
  const bytes = encodeAnswer(answer)
  await seat.check(bytes)
  return { answer, body: parseHandOver(bytes).body, bytes }
}
