import { readFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { allServices } from '../../../../test/support/acting.ts'
import { connect, report, sealIn, settled, until } from '../../../../test/support/blob-line.ts'
import {
  beginTalk,
  carryAll,
  MEETING_MS,
  type Side,
  type Talk,
} from '../../../../test/support/node-fixture.ts'
import {
  listReaders,
  makeReader,
  type ReadingOfficer,
} from '../../../../test/support/reading-officers.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { askAs } from '../agency/asking.ts'
import { attachmentsFor, readBy } from '../agency/reading.ts'
import { erase } from '../rights/erasures.ts'
import { type MessageView } from '../service-views.ts'

vi.setConfig({ testTimeout: MEETING_MS })

const PURPOSE = 'investigation'

/** Everything that the store's key opens of a statement. */
async function keptOf({ parts }: Side, statement: string): Promise<string> {
  return JSON.stringify(await parts.ledger.get(statement))
}

async function opened(side: Side, digest: string, officer: ReadingOfficer): Promise<MessageView> {
  const services = allServices(side.parts)
  const input = { digest, purpose: PURPOSE } as const
  return services.message(await askAs(services, officer, { act: 'open', method: 'message', input }))
}

async function withHeads({
  anltp,
  naptip,
}: Talk): Promise<readonly [ReadingOfficer, ReadingOfficer]> {
  const here = await makeReader(anltp, 'r-head', ['head'])
  const there = await makeReader(naptip, 'r-head', ['head'])
  await listReaders(anltp, naptip, [here])
  await listReaders(naptip, anltp, [there])
  return [here, there]
}

describe('a message with attachments at rest', () => {
  it('keeps its keys until the files have come, and afterwards for officers alone', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    const [head, other] = await withHeads(talk)
    const photo = await sealIn(naptip, 60_000)
    const statement = await report(naptip, [photo])
    await carryAll(naptip, anltp)
    expect((await keptOf(naptip, statement)).includes(photo.key)).toBe(false)
    expect((await keptOf(anltp, statement)).includes(photo.key)).toBe(true)
    const services = allServices(anltp.parts)
    expect((await services.message({ digest: statement, purpose: PURPOSE })).groups).toEqual({})
    {
      await using line = connect(talk)
      expect(await settled(anltp, photo.digest, statement)).toBe('whole')
      await until(async () => !(await keptOf(anltp, statement)).includes(photo.key))
      expect(line.failed).toEqual([])
    }
    const { attachments } = await services.attachments({ digest: statement })
    expect(attachments).toMatchObject([{ digest: photo.digest, number: 1, state: 'whole' }])
    await using place = await temporaryFolder()
    const save = {
      attachment: '1',
      digest: statement,
      purpose: PURPOSE,
      to: `${place.path}/p`,
    } as const
    expect(await codeOf(() => services.saveAttachment(save))).toBe('CLI_SEALED')
    const view = await opened(anltp, statement, head)
    const files = (await attachmentsFor(view, head)).map((one) => ({ ...one }))
    const shown = JSON.stringify((await readBy(view, head)).groups)
    expect([shown.includes(photo.digest), shown.includes(photo.key)]).toEqual([true, false])
    const wrong = files.map((one) => ({ ...one, digest: one.plaintext }))
    expect(await codeOf(() => services.saveAttachment({ ...save, opened: wrong }))).toBe('WIRE_DIS')
    await services.saveAttachment({ ...save, opened: files })
    expect(Buffer.compare(await readFile(save.to), seededBytes('photo.jpg')(60_000))).toBe(0)
    expect(await attachmentsFor(await opened(naptip, statement, other), other)).toHaveLength(1)
  })

  it('loses its files when its group is erased, also one that is still to be fetched', async () => {
    await using talk = await beginTalk()
    const { anltp, naptip } = talk
    await withHeads(talk)
    const photo = await sealIn(naptip, 60_000)
    const statement = await report(naptip, [photo])
    await carryAll(naptip, anltp)
    for (const side of [anltp, naptip]) {
      const officer = { actor: `u_${'a'.repeat(16)}`, fields: [] }
      const erasing = { basis: 'mistake', fields: [], second: officer, who: officer } as const
      await erase(side.parts, [{ groups: ['body'], statement }], erasing)
      expect(await side.parts.blobs.has(photo.digest, photo.length)).toBe(false)
      const { attachments } = await allServices(side.parts).attachments({ digest: statement })
      expect(attachments).toEqual([])
      expect((await keptOf(side, statement)).includes(photo.key)).toBe(false)
    }
    expect((await allServices(anltp.parts).status({})).line.attachmentsWaiting).toBe(0)
  })
})
