/**
 * Attachments in a body: what a name may be, and which descriptors are refused.
 *
 * @module
 * @spec docs/spec/10-attachments.md#in-the-body
 */
import { describe, expect, it } from 'vitest'
import { AttachmentSealer } from '../attachment/sealer.ts'
import { digest } from '../crypto/digest.ts'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import {
  type Attachment,
  ATTACHING,
  attachmentsOf,
  AttachmentsSchema,
  FileNameSchema,
} from './attachments.ts'
import { kindDefinition } from './kinds.ts'

const FACTS = new AttachmentSealer(seededBytes('body')).end().facts
const one: Attachment = { ...FACTS, media: 'image/jpeg', name: 'photo 1.jpg' }

describe('the name of an attachment', () => {
  it.each([
    'a',
    'photo 1.jpg',
    'Rapport d’enquête (2).pdf',
    'compte.tar.gz',
    'con-voi.txt',
    'é'.repeat(100),
  ])('may be %s', (name) => {
    expect(FileNameSchema.safeParse(name).success).toBe(true)
  })

  it.each([
    '',
    '.',
    '..',
    '../x',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'C:x',
    'C:\\x',
    'a\nb',
    'a\u0000b',
    'a\u202Egpj.exe',
    '.profile',
    'x.',
    'x ',
    ' x',
    'con',
    'NUL.txt',
    'Com1',
    'lpt9.tar',
    'a*',
    'a?b',
    '"a"',
    'a|b',
    'é'.repeat(101),
    'e\u0301',
  ])('is no path, device or trick: %j', (name) => {
    expect(FileNameSchema.safeParse(name).success).toBe(false)
  })
})

describe('a list of attachments', () => {
  it.each<[string, unknown]>([
    ['none', []],
    ['a member more', [{ ...one, note: 'x' }]],
    ['a key of 31 bytes', [{ ...one, key: one.key.slice(0, 42) }]],
    ['a key in another spelling', [{ ...one, key: `${'A'.repeat(42)}B` }]],
    ['a length that nothing seals to', [{ ...one, length: 31 }]],
    ['a media type with parameters', [{ ...one, media: 'text/html; charset=utf-8' }]],
    ['no media type', [{ ...one, media: 'jpeg' }]],
    ['one file twice', [one, { ...one, name: 'other.jpg' }]],
    ['one name twice', [one, { ...one, digest: digest('other'), name: 'PHOTO 1.JPG' }]],
    [
      'seventeen',
      Array.from({ length: 17 }, (_, index) => ({
        ...one,
        digest: digest(String(index)),
        name: String(index),
      })),
    ],
  ])('is refused with %s', (_name, value) => {
    expect(AttachmentsSchema.safeParse([one]).success).toBe(true)
    expect(AttachmentsSchema.safeParse(value).success).toBe(false)
  })

  it('is found in any group, in the order of their names', () => {
    const other = { ...one, digest: digest('other'), name: 'b' }
    expect(
      attachmentsOf({ travel: { attachments: [other] }, identity: { attachments: [one] } }),
    ).toEqual([one, other])
    expect(attachmentsOf({ routing: {}, note: 'x' })).toEqual([])
  })

  it.each(Object.entries(ATTACHING))('of %s belongs to its group %s', (kind, group) => {
    const { groups } = kindDefinition(kind)
    const issues = (value: unknown): readonly string[] =>
      groups[group]
        ?.safeParse({ attachments: value })
        .error?.issues.map(({ path }) => path.join('.')) ?? []
    expect(issues([one]).filter((path) => path.startsWith('attachments'))).toEqual([])
    expect(issues([]).filter((path) => path.startsWith('attachments'))).toEqual(['attachments'])
  })
})
