/**
 * Vectors of version 1 stay as they were first written: a later version that can no longer read them must not make them
 * anew.
 *
 * @module
 * @spec docs/spec/00-overview.md#golden-files
 */
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readText, ROOT } from '../support/repository.ts'

const FOLDER = join(ROOT, 'test/vectors')
const PINNED = readText('test/vectors/golden-1.sha256')
  .trimEnd()
  .split('\n')
  .map((line) => /^([0-9a-f]{64}) {2}(\S+)$/.exec(line)?.slice(1) ?? ['', line])

describe('the golden files of version 1', () => {
  it.each(PINNED)('%s is the digest of %s', (pinned, name) => {
    const bytes = readFileSync(join(FOLDER, name ?? ''))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(pinned)
  })

  it('are all files of signed objects that the generator writes', () => {
    const written = globSync('{envelope,files,trust}/*.json', { cwd: FOLDER })
    expect(new Set(PINNED.map(([, name]) => name))).toEqual(new Set(written))
    expect(PINNED).toHaveLength(written.length)
    expect(written).toHaveLength(5)
  })
})
