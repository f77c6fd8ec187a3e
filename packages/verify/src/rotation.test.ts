/**
 * Bundles over more than one charter: whichever of them the policy names.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#trust-documents
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
import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../test/support/agencies.ts'
import { beginExchange, cosign, type Exchange, send } from '../../../test/support/built-exchange.ts'
import { messageBytes, messageFileOf } from '../../../test/support/message-files.ts'
import { fileOf, inPieces } from '../../../test/support/pieces.ts'
import {
  DAY,
  newRoots,
  publicPair,
  quorumsOf,
  recoveryPairs,
} from '../../../test/support/rotation.ts'
import { signingKey } from '../../../test/support/trust-fixture.ts'
import { readPolicy } from './policy.ts'
import { type BundleVerification, verifyBundle } from './verify-bundle.ts'
import { type MessageVerification, verifyMessageFile } from './verify-message.ts'

const pair = await twoAgencies()

/** Both logs after one message under charter 1. */
async function underFirst(): Promise<{ readonly exchange: Exchange; readonly last: Digest }> {
  const exchange = await beginExchange()
  const last = await send(exchange, message(1, 60))
  return { exchange, last }
}

function message(sequence: number, at: number): Parameters<typeof send>[1] {
  return { from: 'naptip', sequence, kinds: ['jtwg.minutes/1'], at }
}

interface Next {
  readonly parts?: Partial<NextCharterParts>
  readonly signers?: readonly RootPair[]
}

