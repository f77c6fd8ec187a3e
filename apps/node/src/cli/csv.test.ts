/**
 * Lists as people keep them: quotes, semicolons, lines, and what is no list.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#lists
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeOf } from '../../../../test/support/refusals.ts'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { listText, readList, type ReadList } from './csv.ts'

async function read(text: string, name = 'list.csv'): Promise<ReadList> {
  await using folder = await temporaryFolder()
  const file = join(folder.path, name)
  await writeFile(file, text)
  return await readList(file)
}

const rowsOf = ({ rows }: ReadList) => rows.map(({ cells, line }) => [line, cells])

describe('a list', () => {
  it.each([
    ['commas', 'a,b\n1,2\n\n3,\n'],
    ['semicolons', 'a;b\r\n1;2\r\n;\r\n3;\r\n'],
    ['a mark before it', '\uFEFFa,b\n1,2\n,\n3'],
  ])('with %s has its rows by line, without empty cells', async (_what, text) => {
    expect(rowsOf(await read(text))).toEqual([
      [2, { a: '1', b: '2' }],
      [4, { a: '3' }],
    ])
  })

  it('has quoted cells with the separator, a line feed and quotes', async () => {
    const list = await read('a,b\n"x, y","He said ""no"".\nTwice."\nz,"1"\n')
    expect(rowsOf(list)).toEqual([
      [2, { a: 'x, y', b: 'He said "no".\nTwice.' }],
      [4, { a: 'z', b: '1' }],
    ])
    const [first] = list.rows
    expect(listText(list, first === undefined ? [] : [first])).toBe(
      'a,b\n"x, y","He said ""no"".\nTwice."\n',
    )
  })

  it('is also JSON, with numbers and lists', async () => {
    const list = await read('[{"a":1,"b":["x","y"]},{"a":"z"}]', 'list.json')
    expect(rowsOf(list)).toEqual([
      [1, { a: '1', b: 'x|y' }],
      [2, { a: 'z' }],
    ])
    expect(listText(list, list.rows.slice(1))).toBe('[{"a":"z"}]\n')
  })

  it.each([
    ['two columns of one name', 'a,a\n1,2\n', 'list.csv'],
    ['no line', '', 'list.csv'],
    ['too many rows', `a\n${'1\n'.repeat(513)}`, 'list.csv'],
    ['no list', '{"a":1}', 'list.json'],
  ])('has not %s', async (_what, text, name) => {
    expect(await codeOf(() => read(text, name))).toBe('CLI_NOT_AMANA')
  })
})
