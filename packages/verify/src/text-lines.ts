/**
 * Lines of text for terminals: at most 80 columns, no colour, no control character of what was given.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
/** Widest line. */
export const TEXT_COLUMNS = 80

/** Characters that move a terminal's cursor, or its reader's eye. */
const CONTROL = /[\p{C}\p{Zl}\p{Zp}]/gu

/** Breaks text at spaces; a word that is longer than a line is cut, a control character is shown as a dot. */
export function wrapText(text: string, indent: number): readonly string[] {
  const width = TEXT_COLUMNS - indent
  const lines: string[] = []
  for (const word of text
    .replaceAll(CONTROL, '·')
    .split(' ')
    .flatMap((whole) => cut(whole, width))) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((line) => `${' '.repeat(indent)}${line}`)
}

function cut(word: string, width: number): readonly string[] {
  if (word.length <= width) return [word]
  return [word.slice(0, width), ...cut(word.slice(width), width)]
}

/** A heading with a line under it. */
export function heading(text: string): readonly string[] {
  return [text, '-'.repeat(Math.min(text.length, TEXT_COLUMNS))]
}
