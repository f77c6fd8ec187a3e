/**
 * What two officers sign without a line: the form of each half, who may sign it, and which belongs to which.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#file
 */
import { describe, expect, it } from 'vitest'
import { NOW } from '../../../../test/support/agencies.ts'
import { makeWorld, withNextRoster } from '../../../../test/support/envelope-fixture.ts'
import {
  answered,
  authorOf,
  offered,
  readAnswer,
  readOffer,
} from '../../../../test/support/hand-over.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { digest } from '../crypto/digest.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { WIRE_LIMITS } from '../limits/wire.ts'
import { expectedRetainUntil } from '../messages/handling.ts'
import {
  assertAnswersOffer,
  assertMayAnswer,
  compareHandOver,
  encodeAnswer,
  encodeOffer,
  HANDOVER_RECEIPT,
  parseHandOver,
  verifyHandOver,
} from './hand-over.ts'

const world = await makeWorld()
const { receiver, sender, trust } = world
const offer = await offered(world)
const answer = await answered(world, offer)
const places = {
  'ne.anltp-tim': { digest: digest('last'), sequence: 2 },
  'ng.naptip': { sequence: 0 },
}
const offerBytes = encodeOffer(offer, places)
const what = (name: string) => ({ code: 'HANDOVER_OTHER', details: { what: name } })
const form = (path: string) => ({ code: 'HANDOVER_FORM', details: { path } })

async function refused(bytes: Uint8Array): Promise<unknown> {
  return refusalOf(() => parseHandOver(bytes))
}

describe('a half of a hand-over', () => {
  it('is read as it was written, an offer with what its signer knew', () => {
    expect(parseHandOver(offerBytes)).toMatchObject({
      part: 'offer',
      exp: NOW + 86_400,
      places,
      statement: { digest: offer.digest },
    })
    expect(parseHandOver(encodeAnswer(answer))).toMatchObject({
      part: 'answer',
      disputes: false,
      offer: offer.digest,
    })
  })

  it('that answers and does not agree disputes the hand-over', async () => {
    const dispute = await answered(world, offer, { relation: 'answers' })
    expect(readAnswer(dispute).disputes).toBe(true)
  })

  it.each([
    ['too long', new Uint8Array(WIRE_LIMITS.handOverBytes + 1), form('size')],
    ['no member that it knows', encodeUtf8('{}'), form('members')],
    ['both halves', encodeUtf8(both()), form('members')],
    ['white space', encodeUtf8(`${decodeUtf8(offerBytes)}\n`), { code: 'WIRE_CANON' }],
  ])('is refused with %s', async (_what, bytes, refusal) => {
    expect(await refused(bytes)).toMatchObject(refusal)
  })

  it('is of its kind, and its opening is that of its statement', async () => {
    const other = await offered(world, { kind: 'referral.event/1', clear: {} })
    expect(await refused(encodeOffer(other, {}))).toEqual(form('kind'))
    const swapped = { ...offer, opening: answer.opening }
    expect(await refused(encodeOffer(swapped, {}))).toMatchObject({ code: 'WIRE_DIS' })
  })

  it('is an offer as a release with an end and no link, an answer as a receipt with one', async () => {
    const relates = [{ digest: offer.digest, relation: 'agrees' as const }]
    for (const [made, path] of [
      [await offered(world, { body: { act: 'receipt' } }), 'offer.act'],
      [await offered(world, { clear: { relates } }), 'offer.relates'],
      [await offered(world, { endless: true }), 'offer.exp'],
    ] as const) {
      expect(await refused(encodeOffer(made, {}))).toEqual(form(path))
    }
    const twice = [...relates, { digest: answer.digest, relation: 'agrees' as const }]
    const astray = [{ digest: offer.digest, relation: 'reply' as const }]
    for (const [changes, path] of [
      [{ body: { act: 'release' } }, 'answer.act'],
      [{ clear: { relates: twice } }, 'answer.relates'],
      [{ clear: { relates: astray } }, 'answer.relates'],
    ] as const) {
      expect(await refused(encodeAnswer(await answered(world, offer, changes)))).toEqual(form(path))
    }
  })
})

