/**
 * Attachments on their way: the dispatch binds what the sent groups name, and nothing more is believed.
 *
 * @module
 * @spec docs/spec/10-attachments.md#in-the-dispatch
 */
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../../../test/support/agencies.ts'
import { craft, drop, put } from '../../../../test/support/crafted-envelope.ts'
import {
  draftOf,
  makeWorld,
  outcomeOf,
  receiverOf,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { AttachmentSealer } from '../attachment/sealer.ts'
import { digest } from '../crypto/digest.ts'
import { type Attachment } from '../messages/attachments.ts'
import { type SignedStatement } from './statement.ts'

vi.setConfig({ testTimeout: 30_000 })

const REFERRAL = 'victim.referral/1'
const { facts } = new AttachmentSealer(seededRandom('attached')).end()
const photo: Attachment = { ...facts, media: 'image/jpeg', name: 'photo.jpg' }
const named = [{ digest: photo.digest, length: photo.length }]

let world: World
beforeAll(async () => {
  world = await makeWorld()
})

async function attaching(attachments: readonly Attachment[], label = ''): Promise<SignedStatement> {
  const { groups } = draftOf(world, REFERRAL)
  const identity = { ...groups['identity'], attachments: attachments.map((one) => ({ ...one })) }
  return statementOf(world, { kind: REFERRAL, label, draft: { groups: { ...groups, identity } } })
}

async function arriving(
  statements: readonly SignedStatement[],
  attachments: unknown,
): Promise<string> {
  const content = put(['attachments'], attachments)
  const { bytes } = await craft(world, { statements, content })
  const { place, results } = await outcomeOf(bytes, receiverOf(world))
  return place === 'taken' ? results.join(' ') : `${place} ${results.join()}`
}

describe('a statement with an attachment', () => {
  it('opens where its dispatch names the file with its length', async () => {
    expect(await arriving([await attaching([photo])], named)).toBe('opened')
  })

  it.each<[string, unknown]>([
    ['names nothing', []],
    ['names another file', [{ ...named[0], digest: digest('other') }]],
    ['names another length', [{ ...named[0], length: photo.length + 1 }]],
  ])('is refused alone where its dispatch %s', async (_name, attachments) => {
    const one = await statementOf(world, { kind: REFERRAL, label: 'before' })
    const statements = [one, await attaching([photo])]
    expect(await arriving(statements, attachments)).toBe('opened WIRE_ATTACHMENT')
  })

  it('does not mind what the dispatch names besides', async () => {
    const more = [...named, { digest: digest('z'), length: 40 }].toSorted((a, b) =>
      a.digest < b.digest ? -1 : 1,
    )
    expect(await arriving([await attaching([photo])], more)).toBe('opened')
  })

  it.each(['../photo.jpg', '/etc/passwd', 'photo/', 'C:\\photo.jpg', 'con', 'NUL.jpg', '.ssh'])(
    'is refused by its name alone where that is a path or a device',
    async (name) => {
      expect(await arriving([await attaching([{ ...photo, name }])], named)).toBe('WIRE_SCHEMA')
    },
  )
})

describe('a dispatch', () => {
  it.each<[string, unknown]>([
    ['one file twice', [...named, ...named]],
    [
      'files out of order',
      ['a', 'b', 'c', 'd']
        .map((text) => ({ digest: digest(text), length: 40 }))
        .toSorted((a, b) => (a.digest < b.digest ? 1 : -1)),
    ],
    ['a length that nothing seals to', [{ ...named[0], length: 65_584 }]],
    ['a member more', [{ ...named[0], name: 'photo.jpg' }]],
    ['no length', [drop('length')(named[0])]],
    [
      '65 files',
      Array.from({ length: 65 }, (_, index) => digest(String(index)))
        .toSorted()
        .map((file) => ({ digest: file, length: 40 })),
    ],
  ])('is refused with %s', async (_name, attachments) => {
    expect(await arriving([await attaching([photo])], attachments)).toBe('none WIRE_MEMBER')
  })
})
