/**
 * Signed acts: what an officer asks of his node, and every way in which it is refused.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#signed-acts
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../../test/support/agencies.ts'
import {
  codeOf,
  makeWorld,
  officer,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { digest } from '../crypto/digest.ts'
import { type GeneralJws, signJws } from '../crypto/jws.ts'
import { type ActClaim, parseAct, requestDigest, signAct, verifyAct } from './signed-act.ts'

const CLAIM: ActClaim = {
  act: 'open',
  challenge: 'CtZG4hoNUZCsOcAaX2AkmQ',
  purpose: 'referral',
  request: requestDigest('message', { digest: 'abcdef', purpose: 'referral' }),
}
const AGENCY = 'ne.anltp-tim'

let world: World
beforeAll(async () => {
  world = await makeWorld()
})

function sign(changed: Partial<ActClaim & { agency: string }> = {}): Promise<GeneralJws> {
  return signAct({ ...CLAIM, agency: AGENCY, ...changed }, officer(world, 'author'))
}

async function verify(jws: GeneralJws, expected: Partial<ActClaim> = {}): Promise<unknown> {
  const claim = { ...CLAIM, agency: AGENCY, now: NOW, ...expected }
  return verifyAct(parseAct(jws), claim, world.trust)
}

describe('a signed act', () => {
  it('names the officer who asked, and keeps his signature', async () => {
    const jws = await sign()
    const verified = await verifyAct(
      parseAct(jws),
      { ...CLAIM, agency: AGENCY, now: NOW },
      world.trust,
    )
    expect(verified.officer).toMatchObject({ agency: AGENCY, id: 'author' })
    expect(JSON.parse(verified.text)).toEqual(jws)
    expect(verified.text.length).toBeLessThan(1000)
  })

  it('is for exactly what was asked: another member is another request', () => {
    const asked = { digest: 'abcdef', purpose: 'referral' }
    expect(requestDigest('message', asked)).toBe(CLAIM.request)
    expect(requestDigest('message', { ...asked, breakGlass: true })).not.toBe(CLAIM.request)
    expect(requestDigest('presentation', asked)).not.toBe(CLAIM.request)
  })

  it.each<[string, Partial<ActClaim>]>([
    ['act', { act: 'review' }],
    ['purpose', { purpose: 'audit' }],
    ['challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAA' }],
    ['request', { request: digest('another') }],
  ])('is refused where another %s was expected', async (_member, expected) => {
    const jws = await sign()
    expect(await codeOf(() => verify(jws, expected))).toBe('WIRE_MEMBER')
  })

  it('is refused of another agency’s officer, and with a signature that fails', async () => {
    expect(await codeOf(async () => verify(await sign({ agency: 'ng.naptip' })))).toBe('WIRE_ISS')
    const [own, other] = [await sign(), await sign({ act: 'list' })]
    const mixed = { ...own, signatures: other.signatures }
    expect(await codeOf(() => verify(mixed))).toBe('WIRE_SIG')
  })

  it.each<[string, string, object]>([
    ['a member more', 'WIRE_MEMBER', { note: 'x' }],
    ['another version', 'WIRE_VERSION', { v: 2 }],
    ['a challenge of another length', 'WIRE_MEMBER', { challenge: 'AAAA' }],
    ['an act that nobody knows', 'WIRE_MEMBER', { act: 'delete' }],
  ])('is refused with %s', async (_case, code, changed) => {
    const key = officer(world, 'author')
    const by = { agency: AGENCY, kid: key.keyId }
    const payload = encodeCanonical({ ...CLAIM, by, v: 1, ...changed })
    const jws = await signJws({ payload, typ: 'amana-act+jws', signers: [{ key }] })
    expect(await codeOf(() => parseAct(jws))).toBe(code)
  })

  it('is refused where it names another key than signed it', async () => {
    const key = officer(world, 'author')
    const by = { agency: AGENCY, kid: officer(world, 'approver').keyId }
    const payload = encodeCanonical({ ...CLAIM, by, v: 1 })
    const jws = await signJws({ payload, typ: 'amana-act+jws', signers: [{ key }] })
    expect(await codeOf(() => parseAct(jws))).toBe('WIRE_KID')
  })
})
