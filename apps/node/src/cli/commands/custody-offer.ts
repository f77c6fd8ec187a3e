/**
 * `amana custody offer`: the officer who lets the person go signs what she hands over, and to whom.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#commands
 */
import {
  AmanaError,
  canonicalize,
  encodeOffer,
  HANDOVER_RECEIPT,
  type Json,
  parseDraft,
  parseHandOver,
  readSpokenReference,
  type SignedStatement,
} from '@amana/core'
import { z } from 'zod'
import { type Places, type Seat, signHalf } from '../../agency/handing-over.ts'
import { type NodeServices } from '../../services.ts'
import { readJson, writeText } from '../files.ts'
import { printAnswer } from '../io.ts'
import { referenceIn } from '../reference.ts'
import { tellingWhy } from '../refused-step.ts'
import { type CommandContext } from '../options.ts'
import { defined, type Members, type MomentOptions, momentOf } from './custody-body.ts'
import { assertWritable, writeHandOver, type WritingOptions } from './custody-files.ts'
import { checkLine, halfLines } from './custody-lines.ts'
import { isSigning, type SeatOptions, withSeat } from './custody-seat.ts'

const HOUR = 3600
/** A week: the line may be down as long, and the answer has to come before. */
const DEFAULT_HOURS = 168
const MOST_HOURS = 720

/** Options of the command. */
export interface OfferOptions extends SeatOptions, MomentOptions, WritingOptions {
  readonly leg?: string | undefined
  readonly legType?: string | undefined
  readonly fromType?: string | undefined
  readonly receiver?: string | undefined
  readonly receiverType?: string | undefined
  readonly hours?: string | undefined
  readonly tlp?: string | undefined
  readonly exercise?: true | undefined
  readonly with?: string | undefined
}

const BodySchema: z.ZodType<Members> = z.record(z.string(), z.json())

/** Signs an offer, queues it where there is a node, and writes it. */
export async function custodyOffer(
  context: CommandContext,
  spoken: string,
  options: OfferOptions,
): Promise<void> {
  const { io } = context
  const reference = readSpokenReference(spoken) ?? (await referenceAtNode(context, spoken, options))
  const given = options.with === undefined ? {} : BodySchema.parse(await readJson(options.with))
  const hours = hoursOf(options.hours)
  await assertWritable(options)
  if (!isSigning(options)) throw new AmanaError('CLI_OPTION', { option: '--officer' })
  await withSeat(context, options, async (seat, services) => {
    const { exercise, places } = await seat.referral(reference)
    const body = offeredBody({ given, options, places, reference, seat })
    const isExercise = exercise || options.exercise === true
    const offer = await keeping(context, { body, options }, async () => {
      const signed = await signOffer({ body, hours, isExercise, options, seat })
      await handIn(signed, services, true)
      return signed
    })
    const bytes = encodeOffer(offer, places)
    const half = parseHandOver(bytes)
    const check = await seat.check(bytes)
    const title = `${reference}, ${half.body.leg}`
    const isDry = options.dryRun === true
    const written = isDry ? DRY : await writeHandOver(io, bytes, { ...options, title })
    if (!isDry) await handIn(offer, services, false)
    const isQueued = services !== undefined && !isDry
    printAnswer(io, 'amana.cli.custody-offer/1', {
      json: { digest: offer.digest, queued: isQueued, ...written.json },
      lines: [
        ...halfLines(io, half),
        checkLine(io, check),
        ...written.lines,
        io.say(isDry ? 'custody:dryRun' : isQueued ? 'custody:offered' : 'custody:offeredApart'),
      ],
    })
  })
}

/** @throws CLI_REFERENCE; where there is a node, with the one that may be meant */
async function referenceAtNode(
  context: CommandContext,
  spoken: string,
  { keystore }: OfferOptions,
): Promise<string> {
  if (keystore === undefined) return referenceIn(context, [spoken])
  throw new AmanaError('CLI_REFERENCE', { what: 'form' })
}

const DRY = { json: {}, lines: [] }

interface Offering {
  readonly given: Members
  readonly options: OfferOptions
  readonly places: Places
  readonly reference: string
  readonly seat: Seat
}

function offeredBody({ given, options, places, reference, seat }: Offering): Members {
  const { fromType, leg, legType, receiver, receiverType } = options
  const last = places[seat.agency]
  return {
    ...defined({ leg: 'l1', legType: 'cross_border' }),
    ...given,
    ...defined({ leg, legType }),
    ...momentOf(options, seat.now),
    ...(given['occurredAt'] === undefined || options.at !== undefined
      ? {}
      : { occurredAt: given['occurredAt'] }),
    from: {
      ...membersOf(given['from']),
      ...defined({ type: fromType }),
      organisation: seat.organisation,
    },
    to: { ...membersOf(given['to']), ...defined({ organisation: receiver, type: receiverType }) },
    act: 'release',
    referral: reference,
    sequence: (last?.sequence ?? 0) + 1,
    ...defined({ previous: last?.digest }),
  }
}

interface Signing {
  readonly body: Members
  readonly hours: number
  readonly isExercise: boolean
  readonly options: OfferOptions
  readonly seat: Seat
}

/** Checked as a draft first, so that what does not fit is named before anything is signed. */
async function signOffer({
  body,
  hours,
  isExercise,
  options,
  seat,
}: Signing): Promise<SignedStatement> {
  const caveats = ['dist:bilateral', ...(isExercise ? ['test:data'] : [])]
  const handling = { caveats, tlp: options.tlp ?? 'AMBER+STRICT' }
  const draft = { kind: HANDOVER_RECEIPT, to: { agency: seat.peer }, handling, groups: { body } }
  parseDraft(draft)
  return signHalf(seat, { body, handling, exp: seat.now + hours * HOUR })
}

/** Judged before the file is written, queued after it: what is queued is also in the officer’s hand. */
async function handIn(
  { opening, statement }: SignedStatement,
  services: NodeServices | undefined,
  dryRun: boolean,
): Promise<void> {
  await services?.submit({ opening: { ...opening }, statement: { ...statement }, dryRun })
}

/** What was typed is not lost when it is refused: it lies beside the file, for `--with`. */
async function keeping<T>(
  { io }: CommandContext,
  { body, options: { dryRun, to } }: { readonly body: Members; readonly options: OfferOptions },
  act: () => Promise<T>,
): Promise<T> {
  try {
    return await tellingWhy(io, act)
  } catch (error) {
    if (to !== undefined && dryRun !== true) {
      const file = `${to}.draft.json`
      await writeText(file, `${canonicalize(typedOf(body))}\n`)
      io.talk(io.say('custody:kept', { file }))
    }
    throw error
  }
}

/** Without what the program itself sets. */
function typedOf(body: Members): Members {
  const {
    act: _act,
    previous: _previous,
    referral: _referral,
    sequence: _sequence,
    ...typed
  } = body
  return typed
}

function membersOf(value: Json | undefined): Members {
  return BodySchema.safeParse(value).data ?? {}
}

function hoursOf(typed: string | undefined): number {
  const hours = typed === undefined ? DEFAULT_HOURS : Number(typed)
  if (Number.isInteger(hours) && hours >= 1 && hours <= MOST_HOURS) return hours
  throw new AmanaError('CLI_OPTION', { option: '--hours' })
}
