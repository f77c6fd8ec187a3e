/**
 * What would tell who somebody is: the names, numbers and places in the identity groups of a person’s file, as they are
 * looked for in texts.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import { z } from 'zod'
import { fold } from './name-spelling.ts'

/** What a word of the case is. */
export type WordKind = 'code_word' | 'name' | 'number' | 'phone' | 'place'

/** One thing to look for. */
export interface CaseWord {
  readonly kind: WordKind
  /** As it stands in the file. */
  readonly text: string
}

/** Groups that are there to say who she is: what is looked for stands in them by right. */
export const IDENTITY_GROUPS: readonly string[] = [
  'person',
  'identity',
  'safeContact',
  'contact',
  'child',
  'safety',
]

const text = z.string().optional()
const SourceSchema = z.object({
  person: z.object({ calledName: text }).optional(),
  identity: z
    .object({
      familyName: text,
      givenNames: text,
      middleName: text,
      nameInNativeScript: text,
      aliases: z.array(z.string()).optional(),
      documentNumber: text,
    })
    .optional(),
  safeContact: z.object({ value: text, codeWord: text }).optional(),
  contact: z
    .object({
      originDistrict: text,
      family: z.array(z.object({ name: text, phone: text })).optional(),
    })
    .optional(),
  child: z.object({ guardianName: text }).optional(),
  safety: z.object({ doNotContact: z.array(z.object({ who: text })).optional() }).optional(),
})

const LEAST_CHARACTERS = 3

/** The words of a case, from those of its groups that are open; none where no identity group is. */
export function caseWords(groups: Readonly<Record<string, unknown>>): readonly CaseWord[] {
  const own = Object.entries(groups).filter(([name]) => IDENTITY_GROUPS.includes(name))
  const { data } = SourceSchema.safeParse(Object.fromEntries(own))
  if (data === undefined) return []
  const words = [...nameWords(data), ...otherWords(data)]
  const known = new Map(words.map((word) => [`${word.kind} ${fold(word.text)}`, word]))
  return [...known.values()].filter((word) => Array.from(word.text).length >= LEAST_CHARACTERS)
}

type Source = z.output<typeof SourceSchema>

function nameWords({ child, contact, identity = {}, person, safety }: Source): readonly CaseWord[] {
  const { aliases = [], familyName, givenNames, middleName, nameInNativeScript } = identity
  const own = [
    person?.calledName,
    familyName,
    givenNames,
    middleName,
    nameInNativeScript,
    ...aliases,
  ]
  const family = (contact?.family ?? []).map(({ name }) => name)
  const kept = (safety?.doNotContact ?? []).map(({ who }) => who)
  return [...own, ...family, child?.guardianName, ...kept].flatMap((name) => wordOf('name', name))
}

function otherWords({ contact, identity, safeContact }: Source): readonly CaseWord[] {
  return [
    ...wordOf('number', identity?.documentNumber),
    ...(contact?.family ?? []).flatMap(({ phone }) => wordOf('phone', phone)),
    ...wordOf(isPhone(safeContact?.value) ? 'phone' : 'place', safeContact?.value),
    ...wordOf('code_word', safeContact?.codeWord),
    ...wordOf('place', contact?.originDistrict),
  ]
}

function wordOf(kind: WordKind, value: string | undefined): readonly CaseWord[] {
  return value === undefined ? [] : [{ kind, text: value }]
}

const PHONE_DIGITS = 7

function isPhone(value: string | undefined): boolean {
  const digits = Array.from(fold(value ?? '')).filter((one) => one >= '0' && one <= '9').length
  return digits >= PHONE_DIGITS
}
