/**
 * A group at rest: who opens it, and what is refused when its bytes were changed or moved.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#a-group-at-rest
 */
import { describe, expect, it } from 'vitest'
import { seededBytes } from '../../../../test/support/seeded-bytes.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { generateKey, type PrivateKey, thumbprint } from '../crypto/jwk.ts'
import { type RosterOfficer } from '../trust/roster.ts'
import { type GroupReader, openGroup, rewrapGroup, sealGroup, type SealedGroup } from './at-rest.ts'
import { mayReadGroup, officerReaders } from './group-readers.ts'

const random = seededBytes('at rest')
const NAME = { statement: encodeBase64url(random(32)), group: 'identity' }
const GROUP = { seed: encodeBase64url(random(32)), value: { familyName: 'Invented' } }

interface Officer {
  readonly key: PrivateKey<'HPKE-9-KE'>
  readonly reader: GroupReader
}

async function officer(id: string): Promise<Officer> {
  const key = await generateKey('HPKE-9-KE', random)
  return { key, reader: { officer: id, keyId: key.keyId, jwk: key.publicJwk } }
}

const first = await officer('first')
const second = await officer('second')
const sealed = await sealGroup(NAME, GROUP, { random, readers: [first.reader] })

function flipped(text: string, at: number): string {
  const bytes = Uint8Array.from(decodeBase64url(text))
  const place = at < 0 ? bytes.length + at : at
  bytes[place] = (bytes[place] ?? 0) ^ 1
  return encodeBase64url(bytes)
}

function withWrap(change: Partial<SealedGroup['wraps'][number]>): SealedGroup {
  return { ...sealed, wraps: sealed.wraps.map((wrap) => ({ ...wrap, ...change })) }
}

describe('a group at rest', () => {
  it('opens with the key of its reader, and says nothing of its value', async () => {
    expect(await openGroup(NAME, sealed, first.key)).toEqual(GROUP)
    expect(Buffer.from(decodeBase64url(sealed.sealed)).includes('Invented')).toBe(false)
    expect(sealed.wraps.map(({ kid, officer: id }) => [id, kid])).toEqual([
      ['first', first.key.keyId],
    ])
  })

  it('opens with no other key', async () => {
    expect(await refusalOf(() => openGroup(NAME, sealed, second.key))).toEqual({
      code: 'STORE_GROUP_KEY',
      details: { group: 'identity' },
    })
  })

  it.each([
    ['of another name', { ...NAME, group: 'person' }, sealed],
    ['of another statement', { ...NAME, statement: NAME.statement.replace(/^./, 'x') }, sealed],
    ['with another byte', NAME, { ...sealed, sealed: flipped(sealed.sealed, 40) }],
    ['with another tag', NAME, { ...sealed, sealed: flipped(sealed.sealed, -1) }],
    ['that ends early', NAME, { ...sealed, sealed: sealed.sealed.slice(0, 20) }],
    ['of nothing', NAME, { ...sealed, sealed: '' }],
    ['with another wrapped key', NAME, withWrap({ key: flipped(sealed.wraps[0]?.key ?? '', 3) })],
    [
      'with another encapsulation',
      NAME,
      withWrap({ encapsulated: flipped(sealed.wraps[0]?.encapsulated ?? '', 3) }),
    ],
    ['with the key of a stranger', NAME, withWrap({ kid: second.key.keyId })],
  ])('%s is refused', async (what, name, row) => {
    const key = what === 'with the key of a stranger' ? second.key : first.key
    expect(await refusalOf(() => openGroup(name, row, key))).toMatchObject({ code: 'STORE_GROUP' })
  })

  it('is let open by who reads it for another, and by nobody else', async () => {
    const { wraps } = sealed
    const wrap = await rewrapGroup(NAME, wraps, { key: first.key, reader: second.reader })
    const row = { ...sealed, wraps: [...wraps, wrap] }
    expect(await openGroup(NAME, row, second.key)).toEqual(GROUP)
    const third = await officer('third')
    const blind = { key: third.key, reader: third.reader }
    expect(await refusalOf(() => rewrapGroup(NAME, wraps, blind))).toMatchObject({
      code: 'STORE_GROUP_KEY',
    })
  })
})

describe('the readers of a roster', () => {
  const NOW = 1_795_600_000
  const span = { nbf: NOW - 10, exp: NOW + 10 }

  async function entry(id: string, change: Partial<RosterOfficer>): Promise<RosterOfficer> {
    const key = await generateKey('Ed25519', random)
    const encryption = [{ ...span, jwk: (await generateKey('HPKE-9-KE', random)).publicJwk }]
    const organisation = 'ng.naptip'
    const made = { encryption, id, organisation, key: key.publicJwk, proof: 'x', roles: [] }
    return { ...made, ...span, ...change }
  }

  it('are those listed for now with a key that is good, the one that ends last', async () => {
    const later = (await generateKey('HPKE-9-KE', random)).publicJwk
    const good = await entry('good', {})
    const two = await entry('two', {})
    const officers = [
      good,
      { ...two, encryption: [...two.encryption, { ...span, exp: NOW + 20, jwk: later }] },
      await entry('ended', { exp: NOW }),
      await entry('coming', { nbf: NOW + 1 }),
      await entry('keyless', { encryption: [] }),
      { ...good, id: 'old', encryption: good.encryption.map((one) => ({ ...one, exp: NOW })) },
    ]
    const readers = await officerReaders({ officers, revoked: [] }, NOW)
    expect(readers.map(({ officer: id }) => id)).toEqual(['good', 'two'])
    expect(readers[1]?.jwk).toEqual(later)
  })

  it('are none whose key is revoked', async () => {
    const officers = [await entry('signs', {}), await entry('reads', {}), await entry('stays', {})]
    const [signs, reads] = officers
    if (signs === undefined || reads?.encryption[0] === undefined) throw new Error('no officers')
    const kids = [await thumbprint(signs.key), await thumbprint(reads.encryption[0].jwk)]
    const revoked = kids.map((kid) => ({ kid, reason: 'lost' as const, since: NOW }))
    const readers = await officerReaders({ officers, revoked }, NOW)
    expect(readers.map(({ officer: id }) => id)).toEqual(['stays'])
  })

  it('read what they signed, whatever their role', () => {
    const asked = { group: 'investigation', kind: 'victim.referral/1', signers: ['author'] }
    expect(mayReadGroup({ officer: 'author', roles: [] }, asked)).toBe(true)
    expect(mayReadGroup({ officer: 'other', roles: ['case_manager'] }, asked)).toBe(false)
  })
})
