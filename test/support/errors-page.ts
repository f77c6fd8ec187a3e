/**
 * The page of all errors, as Markdown, from the one table.
 *
 * @module
 * @spec docs/spec/errors.md
 */
import { ERRORS, type ErrorCode, isErrorCode } from '@amana/core'

const HEAD = `# Errors

Every failure that Amana names, from the one table \`packages/core/src/errors.ts\`. This page is written by
\`pnpm docs:errors\`; a test compares it with the table. Branch on the code, never on the text. A code once released keeps
its meaning.

A **peer** is told only the class of a refusal, never the code; codes without a class are never answered to a peer. **Retry**:
\`never\`: the same input fails again; \`later\`: send the same again; \`after-change\`: do first what the hint says. The
sentences carry facts (sizes, ids, indexes) where the page shows \`…\`.

## Exit statuses

| status | meaning                                     |
| ------ | ------------------------------------------- |
| 0      | done                                        |
| 1      | unexpected                                  |
| 2      | usage                                       |
| 3      | configuration                               |
| 4      | verification failed                         |
| 5      | locked or not allowed                       |
| 6      | partner unreachable; queued                 |
| 7      | needs a second officer                      |
| 8      | store damaged                               |
| 9      | could not verify (malformed, or no policy)  |
`

/** The page, ending in one newline. */
export function formatErrorsPage(): string {
  const codes = errorCodes()
  const areas = [...new Set(codes.map(areaOf))]
  const parts = areas.map((area) => formatArea(codes.filter((code) => areaOf(code) === area)))
  return [HEAD, ...parts].join('\n')
}

/** Every code of the table, sorted. */
export function errorCodes(): readonly ErrorCode[] {
  return Object.keys(ERRORS).filter(isErrorCode).toSorted()
}

/** The sentence of a code with `…` in place of every detail. */
export function sentenceOf(code: ErrorCode, language: 'en' | 'fr'): string {
  const speak: (details: never) => string = ERRORS[code][language]
  return String(Reflect.apply(speak, undefined, [ANY_DETAIL]))
}

/** Answers every question about a detail with something that prints as `…`. */
const ANY_DETAIL: unknown = new Proxy(() => ANY_DETAIL, {
  get: (_target, member) => {
    if (member === Symbol.toPrimitive || member === 'toString') return () => '…'
    if (member === Symbol.iterator) return () => ['…'].values()
    return ANY_DETAIL
  },
  apply: () => ANY_DETAIL,
})

function formatArea(codes: readonly ErrorCode[]): string {
  return [`## ${areaOf(codes[0] ?? '')}\n`, ...codes.map(formatCode)].join('\n')
}

function formatCode(code: ErrorCode): string {
  const { exit, hintEn, hintFr, http, refusal, retry } = ERRORS[code]
  return [
    `### ${code}\n`,
    `Exit ${String(exit)} · HTTP ${String(http)} · retry ${retry} · ${refusal === undefined ? 'not told to a peer' : `a peer is told \`${refusal}\``}\n`,
    `- EN: ${sentenceOf(code, 'en')}. _${hintEn}_`,
    `- FR\u00A0: ${sentenceOf(code, 'fr')}. _${hintFr}_`,
    '',
  ].join('\n')
}

function areaOf(code: string): string {
  return code.slice(0, code.indexOf('_'))
}