/** A charter after that of the exchange, signed by both quorums unless others are told. */
async function nextCharter(
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

interface Turn {
  readonly charter: VerifiedCharter
  readonly at?: number
  readonly rosters?: readonly VerifiedRoster[]
}

/** The exchange after both logs took a charter into force. */
function turned(exchange: Exchange, { at = 100, charter, rosters = [] }: Turn): Exchange {
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

async function verified(exchange: Exchange, policyText: string): Promise<BundleVerification> {
  const bundle = await exchange.naptip.log.bundle(exchange)
  return verifyBundle(fileOf(bundle), readPolicy(policyText))
}

function codesOf({ findings }: BundleVerification): readonly string[] {
  return findings
    .filter(({ severity }) => severity === 'fail')
    .map(({ cause, code }) => (cause === undefined ? code : `${code} ${cause}`))
}

async function renewedExchange(
  next: Next = {},
): Promise<Readonly<Record<'before' | 'after', Exchange>>> {
  const { exchange: before, last } = await underFirst()
  const jws = await nextCharter(before, next)
  const charter = await verifyNextCharter(jws, { previous: before.charter })
  const after = turned(before, { charter })
  await send(after, { ...message(2, 120), previous: last })
  await cosign(after, 150)
  return { before, after }
}

describe('a bundle over a renewal', () => {
  it('is verified by the policy of the first charter, and by that of the second', async () => {
    const { after, before } = await renewedExchange()
    for (const policyText of [before.policyText, after.policyText]) {
      const result = await verified(after, policyText)
      expect([codesOf(result), result.verdict]).toEqual([[], 'verified'])
      expect(result.timeline).toHaveLength(2)
    }
    expect(before.policyText).not.toBe(after.policyText)
  })

  it('that was made before the renewal is verified by the policy of the charter of then', async () => {
    const { exchange } = await underFirst()
    await cosign(exchange, 70)
    expect((await verified(exchange, exchange.policyText)).verdict).toBe('verified')
  })

  it('judges each message by the charter that it names', async () => {
    const { after, before } = await renewedExchange({ parts: { kinds: {} } })
    expect(codesOf(await verified(after, before.policyText))).toEqual([
      'SIGNATURE_INVALID WIRE_POLICY',
    ])
  })

  it('is refused without the charter before the one that the policy names', async () => {
    const { after, before } = await renewedExchange()
    const { log } = after.naptip
    const first = log.evidence.findIndex(({ digest: own }) => own === before.charter.digest)
    log.evidence.splice(first, 1)
    expect(codesOf(await verified(after, after.policyText))).toEqual(['TRUST_INVALID TRUST_CHAIN'])
    expect(codesOf(await verified(after, before.policyText))).toContain('CHARTER_MISMATCH')
  })

  it('does not take a second charter that one agency signed alone', async () => {
    const { exchange, last } = await underFirst()
    const jws = await nextCharter(exchange)
    const charter = await verifyNextCharter(jws, { previous: exchange.charter })
    const after = turned(exchange, { charter })
    await send(after, { ...message(2, 120), previous: last })
    await cosign(after, 150)
    const { log } = after.naptip
    const at = log.evidence.findIndex(({ digest: own }) => own === charter.digest)
    const alone = await nextCharter(exchange, { signers: pair.naptip.roots })
    log.evidence.splice(at, 1)
    log.keep('charter', alone)
    expect(codesOf(await verified(after, exchange.policyText))).toEqual([
      'POLICY_MISMATCH',
      'TRUST_INVALID TRUST_THRESHOLD',
    ])
  })

  it('does not take two second charters', async () => {
    const { after, before } = await renewedExchange()
    after.naptip.log.keep('charter', await nextCharter(before, { parts: { suites: ['A1'] } }))
    expect(codesOf(await verified(after, before.policyText))).toEqual([
      'POLICY_MISMATCH',
      'TRUST_INVALID WIRE_FORK',
    ])
  })

  it('is not verified by a policy that differs in more than its charter', async () => {
    const { after, before } = await renewedExchange()
    const [first, second] = after.policyText.split('\n#amana genesis ').slice(1)
    const genesis = first?.split(' ')[1] ?? ''
    const other = (second?.split(' ')[1] ?? '').trim()
    const policyText = before.policyText.replace(genesis, other)
    expect(codesOf(await verified(after, policyText))).toContain('POLICY_MISMATCH')
  })
})

describe('a bundle over a new roster key', () => {
  it('is verified with both chains of rosters', async () => {
    const { after, before } = await newChain()
    for (const policyText of [before.policyText, after.policyText]) {
      expect(codesOf(await verified(after, policyText))).toEqual([])
    }
  })

  it('is refused without the first roster of the new chain', async () => {
    const { after, before } = await newChain()
    const { evidence } = after.naptip.log
    const named = after.context.rosters['ng.naptip']
    evidence.splice(
      evidence.findIndex(({ digest: own }) => own === named),
      1,
    )
    expect(codesOf(await verified(after, before.policyText))).toContain('TRUST_INVALID TRUST_CHAIN')
  })
})

describe('a bundle over a recovery', () => {
  const [first, second] = [100, DAY]
  const both = { 'ng.naptip': first, 'ne.anltp-tim': second }

  it.each([
    ['after seven days', both, { at: second + 7 * DAY, codes: [] }],
    ['as early as clocks may differ', both, { at: second + 7 * DAY - 300, codes: [] }],
    ['a second earlier', both, { at: second + 7 * DAY - 301, codes: ['RECOVERY_EARLY'] }],
    [
      'where the other agency never saw it',
      { 'ng.naptip': first },
      { at: 20 * DAY, codes: ['RECOVERY_EARLY'] },
    ],
  ] as const)('in force %s is found so', async (_name, seen, { at, codes }) => {
    const { after, before } = await recovered(seen, at)
    for (const policyText of [before.policyText, after.policyText]) {
      expect(codesOf(await verified(after, policyText))).toEqual(codes)
    }
  })
})

describe('a message file over more than one charter', () => {
  it('is verified after a renewal by the policy of either charter', async () => {
    const { after, before } = await renewedExchange()
    for (const policyText of [before.policyText, after.policyText]) {
      const { findings, timeline, verdict } = await verifiedMessage(after, policyText)
      expect(findings.map(({ code }) => code)).toEqual(['LOG_NOT_SHOWN', 'WITHHELD'])
      expect(timeline).toMatchObject([{ outcome: 'opened' }])
      expect(verdict).toBe('verified')
    }
  })

  it('after a recovery is verified by its policy only: that it waited, no log shows', async () => {
    const { after, before } = await recovered({ 'ng.naptip': 100, 'ne.anltp-tim': DAY }, 10 * DAY)
    expect((await verifiedMessage(after, after.policyText)).verdict).toBe('verified')
    const { findings, verdict } = await verifiedMessage(after, before.policyText)
    expect(findings[0]).toMatchObject({ code: 'RECOVERY_EARLY', severity: 'fail' })
    expect(verdict).toBe('failed')
  })
})

/** The newest message as a file of its own. */
async function verifiedMessage(
  exchange: Exchange,
  policyText: string,
): Promise<MessageVerification> {
  const [statement] = exchange.sent.at(-1)?.statements ?? []
  if (statement === undefined) throw new Error('nothing sent')
  const bytes = messageBytes(await messageFileOf(exchange, statement))
  return verifyMessageFile('case.message.jsonl', inPieces(bytes), readPolicy(policyText))
}

/** NAPTIP’s roster signed anew by another roster key, and one more message. */
async function newChain(): Promise<Readonly<Record<'before' | 'after', Exchange>>> {
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
async function recovered(
  seen: Readonly<Record<string, number>>,
  at: number,
): Promise<Readonly<Record<'before' | 'after', Exchange>>> {
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
