/**
 * Looks, before a message leaves, for what would tell who somebody is in texts that were not meant to: names in other
 * spellings, telephone numbers however they are written, numbers of documents, places. It warns; an officer decides.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */
import { type CaseWord, IDENTITY_GROUPS, type WordKind } from './case-words.ts'
import { freeTextsOf } from './free-texts.ts'
import { fold, isNear, soundOf } from './name-spelling.ts'
import { ALONE_NOTHING } from './plain-words.ts'
import { numbersOf, type Token, wordsOf } from './text-tokens.ts'

/** Something in a text; never the text itself. */
export interface Finding {
  readonly path: string
  readonly group: string
  /** UTF-16 units before it, and of it. */
  readonly start: number
  readonly length: number
  /** What it is of the case; `any_phone`: it looks like a telephone number. */
  readonly why: WordKind | 'any_phone'
}

/** What is looked through. */
export interface Scanned {
  readonly kind: string
  /** Groups that a reader will see; those that say who the person is are passed over. */
  readonly groups: Readonly<Record<string, unknown>>
  readonly words: readonly CaseWord[]
}

/** Findings beyond so many are not told: the text needs another look in any case. */
export const MOST_FINDINGS = 200
/** Names shorter than that are found as they are written only; from the second on a letter may differ. */
const SOUND_CHARS = 5
const NEAR_CHARS = 6
const NOTE_CHARS = 300
const NATIONAL_DIGITS = 8
const ANY_PHONE_DIGITS = 9
const NUMBER_CHARS = 5
const SHORT_NAME_WORDS = 2

/** Everything that was found, by field and place. @throws WIRE_SCHEMA when the kind is not known */
export function scanTexts({ groups, kind, words }: Scanned): readonly Finding[] {
  const read = Object.entries(groups).filter(([name]) => !IDENTITY_GROUPS.includes(name))
  const sought = soughtOf(words)
  const found: Finding[] = []
  for (const one of freeTextsOf(kind, Object.fromEntries(read))) {
    if (found.length >= MOST_FINDINGS) break
    const places = placesIn(one.text, sought, one.mostChars >= NOTE_CHARS)
    const { group, path } = one
    found.push(...places.map((place) => ({ group, path, ...place })))
  }
  return found.slice(0, MOST_FINDINGS)
}

interface Sought {
  /** Folded words of names, and how they sound. */
  readonly names: ReadonlySet<string>
  readonly sounds: ReadonlySet<string>
  /** Sounds of which one letter may differ, by their length. */
  readonly near: ReadonlyMap<number, readonly string[]>
  /** Several words in a row. */
  readonly phrases: readonly { readonly why: WordKind; readonly words: readonly string[] }[]
  /** National digits of telephone numbers. */
  readonly phones: readonly string[]
  /** Letters and digits of document numbers. */
  readonly numbers: readonly string[]
}

type Place = Pick<Finding, 'length' | 'start' | 'why'>

function soughtOf(words: readonly CaseWord[]): Sought {
  const ofKind = (kind: WordKind): readonly string[] =>
    words.filter((word) => word.kind === kind).map(({ text }) => text)
  const names = [...new Set(ofKind('name').flatMap((name) => ownWords(name)))].filter(
    (name) => Array.from(name).length > 2 && !ALONE_NOTHING.has(name),
  )
  const sounds = names.filter((name) => name.length >= SOUND_CHARS).map((name) => soundOf(name))
  const near = Map.groupBy(
    [...new Set(sounds)].filter((sound) => sound.length >= NEAR_CHARS),
    (sound) => sound.length,
  )
  return {
    names: new Set(names),
    sounds: new Set(sounds),
    near,
    phrases: phrasesOf(words),
    phones: ofKind('phone').flatMap((phone) => nationalOf(phone)),
    numbers: ofKind('number')
      .map((number) => squashed(number))
      .filter((number) => number.length >= NUMBER_CHARS),
  }
}

/** In a longer description of somebody, what is not written with a capital is no name: “the woman of the market”. */
function ownWords(name: string): readonly string[] {
  const words = wordsOf(name)
  return words
    .filter(({ start }) => words.length <= SHORT_NAME_WORDS || !isSmall(name.slice(start)))
    .map(({ folded }) => folded)
}

function isSmall(text: string): boolean {
  const [first = ''] = text
  return first !== first.toUpperCase()
}

