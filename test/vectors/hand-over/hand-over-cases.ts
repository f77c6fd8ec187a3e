/**
 * Hand-overs with what becomes of them: files that are read and checked, parts that are put together.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#vectors
 */
import {
  decodeUtf8,
  encodeAnswer,
  encodeOffer,
  encodeUtf8,
  type Json,
  splitHandOver,
} from '@amana/core'
import { type World } from '../../support/envelope-fixture.ts'
import { answered, authorOf, offered } from '../../support/hand-over.ts'

type Case = { readonly [member: string]: Json }

/** Files of both halves. */
export async function fileCases(world: World): Promise<readonly Case[]> {
  const offer = await offered(world)
  const answer = await answered(world, offer)
  const dispute = await answered(world, offer, {
    relation: 'answers',
    body: { reservations: 'One bag, not two.' },
  })
  const places = { [world.sender.id]: { digest: offer.digest, sequence: 2 } }
  const whole = decodeUtf8(encodeOffer(offer, places))
  return [
    good('an offer', whole),
    good('an answer', textOf(answer)),
    good('a dispute', textOf(dispute)),
    bad('an offer with a line feed', `${whole}\n`, 'WIRE_CANON'),
    bad('another version', whole.replace(/"v":1}$/, '"v":2}'), 'HANDOVER_FORM'),
    bad(
      'places of an answer',
      textOf(answer).replace(/,"v":1}$/, ',"places":{},"v":1}'),
      'HANDOVER_FORM',
    ),
    bad('the opening of another', offerText({ ...offer, opening: answer.opening }), 'WIRE_DIS'),
    ...(await signedCases(world)),
  ]
}

async function signedCases(world: World): Promise<readonly Case[]> {
  const offer = await offered(world)
  const from = { organisation: 'ne.dst', type: 'police' }
  const key = authorOf(world.receiver)
  const release = await answered(world, offer, { body: { act: 'release' } })
  return [
    bad('a release as an answer', textOf(release), 'HANDOVER_FORM'),
    bad('no end', offerText(await offered(world, { endless: true })), 'HANDOVER_FORM'),
    bad(
      'another kind',
      offerText(await offered(world, { kind: 'referral.event/1' })),
      'HANDOVER_FORM',
    ),
    bad(
      'another organisation',
      offerText(await offered(world, { body: { from } })),
      'HANDOVER_PARTY',
    ),
    bad('an officer of the other agency', offerText(await offered(world, { key })), 'WIRE_ISS'),
  ]
}

/** Parts of one file. */
export async function partCases(world: World): Promise<readonly Case[]> {
  const bytes = encodeOffer(await offered(world), {})
  const parts = splitHandOver(bytes)
  const others = splitHandOver(encodeUtf8('another file'))
  const [first = '', second = '', ...rest] = parts
  const file = decodeUtf8(bytes)
  const spoilt = `${first.slice(0, -1)}${first.endsWith('A') ? 'B' : 'A'}`
  return [
    { name: 'in order', parts: [...parts], file },
    { name: 'in another order', parts: [...rest, first, second], file },
    { name: 'one twice', parts: [first, second, first, ...rest], file },
    { name: 'in small letters', parts: parts.map((part) => part.toLowerCase()), file },
    { name: 'one spoilt', parts: [spoilt, second, ...rest], code: 'HANDOVER_PART' },
    { name: 'one missing', parts: [first, ...rest], code: 'HANDOVER_PARTS_MISSING' },
    {
      name: 'one of another set',
      parts: [first, second, ...rest, ...others],
      code: 'HANDOVER_PART',
    },
    { name: 'no part', parts: [file], code: 'HANDOVER_PART' },
  ]
}

function textOf(answer: Parameters<typeof encodeAnswer>[0]): string {
  return decodeUtf8(encodeAnswer(answer))
}

function offerText(offer: Parameters<typeof encodeOffer>[0]): string {
  return decodeUtf8(encodeOffer(offer, {}))
}

function good(name: string, file: string): Case {
  return { name, file, says: 'verified' }
}

function bad(name: string, file: string, code: string): Case {
  return { name, file, code }
}
