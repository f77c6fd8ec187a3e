/**
 * Bundles over more than one charter: whichever of them the policy names.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#trust-documents
 */
import { verifyNextCharter } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../test/support/agencies.ts'
import { cosign, type Exchange, send } from '../../../test/support/built-exchange.ts'
import { messageBytes, messageFileOf } from '../../../test/support/message-files.ts'
import { fileOf, inPieces } from '../../../test/support/pieces.ts'
import { DAY } from '../../../test/support/rotation.ts'
import {
  message,
  newChain,
  nextCharter,
  recovered,
  renewedExchange,
  turned,
  underFirst,
} from '../../../test/support/turned-exchange.ts'
import { readPolicy } from './policy.ts'
import { type BundleVerification, verifyBundle } from './verify-bundle.ts'
import { type MessageVerification, verifyMessageFile } from './verify-message.ts'

const pair = await twoAgencies()

async function verified(exchange: Exchange, policyText: string): Promise<BundleVerification> {
  const bundle = await exchange.naptip.log.bundle(exchange)
  return verifyBundle(fileOf(bundle), readPolicy(policyText))
}

function codesOf({ findings }: BundleVerification): readonly string[] {
  return findings
    .filter(({ severity }) => severity === 'fail')
    .map(({ cause, code }) => (cause === undefined ? code : `${code} ${cause}`))
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

describe('a bundle that withholds when a recovery came into force', () => {
  it('has it count up to the charter that the policy names, and no further', async () => {
    const seen = { 'ng.naptip': 100, 'ne.anltp-tim': DAY }
    const { after, before } = await recovered(seen, 9 * DAY)
    const bundle = await after.naptip.log.bundle({ ...after, classes: ['w', 'x'] })
    const said = async ({ policyText }: Exchange): Promise<readonly string[]> =>
      codesOf(await verifyBundle(fileOf(bundle), readPolicy(policyText)))
    expect(await said(after)).toEqual([])
    expect(await said(before)).toEqual(['RECOVERY_EARLY'])
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
