/**
 * `amana custody take-back`: an offer that nobody accepted is taken back, so that the leg can be offered again.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#commands
 */
import { AmanaError } from '@amana/core'
import { signHalf } from '../../agency/handing-over.ts'
import { printAnswer } from '../io.ts'
import { type CommandContext } from '../options.ts'
import { tellingWhy } from '../refused-step.ts'
import { defined, momentOf } from './custody-body.ts'
import { readHandOvers } from './custody-files.ts'
import { halfLines } from './custody-lines.ts'
import { withSeat } from './custody-seat.ts'

/** Options of the command. */
export interface TakeBackOptions {
  readonly officer: string
  readonly at?: string | undefined
  readonly dryRun?: true | undefined
}

/** Signs the same again as taken back, and queues it. */
export async function custodyTakeBack(
  context: CommandContext,
  file: string,
  { at, dryRun: dry, officer }: TakeBackOptions,
): Promise<void> {
  const { io } = context
  const [read] = await readHandOvers([file])
  if (read?.half.part !== 'offer') throw new AmanaError('HANDOVER_FORM', { path: 'offer' })
  const { body, statement } = read.half
  const dryRun = dry === true
  await withSeat(context, { officer }, async (seat, services) => {
    const { places } = await seat.referral(body.referral)
    const last = places[seat.agency]
    const { previous: _previous, ...same } = body
    const { caveats, tlp } = statement.content.handling
    const taken = await signHalf(seat, {
      body: {
        ...defined({ ...same, from: { ...body.from }, to: { ...body.to } }),
        ...defined({ occurredAt: momentOf({ at }, seat.now)['occurredAt'] }),
        sequence: (last?.sequence ?? 0) + 1,
        ...defined({ previous: last?.digest }),
      },
      handling: { caveats, tlp },
      relates: [{ digest: statement.digest, relation: 'withdraws' }],
    })
    const handed = { opening: { ...taken.opening }, statement: { ...taken.statement }, dryRun }
    await tellingWhy(io, async () => services?.submit(handed))
    printAnswer(io, 'amana.cli.custody-take-back/1', {
      json: { digest: taken.digest, offer: statement.digest, queued: !dryRun },
      lines: [...halfLines(io, read.half), io.say(dryRun ? 'custody:dryRun' : 'custody:takenBack')],
    })
  })
}
