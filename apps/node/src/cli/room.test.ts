/**
 * Room on a disk, asked before anything is written to it.
 *
 * @module
 * @spec docs/spec/09-carriers.md#files
 */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { assertRoom } from './room.ts'

it('is asked of the disk on which a folder will lie', async () => {
  const path = join(tmpdir(), 'amana-nowhere', 'deeper')
  expect(await refusalOf(() => assertRoom(path, 1))).toBeUndefined()
  const refusal = await refusalOf(() => assertRoom(path, Number.MAX_SAFE_INTEGER))
  expect(refusal).toMatchObject({ code: 'CLI_ROOM', details: { path } })
})
