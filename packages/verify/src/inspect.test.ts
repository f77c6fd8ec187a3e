import {
  buildPresentation,
  createCharterEntry,
  createInvite,
  decodeUtf8,
  encodeCanonical,
  encodeUtf8,
  type Json,
  parseCanonicalText,
} from '@amana/core'
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { buildExchange, type Exchange } from '../../../test/support/built-exchange.ts'
import { craft } from '../../../test/support/crafted-envelope.ts'
import { makeWorld } from '../../../test/support/envelope-fixture.ts'
import { asJson, at } from '../../../test/support/json.ts'
import { messageBytes, messageFileOf } from '../../../test/support/message-files.ts'
import { recordsOf } from '../../../test/support/test-log.ts'
import { inspect } from './inspect.ts'
import { type InspectKind } from './inspect-members.ts'
import { renderInspect } from './render-inspect.ts'

let exchange: Exchange
let bundle: Uint8Array
beforeAll(async () => {
  exchange = await buildExchange()
  bundle = await exchange.naptip.log.bundle(exchange)
})

function evidence(kind: string): Uint8Array {
  const found = exchange.naptip.log.evidence.find((record) => record.kind === kind)
  if (found === undefined || typeof found.content === 'string') throw new Error(kind)
  const { payload, signatures } = found.content
  return encodeCanonical({ payload, signatures: signatures.map((entry) => ({ ...entry })) })
}

async function invite(): Promise<Uint8Array> {
  const { agency, roster } = exchange.naptip
  const entry = exchange.charter.payload.agencies[agency.id]
  if (entry === undefined) throw new Error('no entry')
  const content = {
    agency: agency.id,
    entry: createCharterEntry(entry, roster),
    roster,
    issuedAt: NOW,
  }
  const { payload, signatures } = await createInvite(content, agency.rosterKey)
  return encodeCanonical({ payload, signatures: signatures.map((entry_) => ({ ...entry_ })) })
}

function presentation(): Uint8Array {
  const [statement] = exchange.sent[1]?.statements ?? []
  if (statement === undefined) throw new Error('no statement')
  return encodeUtf8(buildPresentation(statement.statement, statement.opening, ['body.note']))
}

/** A message file that shows a field to an auditor, with the officer's word for it. */
async function messageFile(): Promise<Uint8Array> {
  const [statement] = exchange.sent[1]?.statements ?? []
  const { id, officers } = exchange.naptip.agency
  if (statement === undefined || officers['author'] === undefined) throw new Error('no statement')
  const by = { agency: id, key: officers['author'] }
  return messageBytes(await messageFileOf(exchange, statement, { fields: ['body.note'], by }))
}

/** One record of it as it stands in the file. */
async function messageRecord(kind: string): Promise<Json> {
  const lines = decodeUtf8(await messageFile()).split('\n')
  const line = lines.find((text) => text.includes(kind)) ?? ''
  return parseCanonicalText(line)
}

async function disclosure(): Promise<Uint8Array> {
  const record = await messageRecord('"kind":"disclosure"')
  return encodeCanonical(asJson(at(record, ['content'])))
}

