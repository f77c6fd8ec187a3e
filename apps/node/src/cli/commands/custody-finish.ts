/**
 * `amana custody finish`: what two officers signed without a line goes into the node, and from there its way.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#commands
 */
import {
  assertAnswersOffer,
  compareHandOver,
  decodeUtf8,
  type HandOverAnswer,
  type HandOverDifference,
  type HandOverOffer,
  isAmanaError,
  isAnyAmanaError,
} from '@amana/core'
import { type NodeServices } from '../../services.ts'
import { type Io, printAnswer } from '../io.ts'
import { type CommandContext, type Invocation } from '../options.ts'
import { withServices } from '../with-services.ts'
import { type ReadHandOver, readHandOvers } from './custody-files.ts'
import { differenceLines, halfLines } from './custody-lines.ts'

/** Options of the command. */
export interface FinishOptions {
  readonly scan?: readonly string[] | undefined
  readonly dryRun?: true | undefined
  readonly outcome: Invocation['outcome']
}

/**
 * What became of one half: queued; here already; signed by the other agency and here, or still to come over the link; or
 * it waits for what the other agency signed before it.
 */
export interface Taken {
  readonly digest: string
  readonly part: 'offer' | 'answer'
  readonly state: 'queued' | 'known' | 'arrived' | 'to_come' | 'waits'
}

/** It can go in when the link has brought what comes before. */
const WAITS_EXIT = 6
/** What an answer is refused for where the offer, or the departure, has not come yet. */
const TOO_EARLY: readonly string[] = ['proposal_unknown', 'wrong_state']

/** Takes offers and answers into the node, offers first. */
export async function custodyFinish(
  context: CommandContext,
  files: readonly string[],
  options: FinishOptions,
): Promise<void> {
  const { io } = context
  const { outcome, scan } = options
  const dryRun = options.dryRun === true
  const read = await readHandOvers(files, scan)
  const ordered = read.toSorted((one, other) => other.half.part.localeCompare(one.half.part))
  const differences = differencesIn(read)
  const taken = await withServices(context, async (services) => {
    const done: Taken[] = []
    for (const one of ordered) done.push(await takeIn(services, one, dryRun))
    return done
  })
  if (taken.some(({ state }) => state === 'waits')) outcome.exit = WAITS_EXIT
  printAnswer(io, 'amana.cli.custody-finish/1', {
    json: { taken, differences, dryRun },
    lines: [
      ...ordered.flatMap(({ half }) => halfLines(io, half)),
      ...differenceLines(io, differences),
      ...taken.map((one) => takenLine(io, one)),
      ...(dryRun ? [io.say('custody:dryRun')] : []),
    ],
  })
}

/** @throws HANDOVER_OTHER when an answer and an offer that are given together are not of one hand-over */
function differencesIn(read: readonly ReadHandOver[]): readonly HandOverDifference[] {
  const offers = read.flatMap(({ half }): HandOverOffer[] => (half.part === 'offer' ? [half] : []))
  const answers = read.flatMap(({ half }): HandOverAnswer[] =>
    half.part === 'answer' ? [half] : [],
  )
  const [offer] = offers
  if (offer === undefined) return []
  for (const answer of answers) assertAnswersOffer(offerOf(offers, answer) ?? offer, answer)
  return answers.flatMap((answer) =>
    compareHandOver((offerOf(offers, answer) ?? offer).body, answer.body),
  )
}

function offerOf(offers: readonly HandOverOffer[], answer: HandOverAnswer) {
  return offers.find(({ statement }) => statement.digest === answer.offer)
}

/** Hands one half in at the node, where it is of its agency. @throws as `NodeServices.submit` */
export async function takeIn(
  services: Pick<NodeServices, 'handOver' | 'submit'>,
  { bytes, half }: ReadHandOver,
  dryRun = false,
): Promise<Taken> {
  const { opening, part, statement } = half
  const { agency, isKnown, isOfferKnown } = await services.handOver({ file: decodeUtf8(bytes) })
  const told = { digest: statement.digest, part }
  if (isKnown === true)
    return { ...told, state: statement.content.iss === agency ? 'known' : 'arrived' }
  if (statement.content.iss !== agency) return { ...told, state: 'to_come' }
  const { payload, signatures } = statement.signed.jws
  const signed = { payload, signatures: signatures.map((one) => ({ ...one })) }
  try {
    await services.submit({ opening: { ...opening }, statement: signed, dryRun })
    return { ...told, state: 'queued' }
  } catch (error) {
    if (isAnyAmanaError(error) && error.code === 'WIRE_REPLAY') return { ...told, state: 'known' }
    if (isOfferKnown === false && isTooEarly(error)) return { ...told, state: 'waits' }
    throw error
  }
}

function isTooEarly(error: unknown): boolean {
  return (
    isAmanaError(error, 'REFERRAL_REFUSED') &&
    error.details.reasons.every((reason) => TOO_EARLY.includes(reason))
  )
}

/** What became of one half, in a sentence. */
export function takenLine({ say }: Io, { part, state }: Taken): string {
  return say(`custody:taken.${state}`, { part: say(`custody:part.${part}`) })
}
