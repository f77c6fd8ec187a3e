import { hash } from 'node:crypto'
import { createIo } from '../cli/io.ts'
import { describe, expect, it } from 'vitest'
import { renderDiagram, renderPicture } from './diagram.ts'
import { type Dimension, DIMENSIONS } from './dimensions.ts'
import { type NodeCount, runHistory } from './history.ts'
import { quickCrypto, type SimSignatures } from './quick-crypto.ts'

const { say } = createIo(
  { stdout: process.stdout, stderr: process.stderr, stdin: {} },
  { language: 'en', json: false },
)

async function printOf(
  seed: number,
  nodes: NodeCount,
  { signatures, ...other }: { signatures?: SimSignatures; dimensions?: readonly Dimension[] } = {},
): Promise<string> {
  using crypto = quickCrypto(signatures)
  return hash('sha256', JSON.stringify(await runHistory({ crypto, nodes, seed, ...other })))
}

describe('a history', { timeout: 120_000 }, () => {
  it('is the same whenever it is played, with two nodes and with five', async () => {
    const first = [await printOf(7, 2), await printOf(17, 2), await printOf(5, 5)]
    const again = [await printOf(5, 5), await printOf(17, 2), await printOf(7, 2)].toReversed()
    expect(again).toEqual(first)
    expect(new Set(first).size).toBe(3)
  })

  it('is the same again also with sticks, a mailbox, files and all else, whatever a pool of threads takes', async () => {
    const dimensions = DIMENSIONS.filter((one) => one !== 'apart')
    const first = await printOf(3, 2, { dimensions })
    const apart = await printOf(4, 2, { dimensions: ['apart'] })
    expect(await printOf(3, 2, { dimensions })).toBe(first)
    expect(await printOf(4, 2, { dimensions: ['apart'] })).toBe(apart)
    expect(apart).not.toBe(first)
  })

  it('is the same with true signatures', async () => {
    expect(await printOf(7, 2, { signatures: 'true' })).toBe(await printOf(7, 2))
  })

  it('is drawn with an arrow for each frame that arrived, and a cross for each that did not', async () => {
    using crypto = quickCrypto()
    const history = await runHistory({ crypto, nodes: 2, seed: 17 })
    const lost = history.frames.filter(({ arrivedMs }) => arrivedMs === undefined).length
    const lines = renderDiagram(history, say)
    expect(lines.filter((line) => line.endsWith('✗'))).toHaveLength(lost)
    expect(lines.filter((line) => line.includes('→ '))).toHaveLength(history.frames.length - lost)
    const picture = renderPicture(history, say, 'History 17')
    expect(picture.match(/class="frame"/g)).toHaveLength(history.frames.length - lost)
    expect(picture.match(/class="lost"/g)).toHaveLength(lost)
  })
})
