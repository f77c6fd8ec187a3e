/**
 * A node's word on the attachments that it lacks: by a node of that agency, and not dated ahead.
 *
 * @module
 * @spec docs/spec/10-attachments.md#what-is-missing
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../../test/support/agencies.ts'
import { makeWorld, type World } from '../../../../test/support/envelope-fixture.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { digest } from '../crypto/digest.ts'
import { type GeneralJws } from '../crypto/jws.ts'
import { parsePieces, type PiecesContent, signPieces, verifyPieces } from './pieces.ts'

let world: World
beforeAll(async () => {
  world = await makeWorld()
})

async function word(changes: Partial<PiecesContent> = {}): Promise<GeneralJws> {
  const { id, peerId, sealKey } = world.sender
  const items: PiecesContent['items'] = [{ digest: digest('file'), missing: [[0, 2]] }]
  const from = { agency: id, node: peerId }
  return signPieces({ from, issuedAt: NOW, items, v: 1, ...changes }, sealKey)
}

async function codeFor(jws: GeneralJws, agency = world.sender.id): Promise<string | undefined> {
  return codeOf(() => verifyPieces(parsePieces(jws), { agency, now: NOW }, world.trust))
}

describe('a word on attachments', () => {
  it('is taken from a node of the agency', async () => {
    expect(await codeFor(await word())).toBeUndefined()
    expect(await codeFor(await word({ issuedAt: NOW + 300, items: [] }))).toBeUndefined()
  })

  it('is refused of another agency, of another key, and from the future', async () => {
    const jws = await word()
    expect(await codeFor(jws, world.receiver.id)).toBe('WIRE_ISS')
    expect(await codeFor(await word({ issuedAt: NOW + 301 }))).toBe('WIRE_TIME_FUTURE')
    const node = world.receiver.peerId
    const from = { agency: world.sender.id, node }
    expect(await codeFor(await word({ from }))).toBe('WIRE_NODE')
    const other = (await word({ items: [] })).signatures
    expect(await codeFor({ ...jws, signatures: [...other] })).toBe('WIRE_SIG')
  })

  it('has a bound on what it names', async () => {
    const missing = Array.from({ length: 9 }, (): [number, number] => [0, 1])
    const items = [{ digest: digest('file'), missing }]
    expect(await codeOf(() => word({ items }))).toBe('WIRE_MEMBER')
  })
})
