import { DESK_ROLES } from './identifiers.ts'
import { describe, expect, it } from 'vitest'
import { classicDeskKey, NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { type Path } from '../../../../test/support/edit-json.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { edited, jsonOf, membersIn, objectsIn } from '../../../../test/support/trust-fixture.ts'
import { parsePayload } from './payload.ts'
import { RosterSchema } from './roster.ts'

const { naptip } = await twoAgencies()
const { publicJwk: classicKey } = await classicDeskKey('ng.naptip', 'protection')
const revocation = { kid: naptip.sealKey.keyId, reason: 'lost', since: NOW }
const payload = jsonOf({ ...naptip.roster.payload, revoked: [revocation] })
const read = (value: unknown): unknown => parsePayload(RosterSchema, jsonOf(value))
const nameOf = (path: Path): string => path.map(String).join('.')
const signature = naptip.roster.payload.officers[0]?.proof ?? ''
const keyId = naptip.sealKey.keyId

const [desk] = naptip.roster.payload.desks
const [node] = naptip.roster.payload.nodes
const [officer] = naptip.roster.payload.officers
const lost = { reason: 'lost', since: NOW }

/** Inside of a key a missing member is the key’s fault. */
const KEY_MEMBERS = ['jwk', 'key', 'sealKey']

describe('the form of a roster', () => {
  it('is that of the test agency', () => {
    expect(read(payload)).toEqual(payload)
  })

  it.each<readonly [string, Path, unknown]>([
    ['32 desks', ['desks'], numbered(32, 'id', desk)],
    ['4 nodes', ['nodes'], numbered(4, 'peerId', node)],
    ['512 officers', ['officers'], numbered(512, 'id', officer)],
    ['1,024 revocations', ['revoked'], numbered(1024, 'kid', lost)],
    ['16 keys of a desk', ['desks', 0, 'encryption'], timesOf(16, desk?.encryption[0])],
    ['a desk key of suite A1', ['desks', 0, 'encryption', 0, 'jwk'], classicKey],
    [
      'a desk with keys of both suites',
      ['desks', 0, 'encryption', 1],
      { exp: NOW + 1, jwk: classicKey, nbf: NOW },
    ],
    ['16 deposit keys', ['nodes', 0, 'depositKey'], timesOf(16, node?.depositKey[0])],
    [
      '16 encryption keys of an officer',
      ['officers', 0, 'encryption'],
      timesOf(16, desk?.encryption[0]),
    ],
    ['a partner desk', ['desks', 0, 'external'], true],
    ['32 desks of a node', ['nodes', 0, 'desks'], names(32)],
    ['8 addresses', ['nodes', 0, 'addresses'], timesOf(8, '/ip4/127.0.0.1')],
    ['an address of 256 characters', ['nodes', 0, 'addresses'], [`/${'a'.repeat(255)}`]],
    ['a desk of every role', ['desks', 0, 'roles'], DESK_ROLES.toSorted()],
    ['an officer of 32 roles', ['officers', 0, 'roles'], roles(32)],
    ['a log key of 2,048 characters', ['nodes', 0, 'log', 'log', 0], 'a'.repeat(2048)],
    ['an origin of 128 characters', ['nodes', 0, 'log', 'origin'], 'a'.repeat(128)],
    ['a peer id of 64 characters', ['nodes', 0, 'peerId'], '1'.repeat(64)],
  ])('may have %s', (_name, path, put) => {
    const changed = edited(payload, [[path, put]])
    expect(read(changed)).toEqual(changed)
  })

  it.each<readonly [string, Path, unknown]>([
    ['33 desks', ['desks'], numbered(33, 'id', desk)],
    ['5 nodes', ['nodes'], numbered(5, 'peerId', node)],
    ['513 officers', ['officers'], numbered(513, 'id', officer)],
    ['1,025 revocations', ['revoked'], numbered(1025, 'kid', lost)],
    ['17 keys of a desk', ['desks', 0, 'encryption'], timesOf(17, desk?.encryption[0])],
    ['17 deposit keys', ['nodes', 0, 'depositKey'], timesOf(17, node?.depositKey[0])],
    [
      '17 encryption keys of an officer',
      ['officers', 0, 'encryption'],
      timesOf(17, desk?.encryption[0]),
    ],
    ['33 desks of a node', ['nodes', 0, 'desks'], names(33)],
    ['a desk of 33 roles', ['desks', 0, 'roles'], roles(33)],
    ['an officer of 33 roles', ['officers', 0, 'roles'], roles(33)],
    ['a peer id of 65 characters', ['nodes', 0, 'peerId'], '1'.repeat(65)],
    ['an officer’s key that ends when it begins', ['officers', 0, 'exp'], officer?.nbf],
    ['a node that ends when it begins', ['nodes', 0, 'exp'], node?.nbf],
    ['a desk key that ends when it begins', ['desks', 0, 'encryption', 0, 'exp'], NOW - 3600],
  ])('may not have %s', async (_name, path, put) => {
    const refusal = await refusalOf(() => read(edited(payload, [[path, put]])))
    const [list, place] = path
    const where = place === undefined ? String(list) : `${String(list)}.${String(place)}`
    expect(refusal?.code).toBe('WIRE_MEMBER')
    expect(String(refusal?.details['path']).startsWith(where)).toBe(true)
  })

  it.each(objectsIn(payload).map((path) => [nameOf(path), path] as const))(
    'has no unknown member in “%s”',
    async (name, path) => {
      const more = edited(payload, [[[...path, 'note'], 'she is afraid']])
      expect(await refusalOf(() => read(more))).toEqual({
        code: 'WIRE_MEMBER',
        details: { path: name },
      })
    },
  )

  it.each(membersIn(payload).map((path) => [nameOf(path), path] as const))(
    'has every member: not without “%s”',
    async (name, path) => {
      const refusal = await refusalOf(() => read(edited(payload, [[path, undefined]])))
      const inKey = path.some((step) => KEY_MEMBERS.includes(String(step)))
      expect(refusal).toEqual(
        inKey
          ? { code: 'WIRE_KEY', details: { reason: `form of ${name}` } }
          : { code: 'WIRE_MEMBER', details: { path: name } },
      )
    },
  )

  it.each<readonly [string, Path, unknown]>([
    ['an agency in capitals', ['agency'], 'NG.NAPTIP'],
    ['an instant with a fraction', ['iat'], NOW + 0.5],
    ['a negative instant', ['iat'], -1],
    ['an instant of the year 10000', ['exp'], 253_402_300_800],
    ['version 0', ['version'], 0],
    ['a previous that is no digest', ['previous'], 'x'],
    ['a matching entry', ['matching'], [{}]],
    ['a desk in capitals', ['desks', 0, 'id'], 'Coordination'],
    ['desks out of order', ['desks', 0, 'id'], 'zz'],
    ['a desk without keys', ['desks', 0, 'encryption'], []],
    ['a desk that is external by word', ['desks', 0, 'external'], 'no'],
    ['a desk role twice', ['desks', 0, 'roles'], ['shelter', 'shelter']],
    ['an unknown role', ['officers', 0, 'roles'], ['admin']],
    ['roles out of order', ['officers', 0, 'roles'], ['head', 'clinician']],
    [
      'a desk key that ends before it begins',
      ['desks', 0, 'encryption', 0, 'nbf'],
      NOW + 90 * 86_400,
    ],
    ['an officer twice', ['officers', 1, 'id'], 'approver'],
    ['an officer who ends before beginning', ['officers', 0, 'exp'], NOW - 3600],
    ['an officer of no organisation', ['officers', 0, 'organisation'], ''],
    ['a proof of another length', ['officers', 0, 'proof'], signature.slice(1)],
    ['a node that ends before it begins', ['nodes', 0, 'nbf'], NOW + 90 * 86_400],
    [
      'a deposit key that ends before it begins',
      ['nodes', 0, 'depositKey', 0, 'nbf'],
      NOW + 90 * 86_400,
    ],
    ['a node twice', ['nodes'], timesOf(2, node)],
    ['a node without a deposit key', ['nodes', 0, 'depositKey'], []],
    ['a node desk twice', ['nodes', 0, 'desks'], ['protection', 'protection']],
    ['node desks out of order', ['nodes', 0, 'desks'], ['protection', 'intelligence']],
    ['an address that does not begin with a stroke', ['nodes', 0, 'addresses'], ['ip4/127.0.0.1']],
    ['an address with a space', ['nodes', 0, 'addresses'], ['/ip4/127.0.0.1 ']],
    ['an address that is too long', ['nodes', 0, 'addresses'], [`/${'a'.repeat(256)}`]],
    [
      'nine addresses',
      ['nodes', 0, 'addresses'],
      Array.from({ length: 9 }, () => '/ip4/127.0.0.1'),
    ],
    ['a peer id with a zero', ['nodes', 0, 'peerId'], '0'],
    ['three log keys', ['nodes', 0, 'log', 'log'], ['a', 'b', 'c']],
    ['one witness key', ['nodes', 0, 'log', 'witness'], ['a']],
    ['a log key that is too long', ['nodes', 0, 'log', 'log'], ['a', 'b'.repeat(2049)]],
    ['an origin that is too long', ['nodes', 0, 'log', 'origin'], 'a'.repeat(129)],
    ['a genesis that is no digest', ['nodes', 0, 'log', 'genesis'], 'x'],
    ['a revocation of no key', ['revoked'], [{ kid: 'x', reason: 'lost', since: NOW }]],
    ['a revocation for another reason', ['revoked'], [{ kid: keyId, reason: 'bored', since: NOW }]],
    [
      'a key revoked twice',
      ['revoked'],
      Array.from({ length: 2 }, () => ({ kid: keyId, reason: 'lost', since: NOW })),
    ],
    ['no list of officers', ['officers'], {}],
  ])('is not that of a roster with %s', async (_name, path, put) => {
    const refusal = await refusalOf(() => read(edited(payload, [[path, put]])))
    expect(refusal?.code).toBe('WIRE_MEMBER')
    expect(String(refusal?.details['path']).startsWith(String(path[0]))).toBe(true)
  })

  it.each<readonly [string, Path, unknown]>([
    ['an officer’s key for ML-DSA-65', ['officers', 0, 'key', 'alg'], 'ML-DSA-65'],
    ['a seal key that is text', ['nodes', 0, 'sealKey'], 'x'],
    ['a desk key for signatures', ['desks', 0, 'encryption', 0, 'jwk'], naptip.sealKey.publicJwk],
    [
      'a deposit key for signatures',
      ['nodes', 0, 'depositKey', 0, 'jwk'],
      naptip.sealKey.publicJwk,
    ],
    ['a deposit key of suite A1', ['nodes', 0, 'depositKey', 0, 'jwk'], classicKey],
    [
      'an officer’s encryption key of suite A1',
      ['officers', 0, 'encryption'],
      [{ exp: NOW + 1, jwk: classicKey, nbf: NOW }],
    ],
    [
      'a desk key of suite A1 of 31 bytes',
      ['desks', 0, 'encryption', 0, 'jwk'],
      { ...classicKey, x: classicKey.x.slice(2) },
    ],
    [
      'a desk key of another curve',
      ['desks', 0, 'encryption', 0, 'jwk'],
      { ...classicKey, crv: 'X448' },
    ],
  ])('is refused for its key with %s', async (_name, path, put) => {
    const refusal = await refusalOf(() => read(edited(payload, [[path, put]])))
    expect(refusal?.code).toBe('WIRE_KEY')
  })
})

function timesOf(length: number, value: unknown): readonly unknown[] {
  return Array.from({ length }, () => value)
}

/** Names that rise: base58 letters, so that they may be peer ids too. */
function names(length: number): readonly string[] {
  return Array.from({ length }, (_, index) =>
    `a${String(index + 1111)}`.replaceAll('0', 'z'),
  ).toSorted()
}

function roles(length: number): readonly string[] {
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  return Array.from({ length }, (_, index) => {
    const area = `${letters[Math.floor(index / 26)] ?? ''}${letters[index % 26] ?? ''}`
    return `author:${area}`
  })
}

/** So many copies of an entry under names that rise; `kid` has the form of a key id. */
function numbered(length: number, member: string, entry: unknown): unknown {
  return names(length).map((name) => ({
    ...(typeof entry === 'object' ? entry : {}),
    [member]: member === 'kid' ? name.padEnd(43, 'A') : name,
  }))
}
