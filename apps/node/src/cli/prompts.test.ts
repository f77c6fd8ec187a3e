import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../../../../test/support/refusals.ts'
import { createIo, type Io } from './io.ts'
import { createNewPassphrases, createPassphrases } from './passphrases.ts'
import { requireText, requireTyped } from './prompts.ts'

const LONG = 'correct horse battery'

/** A program at a terminal where somebody types the next of these lines whenever something is asked. */
function askedBy(typed: readonly string[], isTTY = true): Io {
  const input = new PassThrough()
  const left = [...typed]
  let isAsked = false
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      // a question hides the cursor while it waits, and shows it again at its end
      const text = chunk.toString()
      if (text.includes('\u001B[?25h')) isAsked = false
      else if (!isAsked) {
        isAsked = true
        setImmediate(() => input.write(`${left.shift() ?? ''}\r`))
      }
      done()
    },
  })
  const stream = { write: () => undefined, isTTY }
  const streams = { stdin: { isTTY }, stdout: stream, stderr: stream, terminal: { input, output } }
  return createIo(streams, { language: 'en', json: false })
}

async function made(...typed: readonly string[]): Promise<string> {
  return createNewPassphrases(askedBy(typed), undefined)('node')
}

const NAME = { option: '--name', ask: 'init.name' }

describe('a question at the terminal', () => {
  it('is answered by the option or by what is typed', async () => {
    const given = { ...NAME, given: 'NAPTIP' }
    expect(await requireText(askedBy([]), given)).toBe('NAPTIP')
    expect(await requireText(askedBy(['ANLTP/TIM']), { ...NAME, given: '' })).toBe('ANLTP/TIM')
  })

  it.each([
    ['nobody sits there', false, 'NAPTIP'],
    ['nothing is typed', true, ''],
    ['it is cancelled', true, '\u0003'],
  ])('names the option when %s', async (_what, isTTY, typed) => {
    const asking = requireText(askedBy([typed], isTTY), { ...NAME, given: undefined })
    expect(await codeOf(() => asking)).toBe('CLI_OPTION')
  })

  it('is agreed to by the very letters, where nothing can be undone', async () => {
    await requireTyped(askedBy(['ne.anltp-tim']), 'peer.reject.ask', 'ne.anltp-tim')
    for (const typed of ['ne.anltp', 'yes', 'NE.ANLTP-TIM', '']) {
      const agreeing = requireTyped(askedBy([typed]), 'peer.reject.ask', 'ne.anltp-tim')
      expect([typed, await codeOf(() => agreeing)]).toEqual([typed, 'CLI_OPTION'])
    }
  })
})

describe('a passphrase', () => {
  it('is typed where no folder has it', async () => {
    expect(await createPassphrases(askedBy([LONG]), undefined)('node')).toBe(LONG)
  })

  it.each([
    ['nobody sits there', false, LONG],
    ['nothing is typed', true, ''],
    ['it is cancelled', true, '\u0003'],
  ])('is missing when %s', async (_what, isTTY, typed) => {
    const asking = createPassphrases(askedBy([typed], isTTY), undefined)('node')
    expect(await codeOf(() => asking)).toBe('CLI_PASSPHRASE')
  })

  it('of a new keystore is typed twice, the same and long enough', async () => {
    expect(await made(LONG, LONG)).toBe(LONG)
    expect(await codeOf(() => made(LONG, `${LONG}.`))).toBe('CLI_PASSPHRASE_WEAK')
    expect(await codeOf(() => made('eleven char', 'eleven char'))).toBe('CLI_PASSPHRASE_WEAK')
  })
})
