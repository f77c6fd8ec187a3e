/**
 * A history as a space-time diagram: a column a machine, time downwards, and what went between them.
 *
 * @module
 * @spec docs/spec/12-simulation.md#command
 */
import { FRAME_TYPES } from '../exchange/frames.ts'
import { type History } from './history.ts'
import { type SimEvent } from './sim-node.ts'

const COLUMN = 28
const TIME = 12

/** Words of a language for what happens. */
export type DiagramSay = (key: string, values?: Readonly<Record<string, string | number>>) => string

interface Mark {
  readonly atMs: number
  readonly column: number
  readonly text: string
}

/** Frames by their number, as the specification names them. */
const FRAMES = new Map<number, string>(
  Object.entries(FRAME_TYPES).map(([name, number]) => [number, name.toUpperCase()]),
)

function frameName(type: number): string {
  return FRAMES.get(type) ?? String(type)
}

function eventText(event: SimEvent, say: DiagramSay): string {
  const number = 'number' in event ? event.number + 1 : 0
  const seconds = 'seconds' in event ? event.seconds : 0
  const code = 'code' in event ? event.code : ''
  const count = 'count' in event ? event.count : 0
  return say(`sim.event.${event.what}`, { number, seconds, code, count }).trim()
}

/** Everything that has a place in it, in the order of time. */
function marksOf(history: History, say: DiagramSay): readonly Mark[] {
  const { agencies, events, frames } = history
  const columnOf = (name: string): number =>
    agencies.findIndex(({ id, peerId }) => id === name || peerId === name)
  const marks = [
    ...events.map(({ agency, atMs, event }) => ({
      atMs,
      column: columnOf(agency),
      text: eventText(event, say),
    })),
    ...frames.flatMap(({ arrivedMs, from, sentMs, to, type }) => [
      {
        atMs: sentMs,
        column: columnOf(from),
        text: `${frameName(type)} ${arrivedMs === undefined ? '✗' : '→'}`,
      },
      ...(arrivedMs === undefined
        ? []
        : [{ atMs: arrivedMs, column: columnOf(to), text: `→ ${frameName(type)}` }]),
    ]),
  ]
  return marks.toSorted((first, second) => first.atMs - second.atMs)
}

/** Lines of text: what is left of an arrow went out there, what is right of one arrived, and ✗ never did. */
export function renderDiagram(history: History, say: DiagramSay): readonly string[] {
  const heads = history.agencies.map(({ id }) => id.padEnd(COLUMN)).join('')
  const lines = marksOf(history, say).map(
    ({ atMs, column, text }) =>
      secondsText(atMs).padStart(TIME - 2) + '  ' + ' '.repeat(COLUMN * column) + text,
  )
  return [`${' '.repeat(TIME)}${heads}`.trimEnd(), ...lines]
}

function secondsText(ms: number): string {
  return (ms / 1000).toFixed(3)
}

const LANE = 320
const LEFT = 90
const TOP = 60
const ROW = 16

/** A page with a picture: lines are machines, arrows are frames, and what is lost ends in the middle. */
export function renderPicture(history: History, say: DiagramSay, title: string): string {
  const marks = marksOf(history, say)
  const rows = [...new Set(marks.map(({ atMs }) => atMs))]
  const y = (ms: number): number => TOP + rows.indexOf(ms) * ROW
  const height = TOP + rows.length * ROW + 40
  const width = LEFT + LANE * history.agencies.length
  const lanes = history.agencies.map(({ id }, index) => {
    const x = String(laneX(index))
    return `<text x="${x}" y="30" class="head">${escaped(id)}</text><line x1="${x}" y1="40" x2="${x}" y2="${String(height - 20)}" class="lane"/>`
  })
  const times = rows.map(
    (ms) => `<text x="6" y="${String(y(ms) + 4)}" class="time">${secondsText(ms)}</text>`,
  )
  const arrows = history.frames.map((frame) => arrowOf(history, frame, y))
  const notes = history.events.map(({ agency, atMs, event }) => {
    const lane = history.agencies.findIndex(({ id }) => id === agency)
    return `<text x="${String(laneX(lane) + 8)}" y="${String(y(atMs) + 4)}" class="${event.what === 'off' ? 'off' : 'note'}">${escaped(eventText(event, say))}</text>`
  })
  return `<!doctype html>
<html lang="${say('sim.language')}">
<meta charset="utf-8">
<title>${escaped(title)}</title>
<style>
text{font:11px system-ui,sans-serif;fill:#0b0c0c}.head{font-weight:700;text-anchor:middle}.time{fill:#505a5f}
.lane{stroke:#505a5f}.frame{stroke:#1d70b8}.lost{stroke:#d4351c;stroke-dasharray:4 3}.off{fill:#d4351c;font-weight:700}
.label{fill:#1d70b8;text-anchor:middle}
</style>
<h1>${escaped(title)}</h1>
<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}" role="img" aria-label="${escaped(title)}">
<defs><marker id="a" orient="auto" markerWidth="8" markerHeight="8" refX="7" refY="3"><path d="M0,0 L7,3 L0,6 z" fill="#1d70b8"/></marker></defs>
${[...lanes, ...times, ...arrows, ...notes].join('\n')}
</svg>
</html>
`
}

function arrowOf(
  { agencies }: History,
  { arrivedMs, from, sentMs, to, type }: History['frames'][number],
  y: (ms: number) => number,
): string {
  const columnOf = (peer: string): number => agencies.findIndex(({ peerId }) => peerId === peer)
  const start = laneX(columnOf(from))
  const end = arrivedMs === undefined ? (start + laneX(columnOf(to))) / 2 : laneX(columnOf(to))
  const last = arrivedMs === undefined ? y(sentMs) + ROW / 2 : y(arrivedMs)
  const kind = arrivedMs === undefined ? 'lost' : 'frame'
  const head = arrivedMs === undefined ? '' : ' marker-end="url(#a)"'
  const middle = (start + end) / 2
  return `<line x1="${String(start)}" y1="${String(y(sentMs))}" x2="${String(end)}" y2="${String(last)}" class="${kind}"${head}/><text x="${String(middle)}" y="${String((y(sentMs) + last) / 2 - 3)}" class="label">${frameName(type)}</text>`
}

function laneX(index: number): number {
  return LEFT + LANE / 2 + index * LANE
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
