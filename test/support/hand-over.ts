/**
 * Halves of a hand-over in tests: signed by officers of the two test agencies, whole or changed.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#file
 */
import {
  encodeAnswer,
  encodeOffer,
  expectedRetainUntil,
  type HandOverAnswer,
  type HandOverOffer,
  type Json,
  parseHandOver,
  type PrivateKey,
  type SignedStatement,
  signStatement,
  type StatementDraft,
} from '@amana/core'
import { NOW, seededRandom, type TestAgency } from './agencies.ts'
import { type World } from './envelope-fixture.ts'
import { BODIES } from './message-bodies.ts'

/** What a half says, where it is not the usual. */
export interface HalfChanges {
  readonly body?: Readonly<Record<string, Json | undefined>>
  readonly clear?: Partial<StatementDraft>
  readonly key?: PrivateKey<'Ed25519'>
  readonly kind?: string
  /** Without an end. */
  readonly endless?: true
}

const EXP = NOW + 86_400

/** The officer of an agency who signs in these tests. */
export function authorOf({ officers }: TestAgency): PrivateKey<'Ed25519'> {
  const key = officers['author']
  if (key === undefined) throw new TypeError('no author')
  return key
}

/** A release by an officer of ANLTP/TIM. */
export async function offered(world: World, changes: HalfChanges = {}): Promise<SignedStatement> {
  return signed(world, world.sender, {
    ...changes,
    body: { belongings: [{ item: 'bag', quantity: 2 }], documents: ['pass'], ...changes.body },
    clear: { ...(changes.endless === true ? {} : { exp: EXP }), ...changes.clear },
  })
}

/** An answer by an officer of NAPTIP. */
export async function answered(
  world: World,
  offer: SignedStatement,
  {
    relation = 'agrees',
    ...changes
  }: HalfChanges & { readonly relation?: 'agrees' | 'answers' } = {},
): Promise<SignedStatement> {
  return signed(world, world.receiver, {
    ...changes,
    body: { act: 'receipt', belongings: [{ item: 'bag', quantity: 1 }], ...changes.body },
    clear: { relates: [{ digest: offer.digest, relation }], ...changes.clear },
  })
}

/** An offer as a reader has it. */
export function readOffer(offer: SignedStatement): HandOverOffer {
  const half = parseHandOver(encodeOffer(offer, {}))
  if (half.part !== 'offer') throw new TypeError('an answer')
  return half
}

/** An answer as a reader has it. */
export function readAnswer(answer: SignedStatement): HandOverAnswer {
  const half = parseHandOver(encodeAnswer(answer))
  if (half.part !== 'answer') throw new TypeError('an offer')
  return half
}

async function signed(
  { context, receiver, sender }: World,
  agency: TestAgency,
  { body = {}, clear = {}, key, kind = 'handover.receipt/1' }: HalfChanges,
): Promise<SignedStatement> {
  const usual = BODIES['handover.receipt/1']['body']
  const groups =
    kind === 'handover.receipt/1'
      ? { body: present({ ...usual, ...body }) }
      : BODIES['referral.event/1']
  return signStatement({
    draft: {
      aud: [agency.id === sender.id ? receiver.id : sender.id],
      context,
      groups,
      handling: {
        caveats: ['test:data'],
        retainUntil: expectedRetainUntil(kind, NOW),
        tlp: 'AMBER',
      },
      iat: NOW,
      iss: agency.id,
      kind,
      ...clear,
    },
    signers: [{ act: 'author', key: key ?? authorOf(agency) }],
    random: seededRandom(JSON.stringify([agency.id, kind, body, clear])),
  })
}

function present(members: Readonly<Record<string, Json | undefined>>): {
  readonly [member: string]: Json
} {
  return Object.fromEntries(
    Object.entries(members).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  )
}