describe('an object is shown member by member', () => {
  const cases: readonly [InspectKind, () => Uint8Array | Promise<Uint8Array>][] = [
    ['statement', () => evidence('statement')],
    ['dispatch', () => evidence('dispatch')],
    ['receipt', () => evidence('receipt')],
    ['charter', () => evidence('charter')],
    ['roster', () => evidence('roster')],
    ['invite', invite],
    ['envelope', () => exchange.sent[1]?.bytes ?? new Uint8Array()],
    ['seal', async () => encodeUtf8((await craft(await makeWorld())).seal)],
    ['seal', async () => encodeUtf8((await craft(await makeWorld('A1'))).seal)],
    ['presentation', presentation],
    ['checkpoint', () => encodeUtf8(exchange.naptip.log.notes[0] ?? '')],
    ['bundle', () => bundle],
    ['message', messageFile],
    ['disclosure', disclosure],
    ['record', async () => encodeCanonical(await messageRecord('"record":"message"'))],
    ['record', async () => encodeCanonical(await messageRecord('"kind":"disclosure"'))],
    [
      'record',
      () => encodeCanonical(recordsOf(bundle).find(({ record }) => record === 'leaf') ?? {}),
    ],
  ]

  it.each(cases)('%s', async (what, bytes) => {
    const result = inspect(await bytes(), 'file')
    expect(result.what).toBe(what)
    expect(result.members.length).toBeGreaterThan(2)
    expect(result.members.filter(({ meaning }) => meaning === 'common.unknown')).toEqual([])
    for (const language of ['en', 'fr'] as const) {
      const lines = renderInspect(result, language).split('\n')
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    }
  })

  it('says what is sealed and what is a signature', () => {
    const { members } = inspect(exchange.sent[1]?.bytes ?? new Uint8Array(), 'file')
    const byPath = new Map(members.map(({ path, visibility }) => [path, visibility]))
    expect(byPath.get('seal')).toBe('sealed')
    expect(byPath.get('statements.0._sd')).toBe('sealed')
    expect(byPath.get('statements.0.signatures.1')).toBe('signature')
    expect(byPath.get('dispatch.to')).toBe('clear')
  })

  it.each(['A1', 'A2'] as const)('shows of a seal of %s what everybody can read', async (suite) => {
    const world = await makeWorld(suite)
    const { bytes, content } = await craft(world)
    const { members } = inspect(bytes, 'file')
    const found = new Map(members.map((member) => [member.path, member]))
    const own = suite === 'A1' ? 'epk' : 'ek'
    const header = 'seal.recipients.0.header'
    expect(found.get('seal.protected')?.value).toContain(suite === 'A1' ? 'ECDH-ES' : 'HPKE-9-KE')
    expect(found.get('seal.aad')?.value).toContain(world.sender.peerId)
    expect(found.get(`${header}.kid`)?.value).toBe(at(content, ['to', 'kids', 0]))
    expect(found.get(`${header}.${own}`)).toMatchObject({
      visibility: 'clear',
      meaning: `seal.${own}`,
      spec: 'docs/spec/03-statement-and-seal.md#seal',
    })
    expect(found.has(`${header}.${suite === 'A1' ? 'ek' : 'epk'}`)).toBe(false)
    expect(found.get('seal.recipients.0.encrypted_key')?.visibility).toBe('sealed')
    expect(found.get('seal.ciphertext')?.visibility).toBe('sealed')
  })

  it('shows an envelope whose seal is no JWE', async () => {
    const { bytes } = await craft(await makeWorld(), { seal: () => 'sealed' })
    const paths = inspect(bytes, 'file').members.map(({ path }) => path)
    expect(paths.filter((path) => path.startsWith('seal'))).toEqual(['seal'])
  })

  it.each([
    ['text', 'hello'],
    ['other JSON', '{"a":1}'],
    ['JSON in another form', '{ "v": 1 }'],
    [
      'a JWS of another type',
      '{"payload":"e30","signatures":[{"protected":"e30","signature":""}]}',
    ],
    [
      'a JWS of a type that every object has',
      '{"payload":"e30","signatures":[{"protected":"eyJ0eXAiOiJjb25zdHJ1Y3RvciJ9","signature":""}]}',
    ],
    ['nothing', ''],
  ])('%s: VERIFY_UNKNOWN_FILE', (_name, text) => {
    expect(() => inspect(encodeUtf8(text), 'x')).toThrow(
      expect.objectContaining({ code: 'VERIFY_UNKNOWN_FILE' }),
    )
  })

  it('bytes that are no text: VERIFY_UNKNOWN_FILE', () => {
    expect(() => inspect(Uint8Array.of(0xff, 0xfe), 'x')).toThrow(
      expect.objectContaining({ code: 'VERIFY_UNKNOWN_FILE' }),
    )
  })
})