describe('who signed', () => {
  it('is told with the roster that says so', async () => {
    const { version, iat: issuedAt } = trust.rosterOf(sender.id).payload
    expect(await verifyHandOver(readOffer(offer), trust)).toMatchObject({
      verdict: 'verified',
      signer: { agency: sender.id, id: 'author', organisation: sender.id },
      roster: { issuedAt, version },
    })
  })

  it('signs for the own organisation only', async () => {
    const strange = { organisation: 'ne.dst', type: 'police' }
    const wrong = { code: 'HANDOVER_PARTY', details: { rule: 'wrong_organisation' } }
    const release = readOffer(await offered(world, { body: { from: strange } }))
    expect(await refusalOf(() => verifyHandOver(release, trust))).toEqual(wrong)
    const receipt = readAnswer(await answered(world, offer, { body: { to: strange } }))
    expect(await refusalOf(() => verifyHandOver(receipt, trust))).toEqual(wrong)
  })

  it('cannot be told by rosters that are older than the statement, or have ended', async () => {
    const later = await withNextRoster(world, 'sender', { issuedAt: NOW - 60, changes: {} })
    const newer = readOffer(await offered(later))
    const unknown = { verdict: 'unknown', document: 'roster' }
    expect(await verifyHandOver(newer, trust)).toEqual(unknown)
    expect(await verifyHandOver(newer, later.trust)).toMatchObject({ verdict: 'verified' })
    const { exp } = trust.charter.payload
    const iat = exp + TRUST_LIMITS.charterGraceSeconds
    const late = readOffer(
      await offered(world, {
        clear: {
          iat,
          exp: iat + 60,
          handling: {
            caveats: [],
            retainUntil: expectedRetainUntil(HANDOVER_RECEIPT, iat),
            tlp: 'AMBER',
          },
        },
      }),
    )
    expect(await verifyHandOver(late, trust)).toEqual({ verdict: 'unknown', document: 'charter' })
  })

  it('is refused where the rosters do tell', async () => {
    const forged = readOffer(await offered(world, { key: authorOf(receiver) }))
    expect(await refusalOf(() => verifyHandOver(forged, trust))).toMatchObject({ code: 'WIRE_ISS' })
  })
})

describe('who answers', () => {
  const [own, other] = [authorOf(sender), authorOf(receiver)]
  const may = async ({ keyId }: typeof own, organisation: string, now = NOW) =>
    refusalOf(() => {
      assertMayAnswer(readOffer(offer), { keyId, organisation }, now)
    })

  it.each([
    ['the officer who offers', own, receiver.id, 'same_officer'],
    ['an officer of the same organisation', other, sender.id, 'same_organisation'],
    ['an officer of a third one', other, 'ng.nis', 'other_organisation'],
  ])('is not %s', async (...[, key, organisation, rule]) => {
    expect(await may(key, organisation)).toEqual({ code: 'HANDOVER_PARTY', details: { rule } })
  })

  it('does so before the offer ends', async () => {
    expect(await may(other, receiver.id, NOW + 86_399)).toBeUndefined()
    const over = { code: 'HANDOVER_OVER', details: { exp: NOW + 86_400 } }
    expect(await may(other, receiver.id, NOW + 86_400)).toEqual(over)
  })
})

describe('an answer', () => {
  it('is one to its offer, and for the leg of it', async () => {
    const asked = readOffer(offer)
    expect(
      await refusalOf(() => {
        assertAnswersOffer(asked, readAnswer(answer))
      }),
    ).toBeUndefined()
    const second = await offered(world, { body: { leg: 'leg-2' } })
    expect(
      await refusalOf(() => {
        assertAnswersOffer(readOffer(second), readAnswer(answer))
      }),
    ).toEqual(what('offer'))
    for (const body of [
      { leg: 'leg-2' },
      { referral: 'NE-ANLTP-22-7K3QX9M4-I' },
      { legType: 'onward' },
    ]) {
      const astray = readAnswer(await answered(world, offer, { body }))
      expect(
        await refusalOf(() => {
          assertAnswersOffer(asked, astray)
        }),
      ).toEqual(what('leg'))
    }
  })

  it('differs item by item from what was offered', () => {
    const [{ body: before }, { body: after }] = [readOffer(offer), readAnswer(answer)]
    expect(compareHandOver(before, before)).toEqual([])
    expect(
      compareHandOver(before, { ...after, condition: 'distressed', transport: 'road' }),
    ).toEqual([
      { item: 'condition', offered: 'stable', received: 'distressed' },
      { item: 'documents.pass', offered: '1' },
      { item: 'belongings.bag', offered: '2', received: '1' },
      { item: 'transport', received: 'road' },
    ])
  })
})

function both(): string {
  const text = decodeUtf8(encodeAnswer(answer))
  return `${text.slice(0, -',"v":1}'.length)},${decodeUtf8(offerBytes).slice(1)}`
}
