/**
 * What officers’ programs do to erase: two of them sign for one call, and an order or the word on it is written for the
 * other agency.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#an-order-of-erasure
 */
import { type Draft, DigestSchema } from '@amana/core'
import { z } from 'zod'
import { type OrderBasis, type OrderView } from '../rights/orders.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { messageInstant } from '../statements/referral-statements.ts'
import { askAs, type OfficerCall } from './asking.ts'
import { type UnlockedOfficer } from './signing.ts'

/** Two officers who agree. */
export interface TwoOfficers {
  readonly first: UnlockedOfficer
  readonly second: UnlockedOfficer
}

const SignedSchema = z.looseObject({ by: z.json() })

/** The input with both signatures: the first one signs for the second one’s too. @throws CLI_OFFICER */
export async function askAsTwo<I extends object>(
  services: Pick<NodeServices, 'challenge' | 'context'>,
  { first, second }: TwoOfficers,
  call: OfficerCall<I>,
): Promise<I> {
  const agreed = SignedSchema.parse(await askAs(services, second, call))
  return askAs(services, first, { ...call, input: { ...call.input, second: agreed.by } })
}

type Erasable = ServiceResults['erasable']

/** What of a message is ordered to be erased, and why. */
export interface Ordering {
  readonly message: Erasable
  readonly groups: readonly string[]
  readonly basis: OrderBasis
  /** Seconds since 1970. */
  readonly now: number
}

/** The order to the agency that got a message. */
export function orderDraft({ basis, groups, message, now }: Ordering): Draft {
  const { digest, isTest, peer, referral = '' } = message
  return {
    kind: 'rights.erasure/1',
    to: { agency: peer },
    handling: handlingOf(isTest),
    groups: {
      routing: { occurredAt: messageInstant(now), referral },
      rights: {
        act: 'request',
        action: 'erase',
        basis,
        targets: [{ groups: [...groups], statement: digest }],
      },
    },
  }
}

interface Attested {
  readonly action: 'erase' | 'keep'
  readonly executedAt: number
  readonly holds?: readonly {
    readonly by: string
    readonly reason: string
    readonly until: string
  }[]
  readonly proof: string
  readonly targets: readonly { readonly groups: readonly string[]; readonly statement: string }[]
}

/** The words on an order that the own agency carried out: what was erased, and what is kept under which hold. */
export function attestationDrafts(order: OrderView, now: number): readonly Draft[] {
  return [...erasedOf(order), ...keptOf(order, now)].map((one) => draftOf(order, one, now))
}

function erasedOf({ done, targets }: OrderView): readonly Attested[] {
  const gone = targetsIn(targets, ['absent', 'erased'])
  if (done === undefined || gone.length === 0) return []
  return [{ action: 'erase', executedAt: done.at, proof: done.leaf, targets: gone }]
}

function keptOf({ targets }: OrderView, now: number): readonly Attested[] {
  return targets.flatMap((target) => {
    const { hold } = target
    if (hold === undefined) return []
    const { leaf: proof, ...told } = hold
    const kept = targetsIn([target], ['held'])
    return [{ action: 'keep' as const, executedAt: now, holds: [told], proof, targets: kept }]
  })
}

function targetsIn(
  targets: OrderView['targets'],
  states: readonly string[],
): readonly { readonly groups: readonly string[]; readonly statement: string }[] {
  return targets
    .map(({ groups, statement }) => ({
      groups: Object.keys(groups).filter((name) => states.includes(groups[name] ?? '')),
      statement,
    }))
    .filter(({ groups }) => groups.length > 0)
}

function draftOf(
  order: OrderView,
  { executedAt, holds, targets, ...told }: Attested,
  now: number,
): Draft {
  return {
    kind: 'rights.erasure/1',
    to: { agency: order.from },
    handling: handlingOf(order.isTest),
    relates: [{ digest: DigestSchema.parse(order.digest), relation: 'answers' }],
    groups: {
      routing: { occurredAt: messageInstant(now), referral: order.referral },
      rights: {
        ...told,
        act: 'attestation',
        basis: order.basis,
        executedAt: messageInstant(executedAt),
        targets: targets.map(({ groups, statement }) => ({ groups: [...groups], statement })),
        ...(holds === undefined ? {} : { holds: holds.map((hold) => ({ ...hold })) }),
      },
    },
  }
}

/** What is about a person’s rights is for both agencies and nobody else. */
export function handlingOf(isTest: boolean): Draft['handling'] {
  const caveats: Draft['handling']['caveats'] = isTest
    ? ['dist:bilateral', 'test:data']
    : ['dist:bilateral']
  return { caveats, tlp: 'AMBER+STRICT' }
}
