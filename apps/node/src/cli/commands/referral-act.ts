/**
 * `amana referral act …`: one command an event. The officer signs what she typed; what the referral does not allow is said
 * condition by condition, with what to do.
 *
 * @module
 * @spec docs/spec/08-exchange.md#acts-of-a-referral
 */
import { type CommandUnknownOpts } from '@commander-js/extra-typings'
import { AmanaError, CODE_LISTS, type CodeOf, DigestSchema } from '@amana/core'
import { codeLabel } from '@amana/vocabulary'
import { z } from 'zod'
import { type Said } from '../../agency/referral-drafts.ts'
import { type UnlockedOfficer } from '../../agency/signing.ts'
import { type ReferralPlaceView } from '../../service-views.ts'
import { fieldsOf } from '../act-fields.ts'
import { addFields, fillIn, membersIn, type Members, typedFor } from '../field-options.ts'
import { type CommandContext } from '../options.ts'
import { ownWaiting, proposedMembers, waitingFor } from '../proposals.ts'
import { beginSigning, signInReferral, type SigningOptions } from '../referral-signing.ts'
import { contextOf, groupCommand, leafCommand, type Shell } from '../shell.ts'
import { type Typed } from '../typed-values.ts'
import { valueLines } from './message-reading.ts'

type Event = CodeOf<'referralEvent'>

/** Who receives the person signs a receipt; who hears of a withdrawal records a consent. */
const ELSEWHERE: readonly Event[] = ['hand_over', 'withdraw_consent']
/** Events that two must do together. */
const JOINT: readonly Event[] = ['mark_ready', 'declare_emergency', 'waive_gate']
const HOUR_SECONDS = 3600
const VALID_HOURS = '72'

const JointSchema = z.object({
  agree: z.exactOptional(z.literal(true)),
  takeBack: z.exactOptional(z.literal(true)),
  valid: z.string().default(VALID_HOURS),
})

interface JointOptions extends z.output<typeof JointSchema> {}

/** An act that is asked for. */
interface Act {
  readonly event: Event
  readonly joint: JointOptions
  readonly options: SigningOptions & { readonly with?: string | undefined }
  readonly typed: ReadonlyMap<string, Typed>
}

/** `amana referral act` with a command for each event. */
export function actCommands(shell: Shell): CommandUnknownOpts {
  const events = CODE_LISTS.referralEvent.filter((event) => !ELSEWHERE.includes(event))
  const commands = events.map((event) => actCommand(shell, event))
  return groupCommand(shell, { name: 'act', helpKey: 'referralAct' }, commands)
}

function actCommand(shell: Shell, event: Event): CommandUnknownOpts {
  const { say } = shell
  const { systemLanguage } = shell.invocation
  const fields = fieldsOf(event)
  const command: CommandUnknownOpts = leafCommand(shell, event.replaceAll('_', '-'), 'referralAct')
    .description(codeLabel('referralEvent', event, systemLanguage) ?? event)
    .argument('<reference...>')
    .requiredOption('--officer <id>', say('help.option.officer'))
    .option('--approve <ids>', say('help.option.approve'))
    .option('--at <instant>', say('help.option.happenedAt'))
    .option('--with <file>', say('help.option.withFile'))
    .option('--dry-run', say('help.option.dryRun'))
    .action(async (reference, options, own) => {
      const joint = JointSchema.parse(own.opts())
      const act = { event, joint, options, typed: typedFor(own, fields) }
      await referralAct(contextOf(shell, options), reference, act)
    })
  addFields(command, fields, systemLanguage)
  if (JOINT.includes(event)) addJointOptions(command, shell)
  return event.includes('_') ? command.alias(event) : command
}

function addJointOptions(command: CommandUnknownOpts, { say }: Shell): void {
  command
    .option('--agree', say('help.option.agree'))
    .option('--take-back', say('help.option.takeBack'))
    .option('--valid <hours>', say('help.option.valid'), VALID_HOURS)
}

async function referralAct(
  context: CommandContext,
  words: readonly string[],
  act: Act,
): Promise<void> {
  const { event, options } = act
  const signing = await beginSigning(context, words, options)
  const half = halfOf(act, signing.place)
  const known = {
    ...defaultsOf(event, signing.place),
    ...(await saidBefore(context, signing.officer, half)),
    ...(await membersIn(options.with)),
  }
  const fields = fieldsOf(event)
  const members = await fillIn(context.io, fields, { known, typed: act.typed })
  const said = { kind: 'referral.event/1', groups: { body: { ...members, event } }, ...half }
  const schema = 'amana.cli.referral-act/1'
  await signInReferral(context, signing, { fields, said, options, schema })
}

type Half = Pick<Said, 'relates' | 'exp'>

/** Which half of a joint act it is. @throws CLI_NO_PROPOSAL, CLI_OPTION */
function halfOf({ event, joint }: Act, place: ReferralPlaceView): Half {
  if (!JOINT.includes(event)) return {}
  if (joint.agree === true) return linkTo('agrees', waitingFor(event, place).statement)
  if (joint.takeBack === true) return linkTo('withdraws', ownWaiting(event, place).statement)
  if (!/^[1-9]\d{0,3}$/.test(joint.valid)) throw new AmanaError('CLI_OPTION', { option: '--valid' })
  return { exp: place.now + Number(joint.valid) * HOUR_SECONDS }
}

function linkTo(relation: 'agrees' | 'withdraws', digest: string): Half {
  return { relates: [{ relation, digest: DigestSchema.parse(digest) }] }
}

/** What the half that waits says is shown before it is said again. */
async function saidBefore(
  context: CommandContext,
  officer: UnlockedOfficer,
  { relates = [] }: Half,
): Promise<Members> {
  const [link] = relates
  if (link === undefined) return {}
  const { io } = context
  const members = await proposedMembers(context, officer, link.digest)
  io.talk(io.say('acts:half', { digest: link.digest }))
  for (const line of valueLines(members, 'body', io.language)) io.talk(`  ${line}`)
  return members
}

function defaultsOf(event: Event, { peer }: ReferralPlaceView): Members {
  if (event === 'create') return { receivingAgency: peer }
  if (event === 'close_deceased') return { outcome: 'deceased' }
  return event === 'mark_ready' || event === 'declare_emergency' ? { escorts: [] } : {}
}
