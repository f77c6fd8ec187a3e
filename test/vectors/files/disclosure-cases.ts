/**
 * Signed disclosures, each with the presentation that it says was given.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#signed-disclosure
 */
import {
  buildPresentation,
  digest,
  encodeCanonical,
  type Json,
  type PrivateKey,
  signJws,
} from '@amana/core'
import { NOW } from '../../support/agencies.ts'
import { drop, type Edit, put } from '../../support/crafted-envelope.ts'
import { officer, statementOf, type World } from '../../support/envelope-fixture.ts'
import { editAt, flipped } from '../../support/hostile-edits.ts'
import { asJson } from '../../support/json.ts'

const FIELDS = ['child', 'risk.factors.1.level']

interface Steps {
  readonly edit?: Edit
  readonly key?: PrivateKey<'Ed25519'>
  readonly typ?: string
  /** Another presentation than was signed for. */
  readonly shown?: string
  /** A change of the signed object. */
  readonly object?: Edit
}

const SOUND: readonly (readonly [string, (world: World) => Steps])[] = [
  ['by an officer of the agency that signed', () => ({})],
  [
    'by an officer of the agency that it is for',
    ({ receiver }) => {
      const key = receiver.officers['reader']
      const by = { agency: receiver.id, kid: key?.keyId }
      return key === undefined ? {} : { key, edit: put(['by'], by) }
    },
  ],
  ['300 seconds before its statement', () => ({ edit: put(['disclosedAt'], NOW - 300) })],
  ['to a name of 128 letters', () => ({ edit: put(['audience'], 'é'.repeat(128)) })],
  ['to a name with a no-break space', () => ({ edit: put(['audience'], 'Cour\u00A0d’appel') })],
]

const REFUSED: readonly (readonly [string, string, (world: World, shown: string) => Steps])[] = [
  ['of another version', 'WIRE_VERSION', () => ({ edit: put(['v'], 2) })],
  ['with a member more', 'WIRE_MEMBER', () => ({ edit: put(['note'], 'x') })],
  ['with a member less', 'WIRE_MEMBER', () => ({ edit: drop('audience') })],
  ['to nobody', 'WIRE_MEMBER', () => ({ edit: put(['audience'], '') })],
  ['to a name of 129 letters', 'WIRE_MEMBER', () => ({ edit: put(['audience'], 'x'.repeat(129)) })],
  ['to a name with a space before it', 'WIRE_MEMBER', () => ({ edit: put(['audience'], ' x') })],
  [
    'to a name with a no-break space after it',
    'WIRE_MEMBER',
    () => ({ edit: put(['audience'], 'x\u00A0') }),
  ],
  ['to two lines', 'WIRE_MEMBER', () => ({ edit: put(['audience'], 'a\u2028b') })],
  [
    'to a name that turns its direction',
    'WIRE_MEMBER',
    () => ({ edit: put(['audience'], 'a\u202Eb') }),
  ],
  ['for an unknown purpose', 'WIRE_MEMBER', () => ({ edit: put(['purpose'], 'press') })],
  ['with an id of 15 bytes', 'WIRE_MEMBER', () => ({ edit: put(['nonce'], 'A'.repeat(20)) })],
  ['of another type', 'WIRE_TYP', () => ({ typ: 'amana-receipt+jws' })],
  ['by another key than it names', 'WIRE_KID', () => ({ edit: put(['by', 'kid'], digest('x')) })],
  ['of another presentation', 'WIRE_DIS', (_world, shown) => ({ shown })],
  ['of another statement', 'WIRE_DIS', () => ({ edit: put(['statement'], digest('x')) })],
  [
    'by an agency that neither signed nor is addressed',
    'WIRE_ISS',
    () => ({ edit: put(['by', 'agency'], 'ne.dst') }),
  ],
  [
    'by a key of another agency than it names',
    'WIRE_ISS',
    ({ receiver }) => ({ edit: put(['by', 'agency'], receiver.id) }),
  ],
  [
    'by the key of a node',
    'WIRE_KEY_USE',
    ({ sender }) => ({
      key: sender.sealKey,
      edit: put(['by', 'kid'], sender.sealKey.keyId),
    }),
  ],
  [
    '301 seconds before its statement',
    'WIRE_TIME_ORDER',
    () => ({ edit: put(['disclosedAt'], NOW - 301) }),
  ],
  [
    'after the last day of its key',
    'WIRE_KEY_EXPIRED',
    () => ({ edit: put(['disclosedAt'], NOW + 40 * 86_400) }),
  ],
  [
    'with one letter of its signature changed',
    'WIRE_SIG',
    () => ({ object: editAt(['signatures', 0, 'signature'], flipped) }),
  ],
]

/** Presentations and disclosures; those that are accepted come first. */
export async function disclosureVectors(world: World): Promise<Json> {
  const signed = await statementOf(world, { kind: 'victim.referral/1' })
  const presentation = buildPresentation(signed.statement, signed.opening, FIELDS)
  const more = buildPresentation(signed.statement, signed.opening, ['child', 'risk'])
  const key = officer(world, 'author')
  const honest = {
    audience: 'Cour d’appel de Niamey',
    by: { agency: world.sender.id, kid: key.keyId },
    disclosedAt: NOW + 60,
    nonce: 'CtZG4hoNUZCsOcAaX2AkmQ',
    presentation: digest(presentation),
    purpose: 'prosecution',
    statement: signed.digest,
    v: 1,
  }
  const made = async (steps: Steps): Promise<{ readonly [member: string]: Json }> => {
    const payload = encodeCanonical(asJson(steps.edit?.(honest) ?? honest))
    const typ = steps.typ ?? 'amana-disclosure+jws'
    const jws = { ...(await signJws({ payload, typ, signers: [{ key: steps.key ?? key }] })) }
    return {
      presentation: steps.shown ?? presentation,
      disclosure: asJson(steps.object?.(jws) ?? jws),
    }
  }
  const vectors: { readonly [member: string]: Json }[] = []
  for (const [name, steps] of SOUND) vectors.push({ name, ...(await made(steps(world))) })
  for (const [name, code, steps] of REFUSED) {
    vectors.push({ name, code, ...(await made(steps(world, more))) })
  }
  return vectors
}
