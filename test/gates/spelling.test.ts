/**
 * Every word that a person reads is in a dictionary, or in our own list beside this file.
 *
 * @module
 * @spec docs/decisions/0001-nspell.md#decision
 */
import { describe, expect, it } from 'vitest'
import english from 'dictionary-en-gb'
import french from 'dictionary-fr'
import nspell from 'nspell'
import { readText } from '../support/repository.ts'
import { pageTexts, screenTexts } from '../support/texts.ts'

/** Ids, file names, options, codes and numbers: anything that is not only letters, apostrophes and hyphens. */
const NOT_A_WORD = /[\d_/\\@=+#<>{}[\]|*~^$\u2026]|\w\.\w|\w:\w|^-|\p{Ll}\p{Lu}/u
const COMMAND =
  /\b(amana|pnpm) (init|install|demo|sim|test|verify|(officer|peer|mailbox|custody|consent|followup|group|roster|key|node|message|referral|audit) [a-z]+)\b|\b(DIR|FILE|ID)\b/g
const WORD = /\p{L}+(?:[’'-]\p{L}+)*/gu

describe.each([
  ['en', english],
  ['fr', french],
] as const)('spelling, %s', (language, dictionary) => {
  const speller = nspell({
    aff: Buffer.from(dictionary.aff),
    dic: Buffer.from(dictionary.dic),
  })
  const ours = new Set(
    readText(`test/gates/words.${language}.txt`)
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  )
  const isKnown = (word: string): boolean => {
    if (ours.has(word) || ours.has(word.toLowerCase()) || speller.correct(word)) return true
    if (word.length === 1) return true
    const parts = word.split(/[-’']/)
    return parts.length > 1 && parts.every((part) => isKnown(part))
  }

  it.each([
    ['on screen', screenTexts(language)],
    ['on pages', pageTexts(language)],
  ])('%s', (_where, texts) => {
    const unknown = new Map<string, string>()
    for (const { where, text } of texts)
      for (const word of wordsOf(text)) if (!isKnown(word)) unknown.set(word, where)
    expect([...unknown].map(([word, where]) => `${word} (${where})`)).toEqual([])
  })
})

function wordsOf(text: string): readonly string[] {
  return text
    .replaceAll(COMMAND, ' ')
    .replaceAll(/\{\{[^}]*\}\}|<[^>]*>/g, ' ')
    .split(/[\s\u00A0]+/)
    .map((piece) => piece.replaceAll(/^[^\p{L}\d-]+|[^\p{L}\d]+$/gu, ''))
    .filter((piece) => !NOT_A_WORD.test(piece))
    .flatMap((piece) => piece.match(WORD) ?? [])
}
