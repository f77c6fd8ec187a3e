/**
 * One bit changed anywhere in what agencies send each other: it is refused with an error of the table, or, where the
 * specification passes over white space, it is the same.
 *
 * @module
 * @spec docs/spec/01-bytes.md#signed-objects
 */
import { describe, expect, inject, it } from 'vitest'
import { NOW } from '../../../test/support/agencies.ts'
import { testDepositKey } from '../../../test/support/crafted-deposit.ts'
import { receiverOf } from '../../../test/support/envelope-fixture.ts'
import {
  acceptedFlips,
  type FlipChoice,
  type Sealed,
} from '../../../test/support/fuzz/bit-flips.ts'
import { coreSamples, NONCE } from '../../../test/support/fuzz/core-samples.ts'
import { DAY } from '../../../test/support/rotation.ts'
import { verifyCheckpoint } from './audit/checkpoint.ts'
import { encodeCanonical, type Json, parseCanonical } from './bytes/jcs.ts'
import { decodeUtf8, encodeUtf8 } from './bytes/utf8.ts'
import { parseDisclosure, verifyDisclosure } from './bundle/signed-disclosure.ts'
import { type GeneralJws } from './crypto/jws.ts'
import { parseDispatch, verifyDispatch } from './envelope/dispatch.ts'
import { parseHeads, verifyHeads } from './envelope/heads.ts'
import { verifyNodeSignature } from './envelope/node-signature.ts'
import { openDeposit, parseDeposit } from './envelope/deposit.ts'
import { openEnvelope } from './envelope/open.ts'
import { parseReceipt, verifyReceipt } from './envelope/receipt.ts'
import { verifyStatement } from './envelope/statement-rules.ts'
import { parseStatement } from './envelope/statement.ts'
import { parseVoid } from './envelope/void.ts'
import { verifyInvite } from './trust/invite.ts'
import { verifyFirstCharter, verifyNextCharter, verifyRecovery } from './trust/verified-charter.ts'
import { verifyRoster } from './trust/verified-roster.ts'

/** Flips for each run of the readers. */
const FLIPS_PER_RUN = 4
const TIMEOUT_MS = 120_000
const LIMIT = 1024 * 1024

const samples = await coreSamples()
const { world, presentation } = samples
const { sender, trust } = world
const receiver = receiverOf(world)
const dispatch = parseDispatch(samples.dispatch)
const greeting = { nonce: NONCE, peerId: sender.peerId, now: NOW }
const claim = { from: { agency: sender.id, node: sender.peerId }, at: NOW }
const depositKey = await testDepositKey()
const succession = { previous: trust.charter, now: NOW + DAY }

/** A signed object in a file or frame of its own, with what its verification gives. */
function signed(jws: GeneralJws, verify: (json: Json) => Promise<unknown>): Sealed {
  const { payload, signatures } = jws
  return {
    bytes: encodeCanonical({ payload, signatures }),
    accept: async (bytes) => {
      const json = parseCanonical(bytes, LIMIT)
      await verify(json)
      return json
    },
  }
}

function opened(bytes: Uint8Array): Sealed {
  return {
    bytes,
    accept: async (data) => {
      await openEnvelope(data, receiver)
      return parseCanonical(data, LIMIT)
    },
  }
}

const OBJECTS: Readonly<Record<string, Sealed>> = {
  'a deposit': {
    bytes: samples.deposit,
    accept: async (data) => {
      await openDeposit(parseDeposit(data), depositKey)
      return parseCanonical(data, LIMIT)
    },
  },
  'an envelope': opened(samples.envelope),
  'an envelope with a void': opened(samples.voidEnvelope),
  'a statement': signed(samples.statement.statement, async (json) =>
    verifyStatement(parseStatement(json), trust),
  ),
  'a dispatch': signed(samples.dispatch, async (json) =>
    verifyDispatch(parseDispatch(json), trust),
  ),
  'a receipt': signed(samples.receipt, async (json) =>
    verifyReceipt(parseReceipt(json), dispatch, trust),
  ),
  heads: signed(samples.heads, async (json) => verifyHeads(parseHeads(json), greeting, trust)),
  'a void': signed(samples.voided, async (json) =>
    verifyNodeSignature(parseVoid(json).signed, claim, trust),
  ),
  'a roster': signed(samples.roster, async (json) =>
    verifyRoster(json, { authority: trust.charter, now: NOW }),
  ),
  'a charter': signed(samples.charter, async (json) => verifyFirstCharter(json, { now: NOW })),
  'an invite': signed(samples.invite, async (json) => verifyInvite(json, NOW)),
  'a signed disclosure': signed(samples.disclosure, async (json) =>
    verifyDisclosure(parseDisclosure(json), presentation, trust),
  ),
  'a cosigned checkpoint': {
    bytes: encodeUtf8(samples.note),
    accept: async (bytes) => verifyCheckpoint(decodeUtf8(bytes), samples.notePolicy),
  },
}

/** Charters whose form and signatures are read as those of the first one are: they are tried less often. */
const LATER: Readonly<Record<string, Sealed>> = {
  'a next charter': signed(samples.nextCharter, async (json) =>
    verifyNextCharter(json, succession),
  ),
  'a recovery': signed(samples.recovery, async (json) => verifyRecovery(json, succession)),
}

function choiceOf(flipsPerRun: number): FlipChoice {
  const { runs, seed } = inject('fuzz')
  return { flips: flipsPerRun * runs, ...(seed === undefined ? {} : { from: seed }) }
}

describe('one bit changed', { timeout: TIMEOUT_MS }, () => {
  it.each(Object.entries(OBJECTS))('in %s is refused', async (_name, sealed) => {
    expect(await acceptedFlips(sealed, choiceOf(FLIPS_PER_RUN))).toEqual([])
  })

  it.each(Object.entries(LATER))('in %s is refused', async (_name, sealed) => {
    expect(await acceptedFlips(sealed, choiceOf(1))).toEqual([])
  })
})
