/**
 * What lies in the files of a node’s store while the node is closed.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { STORE_FOLDER } from '../../apps/node/src/node-parts.ts'
import { type Side } from './node-fixture.ts'

/** What opens the files, from the package that only the node has. */
type OpensLevel = new (
  folder: string,
  options: { readonly compression: false; readonly valueEncoding: 'view' },
) => {
  open(): Promise<unknown>
  get(key: string): Promise<Uint8Array | undefined>
  close(): Promise<unknown>
}

/** The bytes of a row as LevelDB holds them. */
export async function rawRow(Opens: OpensLevel, { place }: Side, key: string): Promise<Buffer> {
  const database = new Opens(join(place.folder, STORE_FOLDER), {
    compression: false,
    valueEncoding: 'view',
  })
  await database.open()
  const value = await database.get(key)
  await database.close()
  if (value === undefined) throw new Error(key)
  return Buffer.from(value)
}

/** Whether a file of the store holds these bytes. */
export async function liesIn({ place }: Side, bytes: Buffer): Promise<boolean> {
  const folder = join(place.folder, STORE_FOLDER)
  const part = bytes.subarray(0, 200)
  const files = await readdir(folder)
  const held = await Promise.all(files.map(async (file) => readFile(join(folder, file))))
  return held.some((content) => content.includes(part))
}
