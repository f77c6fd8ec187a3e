/**
 * A log told again without some of its leaves, by an insider who has its keys.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#order
 */
import {
  createCursor,
  decodeUtf8,
  encodeUtf8,
  type Leaf,
  type LogCursor,
  nextLeaves,
  parseLeaf,
  type PlacedLeaf,
  rootOf,
  sealLog,
  signCheckpoint,
} from '@amana/core'
import { NOW, type TestAgency } from './agencies.ts'
import { forgeBundle, leafText, type RawRecord, withText } from './test-log.ts'

/** The last seal: with the heads that it had, or made anew. */
export type Seal = 'as it was' | 'anew'

const PAD_TO = 4
const HEADS = /"heads":\{[^}]*\}/

/**
 * The bundle of these records without the readings: numbered, padded and sealed again, its head signed by the log's keys,
 * no note that the peer cosigned.
 */
export async function withoutReadings(
  records: readonly RawRecord[],
  { logSigners, origin }: TestAgency,
  seal: Seal,
): Promise<Uint8Array> {
  const texts = records.filter(({ record }) => record === 'leaf').map((record) => leafText(record))
  const leaves = texts.map((text) => parseLeaf(encodeUtf8(text)))
  const { cursor, told } = renumbered(leaves.filter(({ event }) => event !== 'a.open'))
  const { size } = cursor.range
  const note = await signCheckpoint({ origin, size, root: rootOf(cursor.range) }, logSigners, NOW)
  const [header, ...others] = records.filter(
    ({ record }) => record !== 'leaf' && record !== 'checkpoint',
  )
  const newTexts = told.map(({ bytes }) => decodeUtf8(bytes))
  if (seal === 'as it was') newTexts.push(withHeads(newTexts.pop(), texts.at(-1)))
  return forgeBundle([
    { ...header, range: [0, size], size },
    { note, record: 'checkpoint' },
    ...newTexts.map((text, index) => withText({ index, record: 'leaf' }, text)),
    ...others,
  ])
}

/** These events again, one after the other, under new numbers and seals. */
function renumbered(leaves: readonly Leaf[]): {
  readonly cursor: LogCursor
  readonly told: readonly PlacedLeaf[]
} {
  let cursor = createCursor(leaves[0]?.log ?? '')
  const told: PlacedLeaf[] = []
  for (const { actor, data, event, sd, time } of leaves) {
    if (event === 'w.pad') continue
    const at = Date.parse(time)
    const next =
      event === 'w.seal'
        ? sealLog(cursor, PAD_TO, at)
        : nextLeaves(cursor, [{ actor, data, event, sd }], at)
    told.push(...next.leaves)
    cursor = next.cursor
  }
  return { cursor, told }
}

/** The seal with the heads that another names. */
function withHeads(seal = '', other = ''): string {
  return seal.replace(HEADS, HEADS.exec(other)?.[0] ?? '')
}
