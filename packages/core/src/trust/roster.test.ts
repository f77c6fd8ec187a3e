import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { type Path } from '../../../../test/support/edit-json.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { edited, jsonOf, membersIn, objectsIn } from '../../../../test/support/trust-fixture.ts'
import { parsePayload } from './payload.ts'
import { RosterSchema } from './roster.ts'

const { naptip } = await twoAgencies()
const payload = jsonOf(naptip.roster.payload)
const read = (value: unknown): unknown => parsePayload(RosterSchema, jsonOf(value))
const nameOf = (path: Path): string => path.map(String).join('.')
const signature = naptip.roster.payload.officers[0]?.proof ?? ''
const keyId = naptip.sealKey.keyId

/** Inside of a key a missing member is the key’s fault. */
const KEY_MEMBERS = ['jwk', 'key', 'sealKey']

describe('the form of a roster', () => {
  it('is that of the test agency', () => {
    expect(read(payload)).toEqual(payload)
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
    ['a desk role twice', ['desks', 0, 'roles'], ['head', 'head']],
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
  ])('is refused for its key with %s', async (_name, path, put) => {
    const refusal = await refusalOf(() => read(edited(payload, [[path, put]])))
    expect(refusal?.code).toBe('WIRE_KEY')
  })

  it.each([
    ['desks', 32, 'desks'],
    ['nodes', 4, 'nodes'],
    ['revocations', 1024, 'revoked'],
  ] as const)('lists at most so many %s: %i', async (_name, most, member) => {
    const list = Array.from({ length: most + 1 }, () => ({}))
    const refusal = await refusalOf(() => read(edited(payload, [[[member], list]])))
    expect(refusal).toEqual({ code: 'WIRE_MEMBER', details: { path: member } })
  })
})
