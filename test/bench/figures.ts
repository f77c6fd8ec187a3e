/**
 * What the bench found, as data and as the table that is printed.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { isNoisy, type Spread } from './statistics.ts'

/** What a figure counts. */
export type Unit = 'ms' | 'per second' | 'bytes' | 'times'

/** One measured thing. */
export interface Figure extends Spread {
  readonly name: string
  readonly unit: Unit
  /** True for what others are compared with. */
  readonly reference?: true
}

/** Figures that belong together. */
export interface Section {
  readonly title: string
  readonly figures: readonly Figure[]
  /** What a reader has to know, a sentence each. */
  readonly notes: readonly string[]
}

const NAME_COLUMNS = 58
const NUMBER_COLUMNS = 10

/** The section as lines of a table. */
export function tableOf({ title, figures, notes }: Section): string {
  const head = `${title.padEnd(NAME_COLUMNS)}${['median', 'low', 'high'].map(right).join('')}`
  const lines = figures.map((figure) => {
    const numbers = [figure.median, figure.low, figure.high].map((value) => right(round(value)))
    const mark = figure.reference === true && isNoisy(figure) ? '  noisy' : ''
    return `  ${figure.name.padEnd(NAME_COLUMNS - 2)}${numbers.join('')}  ${figure.unit}${mark}`
  })
  return [head, ...lines, ...notes.map((note) => `  ${note}`), ''].join('\n')
}

function right(text: string): string {
  return text.padStart(NUMBER_COLUMNS)
}

/** Three digits that mean something, and all of them before the point. */
function round(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return String(Number(value.toPrecision(3)))
}
