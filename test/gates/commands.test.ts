/**
 * What the pages tell a reader to type exists. What they mark as tested is run by `test/life/pages.test.ts`.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { amana } from '../support/amana-program.ts'
import { listFiles, readJson, readText } from '../support/repository.ts'

const pages = listFiles('.', ['.md']).map((path) => ({ path, text: readText(path) }))
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(readJson('package.json'))

/** Groups that hold commands and stand in a group. */
const GROUPS_IN_GROUPS = new Set([
  'audit conflict',
  'audit epoch',
  'key recovery',
  'peer renew',
  'message attachment',
  'referral act',
])

/** Each command of `amana` that a page names, with every option that a page gives it. */
const amanaCommands = new Map<string, Set<string>>()
for (const [, line] of pages.flatMap(({ text }) => [
  ...text.matchAll(/(?:^|`| )amana ([^`\n#]+)/gm),
])) {
  const words = (line ?? '').split(/\s+/).map((word) => word.replace(/[_,.;:)]+$/, ''))
  const command = commandOf(words)
  if (command === undefined) continue
  const options = amanaCommands.get(command) ?? new Set()
  for (const word of words) if (/^--[a-z]/.test(word)) options.add(word)
  amanaCommands.set(command, options)
}

describe('commands in pages', () => {
  it('name scripts that exist', () => {
    const named = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/(?:pnpm@[\d.]+ (?:--silent )?|`pnpm )([a-z][\w:]*)/g)].map(
        ([, script]) => ({
          path,
          script: script ?? '',
        }),
      ),
    )
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter(({ script }) => !Object.hasOwn(scripts, script))).toEqual([])
  })

  it('begin with the pinned pnpm', () => {
    const others = pages.filter(({ text }) => /pnpm@(?!12\.21\.0)/.test(text))
    expect(others.map(({ path }) => path)).toEqual([])
  })

  it.each([...amanaCommands])(
    'amana %s has the options that pages give it',
    async (command, options) => {
      const help = await amana([...command.split(' '), '--help'])
      expect(help.stderr).toBe('')
      expect(help.status).toBe(0)
      expect([...options].filter((option) => !help.stdout.includes(option))).toEqual([])
    },
  )
})

/** The words before the first that is not a command; nothing when a sentence merely says “amana”. */
function commandOf(words: readonly string[]): string | undefined {
  const [first = '', second = '', third = ''] = words
  const groups = [
    'audit',
    'consent',
    'custody',
    'followup',
    'group',
    'key',
    'message',
    'node',
    'officer',
    'peer',
    'referral',
    'roster',
  ]
  if (groups.includes(first)) {
    const isGroup = GROUPS_IN_GROUPS.has(`${first} ${second}`)
    return isGroup ? `${first} ${second} ${third}` : `${first} ${second}`
  }
  return ['demo', 'init', 'verify'].includes(first) ? first : undefined
}
