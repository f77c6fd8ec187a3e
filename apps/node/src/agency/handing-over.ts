/**
 * What an officer's program does at a hand-over, beside a node or far from one: it signs the officer's half with the
 * officer's own key, and checks what the other officer signed against the rosters at hand.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#signing
 */
import {
  AmanaError,
  type Context,
  decodeUtf8,
  expectedRetainUntil,
  HANDOVER_RECEIPT,
  type HandOverCheck,
  type HandOverPlace,
  HandlingSchema,
  type Json,
  parseHandOver,
  type SignedStatement,
  signStatement,
  type StatementDraft,
  type TrustView,
  verifyHandOver,
} from '@amana/core'
import { type NodeServices } from '../services.ts'
import { contextOf } from '../statements/trust-context.ts'
import { systemRandom } from '../system.ts'
import { askAs } from './asking.ts'
import { type UnlockedOfficer } from './signing.ts'
import { assertListed } from './unlocked-officer.ts'

/** Places of both agencies in a referral, as far as they are known where the officer is. */
export type Places = Readonly<Record<string, HandOverPlace>>

/** What an officer looks at an offer with: rosters, in a node or in files. */
export interface Lookout {
  /** Who signed one half, as far as it can be told. @throws as `verifyHandOver` */
  readonly check: (bytes: Uint8Array) => Promise<HandOverCheck>
}

/** An officer at a hand-over. */
export interface Seat extends Lookout {
  readonly agency: string
  readonly peer: string
  readonly officer: UnlockedOfficer
  readonly organisation: string
  /** Seconds since 1970. */
  readonly now: number
  readonly context: Context
  /** What is known of a referral here; nothing where there is no node. */
  readonly referral: (reference: string) => Promise<{
    readonly exercise: boolean
    readonly places: Places
  }>
}

type Asked = Pick<NodeServices, 'challenge' | 'context' | 'handOver' | 'status'>

/** Rosters of the node. */
export function lookoutOfNode(services: Pick<NodeServices, 'handOver'>): Lookout {
  return {
    check: async (bytes) => {
      const { check } = await services.handOver({ file: decodeUtf8(bytes) })
      if (check === undefined) throw new AmanaError('CLI_UNEXPECTED', { what: 'hand-over' })
      return check
    },
  }
}

/** Rosters of an evidence file. */
export function lookoutOf(trust: TrustView): Lookout {
  return { check: async (bytes) => verifyHandOver(parseHandOver(bytes), trust) }
}

/**
 * An officer beside the node.
 *
 * @throws CLI_OFFICER when the newest roster does not list the key
 * @throws TRUST_NO_CHARTER when there is no agency to which it could be addressed
 */
export async function seatAtNode(services: Asked, officer: UnlockedOfficer): Promise<Seat> {
  const { agency, peers } = await services.status({})
  const peer = peers.find(({ state }) => state === 'in-force')
  if (peer === undefined) throw new AmanaError('TRUST_NO_CHARTER', {})
  const signing = await services.context({ agency: peer.agency })
  assertListed(officer, signing)
  const { organisation } = await services.handOver({ keyId: officer.key.keyId })
  return {
    ...lookoutOfNode(services),
    agency,
    peer: peer.agency,
    officer,
    organisation: organisation ?? '',
    now: signing.now,
    context: signing.context,
    referral: async (reference) => {
      const call = { act: 'list', method: 'handOver', input: { reference } } as const
      const asked = await askAs(services, officer, call)
      const { exercise = false, places = {} } = await services.handOver(asked)
      return { exercise, places }
    },
  }
}

/**
 * An officer without a node.
 *
 * @throws CLI_OFFICER when no roster at hand lists the key
 */
export function seatWithout(trust: TrustView, officer: UnlockedOfficer, now: number): Seat {
  const identity = trust.identify(officer.key.keyId)
  if (identity === undefined) throw new AmanaError('CLI_OFFICER', { id: officer.id })
  const { agency, organisation } = identity
  const agencies = Object.keys(trust.charter.payload.agencies)
  const peer = agencies.find((one) => one !== agency) ?? agency
  return {
    ...lookoutOf(trust),
    agency,
    peer,
    officer,
    organisation,
    now,
    context: contextOf(trust, [agency, peer]),
    referral: async () => Promise.resolve({ exercise: false, places: {} }),
  }
}

/** One half before it is signed. */
export interface Half {
  readonly body: { readonly [member: string]: Json }
  readonly handling: { readonly caveats: readonly string[]; readonly tlp: string }
  readonly exp?: number
  readonly relates?: StatementDraft['relates']
}

/** Signs one half. @throws as `signStatement` */
export async function signHalf(
  { agency, context, now, officer, peer }: Seat,
  { body, exp, handling, relates }: Half,
): Promise<SignedStatement> {
  const retainUntil = expectedRetainUntil(HANDOVER_RECEIPT, now)
  return signStatement({
    draft: {
      aud: [peer],
      context,
      groups: { body },
      handling: HandlingSchema.parse({ ...handling, retainUntil }),
      iat: now,
      iss: agency,
      kind: HANDOVER_RECEIPT,
      ...(exp === undefined ? {} : { exp }),
      ...(relates === undefined ? {} : { relates }),
    },
    signers: [{ act: 'author', key: officer.key }],
    random: systemRandom,
  })
}
