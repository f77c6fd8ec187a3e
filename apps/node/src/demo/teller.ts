/**
 * The lines of the demonstration: 60 at most, 80 columns wide, in one language.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { AmanaError } from '@amana/core'
import { wrapText } from '@amana/verify'
import { type Io } from '../cli/io.ts'
import { EVIDENCE_FILES } from './evidence.ts'
import { type Counted, type Refusal } from './stage.ts'
import { type Scene, type Story, type Words } from './story.ts'

/** Where the text of a day begins. */
const DAY_COLUMNS = 10
const INDENT = 2
const GROUPS_A_LINE = 6
const TIME_ZONE = 'Africa/Niamey'

/** What an ending needs to know. */
export interface Ending {
  readonly reference: string
  readonly verdict: 'verified' | 'failed' | 'could-not'
}

/** Writes as it happens; each line is also where the demonstration can be ended. */
export class Teller {
  readonly #io: Io
  readonly #ended: AbortSignal

  constructor(io: Io, ended: AbortSignal) {
    this.#io = io
    this.#ended = ended
  }

  get language(): Io['language'] {
    return this.#io.language
  }

  /** Goes on, unless the process was asked to end. @throws CLI_INTERRUPTED */
  pause(): void {
    if (this.#ended.aborted) throw new AmanaError('CLI_INTERRUPTED', {})
  }

  /** A sentence in the reader’s language. */
  say(key: string, values?: Parameters<Io['say']>[1]): string {
    return this.#io.say(key, values)
  }

  /** A sentence of a case; one of the catalogue by the whole key that `key` makes of its name. */
  words(words: Words, key: (name: string) => string): string {
    return typeof words === 'string' ? this.say(key(words)) : words[this.language]
  }

  /** What is shown, and whose it is not. */
  title(name: Story['case']): void {
    this.#write(this.say(`demo:case.${name}.heading`))
    for (const line of wrapText(this.say('demo:disclaimer'), 0)) this.#write(line)
    for (const line of wrapText(this.say('demo:trial'), 0)) this.#write(line)
  }

  /** A heading, after an empty line. */
  chapter(key: string): void {
    this.#write('')
    this.#write(this.say(key))
  }

  /** One sentence. */
  line(key: string, values?: Parameters<Io['say']>[1]): void {
    for (const line of wrapText(this.say(key, values), INDENT)) this.#write(line)
  }

  /** Twelve groups of digits as they are read aloud. */
  digits(safetyNumber: string): void {
    const groups = safetyNumber.split(' ')
    for (let from = 0; from < groups.length; from += GROUPS_A_LINE) {
      this.#write(`    ${groups.slice(from, from + GROUPS_A_LINE).join(' ')}`)
    }
  }

  /** What happened on a day. */
  scene(scene: Scene, text: string): void {
    const lines = wrapText(text, INDENT + DAY_COLUMNS)
    const day = this.#day(scene.day).padEnd(DAY_COLUMNS)
    const [first = '', ...others] = lines
    this.#write(`${' '.repeat(INDENT)}${day}${first.trimStart()}`.trimEnd())
    for (const line of others) this.#write(line)
  }

  /** What the machine refused, and why. */
  refusal(of: Story['case'], { isList, key, told }: Refusal): void {
    const said = told.map((reason) =>
      this.say(of === 'own' ? `referral:reason.${reason}` : `demo:reason.${reason}`),
    )
    const what = this.words(key, (name) => `demo:refused.${name}`)
    if (!isList) {
      this.#marked('✗', this.say('demo:refused.because', { what, why: said.join(', ') }))
      return
    }
    this.#marked('✗', this.say('demo:refused.list', { what }))
    for (const why of said) {
      for (const line of wrapText(`– ${why}`, INDENT + DAY_COLUMNS + 2)) this.#write(line)
    }
  }

  /** What the two ends of the hand-over of a group say: who is nowhere, or that everybody is somewhere. */
  counted({ comparison: { findings, lines }, isTrial }: Counted): void {
    const count = (status: string): number => lines.filter((line) => line.status === status).length
    if (isTrial) {
      const unaccounted = findings.filter(({ finding }) => finding === 'unaccounted').length
      this.#marked('✗', this.say('demo:group.differs', { unaccounted }))
      return
    }
    const numbers = { arrived: count('arrived'), absent: count('absent') }
    this.#marked('·', this.say('demo:group.agreed', numbers))
  }

  /** A sentence below a day. */
  below(key: string, values?: Parameters<Io['say']>[1]): void {
    this.#marked('·', this.say(key, values))
  }

  /** Days, as they are written in this language. */
  days(instants: readonly string[]): string {
    const format = this.#format({ day: 'numeric', month: 'short', year: 'numeric' })
    return instants.map((instant) => format.format(Date.parse(instant))).join(', ')
  }

  /** How it ended, and three commands to try. */
  ending(path: string, { reference, verdict }: Ending): readonly string[] {
    const { niamey, policy, redacted } = EVIDENCE_FILES
    if (verdict !== 'verified') return ['', ...wrapText(this.say(`demo:ending.${verdict}`), 0)]
    return [
      '',
      this.say('demo:ending.verified'),
      `  cd ${path}/evidence`,
      ...wrapText(this.say('demo:ending.change'), INDENT),
      `    sed '2s/A/B/' ${niamey} > changed.bundle.jsonl`,
      `    ../amana verify changed.bundle.jsonl --policy ${policy}`,
      ...wrapText(this.say('demo:ending.read'), INDENT),
      `    ../amana verify ${redacted} ${niamey} --policy ${policy}`,
      ...wrapText(this.say('demo:ending.show'), INDENT),
      `    ../amana referral show ${reference} --purpose protection \\`,
      `      --lang fr --dir ../niamey --passphrases ../passphrases/niamey`,
    ]
  }

  #marked(mark: string, text: string): void {
    const [first = '', ...others] = wrapText(text, INDENT + DAY_COLUMNS + 2)
    this.#write(`${' '.repeat(INDENT + DAY_COLUMNS)}${mark} ${first.trimStart()}`)
    for (const line of others) this.#write(line)
  }

  #day(day: string | undefined): string {
    if (day === undefined) return ''
    if (day === 'before') return this.say('demo:before')
    return this.#format({ day: 'numeric', month: 'long' }).format(Date.parse(`${day}T12:00:00Z`))
  }

  #format(parts: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const locale = this.#io.language === 'en' ? 'en-GB' : 'fr'
    return new Intl.DateTimeFormat(locale, { ...parts, timeZone: TIME_ZONE })
  }

  /** With `--json` the answer alone is on the first stream. */
  #write(line: string): void {
    this.pause()
    if (this.#io.json) this.#io.talk(line)
    else this.#io.answer(line)
  }
}
