/**
 * What an officer’s program looks for in a draft before he signs it: words that tell who the person is, in texts that its
 * readers will see. Where the draft does not name her, they are taken from her file, as far as he reads it.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import {
  type CaseWord,
  caseWords,
  type Draft,
  type Finding,
  freeTextsOf,
  kindDefinition,
  type Message,
  ownDesk,
  parseMessage,
  type ReadingDesk,
  referralReferenceOf,
  releaseFindings,
} from '@amana/core'
import { type NodeServices } from '../services.ts'
import { askAs } from './asking.ts'
import { readBy } from './reading.ts'
import { type UnlockedOfficer } from './unlocked-officer.ts'

/** A finding with what stands there: for the screen of who typed it, and nowhere else. */
export interface ShownFinding extends Finding {
  readonly text: string
}

/** What is looked over. */
export interface LookingOver {
  readonly draft: Pick<Draft, 'groups' | 'kind' | 'to'>
  /** Desks of the addressee beside that of the kind. */
  readonly desks: readonly string[]
  /** Without him only the words of the draft itself are looked for. */
  readonly officer?: UnlockedOfficer | undefined
}

type Services = Pick<NodeServices, 'challenge' | 'context' | 'message' | 'referralFile' | 'rosters'>

/** For a draft that is looked over by its own words alone. */
export function lookOverAlone(draft: LookingOver['draft']): readonly ShownFinding[] {
  const message = parseMessage(draft.kind, draft.groups)
  const isOfReferral = referralReferenceOf(draft.kind, message.groups) !== undefined
  const own = ownDesk(kindDefinition(draft.kind).desk)
  return isOfReferral ? withTexts(message, releaseFindings(message, [own])) : []
}

/**
 * What is found in the texts of a draft that is about a referral; of any other nothing. Opening her file is an act of its
 * own, with its leaf.
 *
 * @throws as `parseMessage`, `askAs`, `NodeServices.message` and `readBy`
 */
export async function lookOver(
  services: Services,
  { desks, draft, officer }: LookingOver,
): Promise<readonly ShownFinding[]> {
  const message = parseMessage(draft.kind, draft.groups)
  const reference = referralReferenceOf(draft.kind, message.groups)
  if (reference === undefined || freeTextsOf(message.kind, message.groups).length === 0) return []
  const reading = await desksOf(services, draft, desks)
  const isNamed = caseWords(message.groups).length > 0
  const words =
    officer === undefined || isNamed ? [] : await wordsOfFile(services, officer, reference)
  return withTexts(message, releaseFindings(message, reading, words))
}

async function desksOf(
  services: Services,
  { kind, to }: LookingOver['draft'],
  further: readonly string[],
): Promise<readonly ReadingDesk[]> {
  const own = ownDesk(kindDefinition(kind).desk)
  if (further.length === 0) return [own]
  const rosters = await services.rosters({})
  const desks = rosters.find(({ agency }) => agency === to.agency)?.desks ?? []
  const listed = desks.map(({ external, id, roles }) => ({ external, id, roles: [...roles] }))
  return [own, ...further.map((id) => listed.find((desk) => desk.id === id) ?? ownDesk(id))]
}

async function wordsOfFile(
  services: Services,
  officer: UnlockedOfficer,
  reference: string,
): Promise<readonly CaseWord[]> {
  const { file } = await services.referralFile({ reference })
  if (file === undefined) return []
  const input = { digest: file, purpose: 'referral' } as const
  const call = { act: 'open', method: 'message', input } as const
  const view = await services.message(await askAs(services, officer, call))
  return caseWords((await readBy(view, officer)).groups)
}

function withTexts(message: Message, findings: readonly Finding[]): readonly ShownFinding[] {
  const texts = new Map(
    freeTextsOf(message.kind, message.groups).map(({ path, text }) => [path, text]),
  )
  return findings.map((finding) => {
    const { length, path, start } = finding
    return { ...finding, text: (texts.get(path) ?? '').slice(start, start + length) }
  })
}
