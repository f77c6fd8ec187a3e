/**
 * A text as words and as digits, each with its place: what names and numbers are looked for in.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import { foldCharacter } from './name-spelling.ts'

/** A piece of a text, folded. */
export interface Token {
  readonly folded: string
  /** UTF-16 units before it, and of it. */
  readonly start: number
  readonly end: number
}

const WORD = /^[\p{L}\p{M}\p{Nd}]$/u
const DIGIT = /^\p{Nd}$/u
/** Signs inside of a name; what is joined by them is looked at apart and together. */
const JOINTS = new Set(["'", '’', 'ʼ', 'ʻ', '‘', '`', '-', '‐', '‑'])
/** Signs between the digits of a number. */
const BETWEEN = new Set([' ', '.', '-', '/', '(', ')', '\u00A0', '\u202F', '‑', '‐'])
const MOST_BETWEEN = 3

interface Piece extends Token {
  /** Whether only a joint lies between the piece before and this one. */
  readonly joined: boolean
}

/** The words of a text; of a name with joints in it the parts, and all of it in one. */
export function wordsOf(text: string): readonly Token[] {
  const pieces = piecesOf(text)
  const whole: Token[] = []
  for (const { end, folded, joined, start } of pieces) {
    const last = whole.at(-1)
    if (!joined || last === undefined) whole.push({ end, folded, start })
    else whole.splice(-1, 1, { end, folded: last.folded + folded, start: last.start })
  }
  const parts = pieces.filter(
    ({ end, start }) => !whole.some((one) => one.start === start && one.end === end),
  )
  return parts.length === 0 ? whole : [...whole, ...parts].toSorted((a, b) => a.start - b.start)
}

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let [at, start, folded] = [0, 0, '']
  let isJoined = false
  const finish = (joins: boolean): void => {
    if (folded !== '') pieces.push({ end: at, folded, joined: isJoined, start })
    isJoined = joins && folded !== ''
    folded = ''
  }
  for (const character of text) {
    if (WORD.test(character)) {
      if (folded === '') start = at
      folded += foldCharacter(character)
    } else finish(JOINTS.has(character))
    at += character.length
  }
  finish(false)
  return pieces
}

/** Runs of digits, with what people put between them. */
export function numbersOf(text: string): readonly Token[] {
  const runs: Token[] = []
  let [at, start, end, digits, between] = [0, 0, 0, '', 0]
  const finish = (): void => {
    if (digits !== '') runs.push({ end, folded: digits, start })
    digits = ''
  }
  for (const character of text) {
    const isPlus = character === '+'
    if (isPlus || (digits !== '' && !DIGIT.test(character) && !mayLieBetween(character, between))) {
      finish()
    }
    if (isPlus || DIGIT.test(character)) {
      if (digits === '') start = at
      digits += isPlus ? '+' : foldCharacter(character)
      end = at + character.length
      between = 0
    } else between += 1
    at += character.length
  }
  finish()
  return runs
}

function mayLieBetween(character: string, before: number): boolean {
  return BETWEEN.has(character) && before < MOST_BETWEEN
}
