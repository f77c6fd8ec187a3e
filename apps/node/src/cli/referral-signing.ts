/**
 * Signing in a referral: the officer’s key is opened, the node says where the statement will stand, it is signed and queued
 * or only judged, and what became of it is told.
 *
 * @module
 * @spec docs/spec/08-exchange.md#acts-of-a-referral
 */
import { codeLabel } from '@amana/vocabulary'
import { referralDraft, type Said } from '../agency/referral-drafts.ts'
import { sendDraft, type UnlockedOfficer, unlockOfficer } from '../agency/signing.ts'
import { type ReferralPlaceView } from '../service-views.ts'
import { type ServiceResults } from '../services.ts'
import { type Field } from './act-fields.ts'
import { askFor } from './acting.ts'
import { namingOptions } from './field-options.ts'
import { type Io, printAnswer } from './io.ts'
import { type CommandContext, requireFolder } from './options.ts'
import { referenceIn } from './reference.ts'
import { tellingWhy } from './refused-step.ts'
import { instantIn } from './typed-values.ts'
import { withServices } from './with-services.ts'

/** Options of every command that signs in a referral. */
export interface SigningOptions {
  readonly approve?: string | undefined
  readonly at?: string | undefined
  readonly dryRun?: true | undefined
  readonly officer: string
}

/** An officer who is about to sign, and where. */
export interface Signing {
  readonly officer: UnlockedOfficer
  readonly approvers: readonly UnlockedOfficer[]
  readonly place: ReferralPlaceView
}

/** @throws CLI_REFERENCE, CLI_OFFICER, STORE_KEYSTORE, STORE_PASSPHRASE, and as `withServices` */
export async function beginSigning(
  context: CommandContext,
  words: readonly string[],
  { approve, officer: id }: SigningOptions,
): Promise<Signing> {
  const reference = await referenceIn(context, words)
  const officer = await unlocked(context, id)
  const approvers: UnlockedOfficer[] = []
  for (const one of approve?.split(',') ?? []) approvers.push(await unlocked(context, one.trim()))
  return { officer, approvers, place: await placeFor(context, officer, reference) }
}

/** Where the next statement of a referral stands. @throws as `withServices` */
export async function placeFor(
  context: CommandContext,
  officer: UnlockedOfficer,
  reference: string,
): Promise<ReferralPlaceView> {
  return askFor(context, {
    call: { act: 'list', method: 'referralPlace', input: { reference } },
    officer,
    send: (node, asked) => node.referralPlace(asked),
  })
}

async function unlocked(context: CommandContext, id: string): Promise<UnlockedOfficer> {
  const folder = await requireFolder(context)
  return unlockOfficer(folder, id, await context.passphrases(`officer-${id}`))
}

/** What is signed, how, and the schema of the answer. */
export interface ToSign {
  readonly said: Said
  /** Options by which its members were typed, and the group in which these stand. */
  readonly fields?: readonly Field[]
  readonly group?: string
  /** Further desks. */
  readonly desks?: readonly string[]
  readonly options: SigningOptions
}

/**
 * Signs, and queues it unless it is only to be judged.
 *
 * @throws REFERRAL_REFUSED after every reason was told; as `referralDraft` and `sendDraft`
 */
export async function signInReferral(
  context: CommandContext,
  signing: Signing,
  toSign: ToSign & { readonly schema: string },
): Promise<void> {
  const { io } = context
  const { place } = signing
  const { schema } = toSign
  const sent = await signed(context, signing, toSign)
  const { digest, queued, step } = sent
  printAnswer(io, schema, {
    json: { reference: place.reference, digest, queued, ...(step === undefined ? {} : { step }) },
    lines: outcomeLines(io, place, sent),
  })
}

/** Signs and hands in, or has it judged only. @throws as `signInReferral` */
export async function signed(
  context: CommandContext,
  { approvers, officer, place }: Signing,
  { desks = [], fields = [], group = 'body', options, said }: ToSign,
): Promise<ServiceResults['submit']> {
  const at = options.at === undefined ? undefined : instantIn(options.at, '--at')
  const draft = namingOptions(group, fields, () => referralDraft(place, { ...said, at }))
  const signers = { author: officer, approvers, desks, dryRun: options.dryRun === true }
  return tellingWhy(context.io, async () =>
    withServices(context, (node) => sendDraft(node, draft, signers)),
  )
}

/** What a statement does in its referral. */
export function outcomeLines(
  { language, say }: Io,
  { peer }: ReferralPlaceView,
  { digest, queued, step }: ServiceResults['submit'],
): readonly string[] {
  const { effect = 'recorded', event = '', state = 'none', warnings = [] } = step ?? {}
  const told = {
    event: codeLabel('referralEvent', event, language) ?? say(`referral:event.${event}`),
    state: codeLabel('referralStatus', state, language) ?? say('referral.stateNone'),
    peer,
  }
  return [
    say(`acts:effect.${effect}`, told),
    ...warnings.map((warning) => `  ! ${say(`referral:warning.${warning}`)}`),
    queued ? say('acts:queued', { digest }) : say('acts:dryRun'),
  ]
}
