/**
 * What an officer’s program does with groups at rest: it opens those that his key opens, and holds each against its digest
 * in the statement.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#reading
 */
import {
  AmanaError,
  type Attachment,
  attachmentsOf,
  openGroup,
  type OpenGroup,
  type Opening,
  parseOpening,
  parseStatement,
  type PrivateKey,
  rebuildOpening,
} from '@amana/core'
import { type AtRestView, type GroupAtRest, type MessageView } from '../service-views.ts'
import { presentationOf } from '../services/presented.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type NodeServices } from '../services.ts'
import { valuesOf, withoutKeys } from '../statements/statement-values.ts'
import { askAs } from './asking.ts'
import { type UnlockedOfficer } from './signing.ts'

/**
 * The opening of what an officer reads of a message; the other groups by their digests.
 *
 * @throws STORE_GROUP when a group is not what was sealed, or not what its statement commits to
 */
export async function openedFor(
  digest: string,
  { groups, salt, statement, waiting, withheld }: AtRestView,
  { reading = [] }: Pick<UnlockedOfficer, 'reading'>,
): Promise<Opening> {
  const open: Record<string, OpenGroup> = {}
  const closed: Record<string, string> = { ...withheld, ...waiting }
  for (const [group, lying] of Object.entries(groups)) {
    const key = keyFor(lying, reading)
    if (lying.sealed === undefined || key === undefined) closed[group] = lying.commitment
    else open[group] = await openGroup({ group, statement: digest }, lying.sealed, key)
  }
  const opening = parseOpening({ groups: open, salt, withheld: closed })
  const { kind } = parseStatement(statement).content
  const rebuilt = rebuildOpening(kind, opening).groups
  const other = Object.keys(open).find((name) => rebuilt[name] !== groups[name]?.commitment)
  if (other !== undefined) throw new AmanaError('STORE_GROUP', { group: other })
  return opening
}

/** The message with the groups that an officer reads. @throws as `openedFor` */
export async function readBy(
  view: MessageView,
  officer: UnlockedOfficer | undefined,
): Promise<MessageView> {
  if (view.atRest === undefined || officer === undefined) return view
  const opening = await openedFor(view.digest, view.atRest, officer)
  return { ...view, groups: withoutKeys(valuesOf({ opening })) }
}

/** The attachments of a message with their keys, as far as an officer reads them. @throws as `openedFor` */
export async function attachmentsFor(
  { atRest, digest }: MessageView,
  officer: UnlockedOfficer,
): Promise<readonly Attachment[]> {
  if (atRest === undefined) return []
  return attachmentsOf(valuesOf({ opening: await openedFor(digest, atRest, officer) }))
}

/**
 * What an officer shows of a message that he reads.
 *
 * @throws WIRE_DIS when a path names nothing that he reads; as `openedFor`
 */
async function presentedBy(
  { atRest, digest }: MessageView,
  officer: UnlockedOfficer,
  disclose: readonly string[],
): Promise<string | undefined> {
  if (atRest === undefined) return undefined
  return presentationOf(atRest.statement, await openedFor(digest, atRest, officer), disclose)
}

/** A message of which an officer shows a part. */
export interface Presenting {
  readonly digest: string
  readonly disclose: readonly string[]
  readonly purpose: ServiceInput<'message'>['purpose']
  readonly reason?: string
}

/**
 * The presentation that an officer makes of groups at rest, once his opening is in the log; nothing where they are not.
 *
 * @throws as `presentedBy`, `askAs` and `NodeServices.message`
 */
export async function presentAs(
  services: Pick<NodeServices, 'challenge' | 'context' | 'message'>,
  officer: UnlockedOfficer,
  { disclose, ...input }: Presenting,
): Promise<string | undefined> {
  const call = { act: 'open', method: 'message', input } as const
  return presentedBy(
    await services.message(await askAs(services, officer, call)),
    officer,
    disclose,
  )
}

function keyFor(
  { sealed }: GroupAtRest,
  reading: readonly PrivateKey<'HPKE-9-KE'>[],
): PrivateKey<'HPKE-9-KE'> | undefined {
  const kids = new Set<string>(sealed?.wraps.map(({ kid }) => kid))
  return reading.find(({ keyId }) => kids.has(keyId))
}
