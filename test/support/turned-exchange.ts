/**
 * Exchanges over more than one charter: renewed, under a new roster key, and after a recovery.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#proposing-a-charter
 */
import {
  buildNextCharter,
  createTrustView,
  type Digest,
  digest,
  formatPolicy,
  type GeneralJws,
  type NextCharterParts,
  type RootPair,
  signCharter,
  signRoster,
  type VerifiedCharter,
  type VerifiedRoster,
  verifyNextCharter,
  verifyRecovery,
  verifyRoster,
} from '@amana/core'
import { NOW, twoAgencies } from './agencies.ts'
import { beginExchange, cosign, type Exchange, send, type Sending } from './built-exchange.ts'
import { newRoots, publicPair, quorumsOf, recoveryPairs } from './rotation.ts'
import { signingKey } from './trust-fixture.ts'

const pair = await twoAgencies()

/** An exchange under one charter, and the same logs under the next. */
export type BothCharters = Readonly<Record<'before' | 'after', Exchange>>

/** Both logs after one message under charter 1. */
export async function underFirst(): Promise<{
  readonly exchange: Exchange
  readonly last: Digest
}> {
  const exchange = await beginExchange()
  const last = await send(exchange, message(1, 60))
  return { exchange, last }
}

/** A statement of NAPTIP's, so many seconds after the start. */
export function message(sequence: number, at: number): Sending {
  return { from: 'naptip', sequence, kinds: ['jtwg.minutes/1'], at }
}

/** What the next charter changes, and who signs it. */
export interface Next {
  readonly parts?: Partial<NextCharterParts>
  readonly signers?: readonly RootPair[]
}

/** A charter after that of the exchange, signed by both quorums unless others are told. */
export async function nextCharter(
  exchange: Exchange,
  { parts = {}, signers }: Next = {},
): Promise<GeneralJws> {
  const payload = buildNextCharter(exchange.charter, {
    agency: 'ng.naptip',
    issuedAt: NOW + 90,
    ...parts,
  })
  return signCharter(payload, signers ?? quorumsOf(pair))
}

/** The next charter, and when it came into force. */
export interface Turn {
  readonly charter: VerifiedCharter
  readonly at?: number
  readonly rosters?: readonly VerifiedRoster[]
}

/** The exchange after both logs took a charter into force. */
export function turned(exchange: Exchange, { at = 100, charter, rosters = [] }: Turn): Exchange {
  const { naptip, anltp } = exchange
  const data = { new: charter.digest, old: exchange.charter.digest, version: charter.version }
  for (const { log } of [naptip, anltp]) {
    log.append(at, [
      { event: 'g.policy', data },
      ...rosters.map(({ agency, digest: own, version }) => ({
        event: 'g.roster',
        data: { agency, new: own, version },
      })),
    ])
    log.keep('charter', charter.jws)
    for (const { jws } of rosters) log.keep('roster', jws)
  }
  const all = [naptip.roster, anltp.roster, ...rosters]
  const trust = createTrustView({ charter, earlier: exchange.trust.charters, rosters: all })
  const current = [naptip, anltp].map(({ agency }) => trust.rosterOf(agency.id))
  return {
    ...exchange,
    charter,
    trust,
    policyText: formatPolicy(charter, current),
    context: {
      charter: charter.digest,
      rosters: Object.fromEntries(current.map(({ agency, digest: own }) => [agency, own])),
    },
  }
}

/** One message under each of two charters. */
export async function renewedExchange(next: Next = {}): Promise<BothCharters> {
  const { exchange: before, last } = await underFirst()
  const jws = await nextCharter(before, next)
  const charter = await verifyNextCharter(jws, { previous: before.charter })
  const after = turned(before, { charter })
  await send(after, { ...message(2, 120), previous: last })
  await cosign(after, 150)
  return { before, after }
}

/** NAPTIP’s roster signed anew by another roster key, and one more message. */
export async function newChain(): Promise<BothCharters> {
  const { exchange: before, last } = await underFirst()
  const key = await signingKey('the new roster key of NAPTIP')
  const payload = { ...before.naptip.roster.payload, iat: NOW + 95 }
  const roster = await signRoster(payload, key)
  const bound = { digest: digest(roster.payload), version: 1 }
  const entry = { rosterKeys: [key.publicJwk], roster: bound }
  const jws = await nextCharter(before, { parts: { entry } })
  const charter = await verifyNextCharter(jws, { previous: before.charter })
  const first = await verifyRoster(roster, { authority: charter })
  const after = turned(before, { charter, rosters: [first] })
  await send(after, { ...message(2, 120), previous: last })
  await cosign(after, 150)
  return { before, after }
}

/** NAPTIP recovers; its log says when each agency saw it and when it came into force. */
export async function recovered(
  seen: Readonly<Record<string, number>>,
  at: number,
): Promise<BothCharters> {
  const { exchange: before, last } = await underFirst()
  const fresh = await newRoots('ng.naptip')
  const signers = [...(await recoveryPairs('ng.naptip')), ...fresh, ...pair.anltp.roots.slice(0, 2)]
  const parts = { entry: { roots: fresh.map(publicPair) } }
  const jws = await nextCharter(before, { parts, signers })
  const charter = (await verifyRecovery(jws, { previous: before.charter })).asHistory()
  for (const [agency, instant] of Object.entries(seen)) {
    const data = { agency, new: charter.digest, time: NOW + instant, version: 2 }
    for (const { log } of [before.naptip, before.anltp]) {
      log.append(instant, [{ event: 'g.recovery', data }])
    }
  }
  const after = turned(before, { charter, at })
  await send(after, { ...message(2, at + 20), previous: last })
  await cosign(after, at + 50)
  return { before, after }
}
