/**
 * How a name may be spelt: what English, French and Hausa hands write for one sound is one. For warnings only; nobody is
 * matched by it. Every step goes once over the text, so that no text makes it slow.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#free-texts
 */

/** Letters that no normal form takes apart. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['ɓ', 'b'],
  ['ɗ', 'd'],
  ['ƙ', 'k'],
  ['ƴ', 'y'],
  ['œ', 'oe'],
  ['æ', 'ae'],
  ['ß', 'ss'],
  ['ø', 'o'],
  ['đ', 'd'],
  ['ı', 'i'],
  ['ŋ', 'n'],
  ['ɲ', 'ny'],
])

/** One sound, several spellings; the order matters. */
const SOUNDS: readonly (readonly [spelt: string, sound: string])[] = [
  ['tch', 's'],
  ['sch', 's'],
  ['ch', 's'],
  ['sh', 's'],
  ['ph', 'f'],
  ['dj', 'j'],
  ['dz', 's'],
  ['gn', 'n'],
  ['ny', 'n'],
  ['gh', 'g'],
  ['kh', 'k'],
  ['qu', 'k'],
  ['ck', 'k'],
  ['ou', 'u'],
  ['oo', 'u'],
  ['ce', 'se'],
  ['ci', 'si'],
  ['c', 'k'],
  ['q', 'k'],
  ['w', 'u'],
  ['y', 'i'],
  ['x', 'ks'],
  ['z', 's'],
  ['h', ''],
  ['ai', 'i'],
  ['ei', 'i'],
  ['ee', 'i'],
  ['o', 'u'],
  ['e', 'i'],
]
const ARABIC_DIGITS = [0x06_60, 0x06_f0]

/** A character without case and accents; nothing of a mark. */
export function foldCharacter(character: string): string {
  const bare = character.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  return Array.from(bare)
    .map((one) => digitOf(one) ?? LETTERS.get(one) ?? one)
    .join('')
}

/** A text without case and accents. */
export function fold(text: string): string {
  return Array.from(text)
    .map((character) => foldCharacter(character))
    .join('')
}

/** How a folded word sounds; the last silent letter falls, double letters are one. */
export function soundOf(folded: string): string {
  const spelt = SOUNDS.reduce((text, [from, to]) => text.replaceAll(from, to), folded)
  const single = Array.from(spelt)
    .filter((one, index, all) => one !== all[index - 1])
    .join('')
  return folded.endsWith('e') && single.length > 4 ? single.slice(0, -1) : single
}

/** Whether two sounds differ by one letter at most: another one, one more or one less. */
export function isNear(first: string, second: string): boolean {
  if (Math.abs(first.length - second.length) > 1) return false
  let begin = 0
  const shorter = Math.min(first.length, second.length)
  while (begin < shorter && first[begin] === second[begin]) begin += 1
  let end = 0
  while (end < shorter - begin && first.at(-1 - end) === second.at(-1 - end)) end += 1
  return Math.max(first.length, second.length) - begin - end <= 1
}

function digitOf(character: string): string | undefined {
  const code = character.codePointAt(0) ?? 0
  const zero = ARABIC_DIGITS.find((first) => code >= first && code < first + 10)
  return zero === undefined ? undefined : String(code - zero)
}