/** Names of several words, places and code words: found as a whole. */
function phrasesOf(words: readonly CaseWord[]): Sought['phrases'] {
  return words
    .filter(({ kind }) => kind === 'place' || kind === 'code_word' || kind === 'name')
    .map(({ kind, text }) => ({ why: kind, words: wordsOf(text).map(({ folded }) => folded) }))
    .filter(({ why, words: own }) => own.length > 1 || (own.length === 1 && why !== 'name'))
    .filter(({ words: own }) => own.some((word) => !ALONE_NOTHING.has(word)))
}

function placesIn(text: string, sought: Sought, isNote: boolean): readonly Place[] {
  const words = wordsOf(text)
  const places = [
    ...phonesIn(text, sought, isNote),
    ...numbersIn(words, sought),
    ...sought.phrases.flatMap((phrase) => phraseIn(words, phrase)),
    ...words.filter(({ folded }) => isName(folded, sought)).map((word) => placeOf(word, 'name')),
  ]
  return withoutNested(places)
}

function isName(word: string, { names, near, sounds }: Sought): boolean {
  if (names.has(word)) return true
  if (word.length < SOUND_CHARS || ALONE_NOTHING.has(word)) return false
  const sound = soundOf(word)
  if (sounds.has(sound)) return true
  if (sound.length < NEAR_CHARS - 1) return false
  return [-1, 0, 1].some((more) =>
    (near.get(sound.length + more) ?? []).some((one) => isNear(one, sound)),
  )
}

function phraseIn(
  words: readonly Token[],
  { why, words: phrase }: Sought['phrases'][number],
): readonly Place[] {
  const first = phrase[0] ?? ''
  return words.flatMap((word, index) => {
    if (word.folded !== first) return []
    const row = words.slice(index, index + phrase.length)
    const last = row.at(-1)
    const isWhole = row.length === phrase.length && row.every((one, n) => one.folded === phrase[n])
    return isWhole && last !== undefined
      ? [{ length: last.end - word.start, start: word.start, why }]
      : []
  })
}

function phonesIn(text: string, { phones }: Sought, isNote: boolean): readonly Place[] {
  return numbersOf(text).flatMap((run) => {
    if (phones.some((phone) => run.folded.includes(phone))) return [placeOf(run, 'phone')]
    return isNote && looksLikePhone(run.folded) ? [placeOf(run, 'any_phone')] : []
  })
}

function looksLikePhone(digits: string): boolean {
  const isDialled = digits.startsWith('+') || digits.startsWith('00') || /^0[7-9]/.test(digits)
  return isDialled && digits.length > ANY_PHONE_DIGITS
}

/** A number with its letters, whatever lies between them: words in a row are put together. */
function numbersIn(words: readonly Token[], { numbers }: Sought): readonly Place[] {
  return numbers.flatMap((number) =>
    words.flatMap((word, index) => {
      let [row, at] = ['', index]
      while (row.length < number.length && number.startsWith(row) && at < words.length) {
        row += words[at]?.folded ?? ''
        at += 1
      }
      const end = words[at - 1]?.end ?? word.end
      return row === number ? [{ length: end - word.start, start: word.start, why: 'number' }] : []
    }),
  )
}

/** Without country and trunk prefix: so a number is the same however it is dialled. */
function nationalOf(phone: string): readonly string[] {
  const digits = Array.from(fold(phone))
    .filter((one) => one >= '0' && one <= '9')
    .join('')
  const national = digits.slice(-NATIONAL_DIGITS)
  return national.length === NATIONAL_DIGITS ? [national] : []
}

function squashed(text: string): string {
  return Array.from(fold(text))
    .filter((one) => /[\p{L}\p{Nd}]/u.test(one))
    .join('')
}

function placeOf({ end, start }: Token, why: Finding['why']): Place {
  return { length: end - start, start, why }
}

/** One place is told once: the longest of those that lie in one another. */
function withoutNested(places: readonly Place[]): readonly Place[] {
  const kept: Place[] = []
  for (const place of places.toSorted((a, b) => b.length - a.length)) {
    const isInside = kept.some(
      (one) => one.start <= place.start && place.start + place.length <= one.start + one.length,
    )
    if (!isInside) kept.push(place)
    if (kept.length >= MOST_FINDINGS) break
  }
  return kept.toSorted((a, b) => a.start - b.start)
}
