/**
 * An urgent message while a file is on a line of 64 kbit/s, 600 ms and 5 % loss, in a time of its own: how long until its
 * receipt is there, to the least that the line allows.
 *
 * @module
 * @spec docs/spec/10-attachments.md#giving-way
 */
import { describe, expect, it } from 'vitest'
import { LEAST_MS, VirtualFile } from '../../../../test/support/virtual-file.ts'
import { BYTES_PER_MS, share } from '../../../../test/support/virtual-line.ts'

describe('an urgent message', () => {
  const HOURS_MS = 4 * 3_600_000
  const alone = new VirtualFile('line').play(HOURS_MS, false)
  const beside = new VirtualFile('line').play(HOURS_MS, true)

  it('has its receipt within twice the least that the line allows, while a file is on it', () => {
    expect(beside.tookMs.length).toBeGreaterThan(700)
    expect(share(alone.tookMs, 0.9) / LEAST_MS).toBeLessThan(1.6)
    expect(share(beside.tookMs, 0.5) / LEAST_MS).toBeLessThan(1.5)
    expect(share(beside.tookMs, 0.9) / LEAST_MS).toBeLessThan(2)
  })

  it('does not keep the line from the file', () => {
    expect(beside.fileBytes / HOURS_MS / BYTES_PER_MS).toBeGreaterThan(0.8)
  })
})
