/**
 * What a history has beside messages over a line: drawn from its seed, or said by who plays it.
 *
 * @module
 * @spec docs/spec/12-simulation.md#dimensions
 */
import { type Chance } from './chance.ts'

/** All of them. */
export const DIMENSIONS = [
  'apart',
  'attachments',
  'clocks',
  'mailbox',
  'rotation',
  'sticks',
  'urgency',
  'voids',
] as const

/** One of them. */
export type Dimension = (typeof DIMENSIONS)[number]

/** In how many histories of a hundred. */
const SHARES: Readonly<Record<Dimension, number>> = {
  apart: 4,
  attachments: 15,
  clocks: 15,
  mailbox: 6,
  rotation: 20,
  sticks: 8,
  urgency: 15,
  voids: 20,
}

/** Those of one history. */
export function drawDimensions(chance: Chance): ReadonlySet<Dimension> {
  return agreed(DIMENSIONS.filter((one) => chance.below(100) < SHARES[one]))
}

/** Where no line ever joins two agencies, sticks go between them, and what only a line brings is left out. */
export function agreed(asked: readonly Dimension[]): ReadonlySet<Dimension> {
  if (!asked.includes('apart')) return new Set(asked)
  const others = asked.filter((one) => one !== 'attachments' && one !== 'mailbox')
  return new Set([...others, 'sticks' as const])
}
