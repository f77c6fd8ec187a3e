import { describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { decodeBase64, encodeBase64, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { sha256 } from '../crypto/digest.ts'
import { type RosterLog } from './roster.ts'
import { logKeys } from './verifier-key.ts'

const AGENCY = 'ng.naptip'
const { naptip, anltp } = await twoAgencies()
const log = logOf(naptip.roster.payload.nodes[0]?.log)
const peer = logOf(anltp.roster.payload.nodes[0]?.log)
const [ed, pq] = log.log
const [witnessEd, witnessPq] = log.witness

describe('the keys of a log', () => {
  it('are four: Ed25519 and ML-DSA-44 of the log, then of the witness', () => {
    const keys = logKeys(AGENCY, log)
    expect(keys.map(({ use, algorithm }) => [use, algorithm])).toEqual([
      ['log', 'Ed25519'],
      ['log', 'ML-DSA-44'],
      ['witness', 'Ed25519'],
      ['witness', 'ML-DSA-44'],
    ])
    expect(keys.map(({ publicKey }) => publicKey)).toEqual(
      [ed, pq, witnessEd, witnessPq].map((text) => encodeBase64url(keyData(text).subarray(1))),
    )
  })

  it.each([
    ['of another agency', peer.origin],
    ['of an agency that differs at the dot', 'ngxnaptip/amana/audit/1'],
    ['of epoch 0', `${AGENCY}/amana/audit/0`],
    ['without an epoch', `${AGENCY}/amana/audit/`],
    ['of a long epoch', `${AGENCY}/amana/audit/1000000`],
    ['of a witness', `${AGENCY}/amana/witness/1`],
    ['with something before', `x${AGENCY}/amana/audit/1`],
    ['with something behind', `${AGENCY}/amana/audit/1/x`],
    ['that is empty', ''],
  ])('do not go with an origin %s', async (_name, origin) => {
    expect(await refusalOf(() => logKeys(AGENCY, { ...log, origin }))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'origin of the log' },
    })
  })

  it.each([
    ['the name of another epoch', [renamed(ed, `${AGENCY}/amana/audit/2`), pq], log.witness],
    ['a name that differs at the dot', [renamed(ed, 'ngxnaptip/amana/audit/1'), pq], log.witness],
    ['another agency’s log key', [peer.log[0], pq], log.witness],
    ['another agency’s second log key', [ed, peer.log[1]], log.witness],
    ['the witness’s keys in place of the log’s', log.witness, log.witness],
    ['the log’s keys in place of the witness’s', log.log, log.log],
    ['another agency’s witness', log.log, peer.witness],
    ['witness 0', log.log, [renamed(witnessEd, `${AGENCY}/amana/witness/0`), witnessPq]],
    ['no name', [ed.slice(ed.indexOf('+')), pq], log.witness],
  ] as const)('have their names: not %s', async (_name, own, witness) => {
    expect(await refusalOf(() => logKeys(AGENCY, pairs(own, witness)))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'name of a log key' },
    })
  })

  it.each([
    ['the keys turned round', [pq, ed], log.witness],
    ['the witness’s keys turned round', log.log, [witnessPq, witnessEd]],
    ['type 4 for the log', [made(log.origin, 4, 32), pq], log.witness],
    ['type 1 for the witness', log.log, [made(nameOf(witnessEd), 1, 32), witnessPq]],
    ['31 bytes', [made(log.origin, 1, 31), pq], log.witness],
    ['33 bytes', [made(log.origin, 1, 33), pq], log.witness],
    ['1,311 bytes', [ed, made(log.origin, 6, 1311)], log.witness],
    ['a type and no key', [made(log.origin, 1, 0), pq], log.witness],
    ['a name alone', [log.origin, pq], log.witness],
    ['a name and id alone', [`${log.origin}+00000000`, pq], log.witness],
  ] as const)('have their types and lengths: not %s', async (_name, own, witness) => {
    expect(await refusalOf(() => logKeys(AGENCY, pairs(own, witness)))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'type or length of a log key' },
    })
  })

  it.each([
    ['another id', ed.replace(/\+[0-9a-f]{8}\+/, '+00000000+')],
    ['an id in capitals', ed.replace(/\+[0-9a-f]{8}\+/, (id) => id.toUpperCase())],
    ['an empty id', ed.replace(/\+[0-9a-f]{8}\+/, '++')],
    ['a longer id', ed.replace(/\+([0-9a-f]{8})\+/, '+$1ff+')],
  ])('have their ids: not %s', async (_name, text) => {
    expect(text).not.toBe(ed)
    expect(await refusalOf(() => logKeys(AGENCY, pairs([text, pq], log.witness)))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'id of a log key' },
    })
  })

  it.each([
    ['padding where none is due', `${ed}====`],
    ['white space behind', `${ed} `],
    ['the other alphabet', `${ed.slice(0, -4)}-_A=`],
  ])('are base64 in its one spelling: not %s', async (_name, text) => {
    expect(text).not.toBe(ed)
    const refusal = await refusalOf(() => logKeys(AGENCY, pairs([text, pq], log.witness)))
    expect(refusal?.code).toBe('WIRE_B64')
  })
})

function pairs(own: readonly [string, string], witness: readonly [string, string]): RosterLog {
  return { ...log, log: [...own], witness: [...witness] }
}

function logOf(value: RosterLog | undefined): RosterLog {
  if (value === undefined) throw new TypeError('the test agency has no log')
  return value
}

function nameOf(text: string): string {
  return text.slice(0, text.indexOf('+'))
}

function keyData(text: string): Uint8Array {
  return decodeBase64(text.split('+').slice(2).join('+'))
}

/** The same key under another name, with the id that goes with it. */
function renamed(text: string, name: string): string {
  return formatted(name, keyData(text))
}

/** A key of zeros, with the id that goes with it. */
function made(name: string, type: number, sizeBytes: number): string {
  return formatted(name, concatBytes(Uint8Array.of(type), new Uint8Array(sizeBytes)))
}

function formatted(name: string, data: Uint8Array): string {
  const hash = sha256(concatBytes(encodeUtf8(`${name}\n`), data))
  return `${name}+${Buffer.from(hash.subarray(0, 4)).toString('hex')}+${encodeBase64(data)}`
}
