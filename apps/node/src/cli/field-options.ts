/**
 * Members of a body as options of a command: declared in the reader’s language, read from what was typed, asked for where a
 * person sits there.
 *
 * @module
 * @spec docs/spec/08-exchange.md#acts-of-a-referral
 */
import { type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { AmanaError, isAmanaError } from '@amana/core'
import { fieldLabel, type Language } from '@amana/vocabulary'
import { z } from 'zod'
import { type Field } from './act-fields.ts'
import { readJson } from './files.ts'
import { type Io } from './io.ts'
import { requireText } from './prompts.ts'
import { choiceLabel, codesOf, type Typed, valueIn } from './typed-values.ts'

/** Members of a body, or of an object in it. */
export interface Members {
  readonly [member: string]: unknown
}

const MembersSchema = z.record(z.string(), z.unknown())
const TypedSchema = z.union([z.string(), z.array(z.string())])

/** Gives a command the options of its fields. */
export function addFields(
  command: CommandUnknownOpts,
  fields: readonly Field[],
  language: Language,
): void {
  for (const field of fields) {
    const argument = field.form === 'escorts' ? '<escort...>' : '<value>'
    command.addOption(new Option(`${field.flag} ${argument}`, describe(field, language)))
  }
}

/** What was typed for the fields of a command, by flag. */
export function typedFor(
  command: CommandUnknownOpts,
  fields: readonly Field[],
): ReadonlyMap<string, Typed> {
  const options = MembersSchema.parse(command.opts())
  return new Map(
    fields.flatMap(({ flag }) => {
      const typed = TypedSchema.safeParse(options[new Option(flag).attributeName()])
      return typed.success ? [[flag, typed.data] as const] : []
    }),
  )
}

/** The members of a file that holds nothing else. @throws CLI_FILE, CLI_NOT_AMANA */
export async function membersIn(path: string | undefined): Promise<Members> {
  if (path === undefined) return {}
  const parsed = MembersSchema.safeParse(await readJson(path))
  if (!parsed.success) throw new AmanaError('CLI_NOT_AMANA', { path })
  return parsed.data
}

/** What is known before anybody types, and what was typed. */
export interface Filling {
  readonly known: Members
  readonly typed: ReadonlyMap<string, Typed>
}

/** The members of a body: what is known, over it what was typed, and what is needed and was not. @throws CLI_CODE, CLI_OPTION */
export async function fillIn(
  io: Io,
  fields: readonly Field[],
  { known, typed }: Filling,
): Promise<Members> {
  let members = known
  for (const field of fields) {
    const said = typed.get(field.flag) ?? (await askedFor(io, field, members))
    if (said === undefined) continue
    members = withMember(members, field.path, valueIn(field.form, said, field.flag))
  }
  return members
}

async function askedFor(io: Io, field: Field, known: Members): Promise<Typed | undefined> {
  const { flag: option, needed, path } = field
  if (needed === undefined || Object.hasOwn(known, path[0])) return undefined
  const label = describe(field, io.language)
  return requireText(io, { option, ask: 'acts:ask', values: { label }, given: undefined })
}

/** Does what it is given; a member that does not fit is named by its option. @throws CLI_OPTION, and what `step` throws */
export function namingOptions<T>(group: string, fields: readonly Field[], step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (!isAmanaError(error, 'WIRE_SCHEMA')) throw error
    const { path } = error.details
    const field = fields.find((one) => `${path}.`.startsWith(`${[group, ...one.path].join('.')}.`))
    if (field === undefined) throw error
    throw new AmanaError('CLI_OPTION', { option: field.flag }, { cause: error })
  }
}

function withMember(
  members: Members,
  [first, ...rest]: readonly [string, ...string[]],
  value: unknown,
): Members {
  const [next, ...more] = rest
  if (next === undefined) return { ...members, [first]: value }
  const inner = MembersSchema.safeParse(members[first]).data ?? {}
  return { ...members, [first]: withMember(inner, [next, ...more], value) }
}

/** The member’s own word, and for a code what each means. */
function describe({ form, path }: Field, language: Language): string {
  const label = fieldLabel(path.join('.'), language) ?? path.join('.')
  if (typeof form === 'string') return label
  const choice = 'many' in form ? { list: form.many } : form
  const codes = codesOf(choice).map((code) => {
    const word = choiceLabel(choice, code, language)
    return word === code ? code : `${code} (${word})`
  })
  return `${label}: ${codes.join(', ')}`
}
