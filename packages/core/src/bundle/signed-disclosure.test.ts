/**
 * Signed disclosures: what an officer says about a presentation that he hands out, and every way in which it is refused.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#signed-disclosure
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { NOW } from '../../../../test/support/agencies.ts'
import {
  codeOf,
  makeWorld,
  officer,
  statementOf,
  type World,
} from '../../../../test/support/envelope-fixture.ts'
import { withThirdAgency } from '../../../../test/support/third-agency.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { digest } from '../crypto/digest.ts'
import { type GeneralJws, signJws } from '../crypto/jws.ts'
import { buildPresentation } from '../envelope/presentation.ts'
import { type SignedStatement } from '../envelope/statement.ts'
import {
  type DisclosureContent,
  parseDisclosure,
  signDisclosure,
  verifyDisclosure,
} from './signed-disclosure.ts'

let world: World
let statement: SignedStatement
let presentation: string
beforeAll(async () => {
  world = await makeWorld()
  statement = await statementOf(world, { kind: 'victim.referral/1' })
  presentation = buildPresentation(statement.statement, statement.opening, ['child'])
})

type Members = Omit<DisclosureContent, 'by' | 'v'> & { readonly agency: string }

function members(changed: Partial<Members> = {}): Members {
  return {
    agency: 'ne.anltp-tim',
    audience: 'Cour d’appel de Niamey',
    disclosedAt: NOW + 60,
    nonce: 'CtZG4hoNUZCsOcAaX2AkmQ',
    presentation: digest(presentation),
    purpose: 'prosecution',
    statement: statement.digest,
    ...changed,
  }
}

function sign(changed: Partial<Members> = {}, by = 'author'): Promise<GeneralJws> {
  return signDisclosure(members(changed), officer(world, by))
}

async function verify(jws: GeneralJws, shown = presentation): Promise<unknown> {
  return verifyDisclosure(parseDisclosure(jws), shown, world.trust)
}

/** Signed with a payload that the writer would not make. */
async function crafted(edit: (payload: object) => object, typ?: string): Promise<GeneralJws> {
  const { agency, ...rest } = members()
  const key = officer(world, 'author')
  const payload = { ...rest, by: { agency, kid: key.keyId }, v: 1 }
  return signJws({
    payload: encodeCanonical({ ...edit(payload) }),
    typ: typ ?? 'amana-disclosure+jws',
    signers: [{ key }],
  })
}

describe('a signed disclosure', () => {
  it('says which officer gave this presentation to whom, when and why', async () => {
    const verified = await verify(await sign())
    expect(verified).toMatchObject({
      content: { audience: 'Cour d’appel de Niamey', purpose: 'prosecution' },
      officer: { agency: 'ne.anltp-tim', id: 'author' },
    })
  })

  it('is made with a name of 128 characters and not with one more', async () => {
    await expect(sign({ audience: 'é'.repeat(128) })).resolves.toBeDefined()
    expect(await codeOf(() => sign({ audience: 'é'.repeat(129) }))).toBe('WIRE_MEMBER')
  })

  it.each(['', ' x', 'x ', 'a\nb', 'a\u0000b', 'a\u202Eb', 'a\u2028b'])(
    'is not made for %j',
    async (audience) => {
      expect(await codeOf(() => sign({ audience }))).toBe('WIRE_MEMBER')
    },
  )
})

describe('a signed disclosure is refused', () => {
  const cases: readonly [string, string, () => Promise<GeneralJws>][] = [
    ['of another version', 'WIRE_VERSION', () => crafted((whole) => ({ ...whole, v: 2 }))],
    ['with another member', 'WIRE_MEMBER', () => crafted((whole) => ({ ...whole, x: 1 }))],
    [
      'for another purpose than there are',
      'WIRE_MEMBER',
      () => crafted((whole) => ({ ...whole, purpose: 'curiosity' })),
    ],
    ['of another type', 'WIRE_TYP', () => crafted((whole) => whole, 'amana-receipt+jws')],
    [
      'that names another key than its own',
      'WIRE_KID',
      () => crafted((whole) => ({ ...whole, by: { agency: 'ne.anltp-tim', kid: digest('x') } })),
    ],
    ['of another presentation', 'WIRE_DIS', () => sign({ presentation: digest('x') })],
    ['of another statement', 'WIRE_DIS', () => sign({ statement: digest('x') })],
    [
      'by an agency that neither signed nor is addressed',
      'WIRE_ISS',
      () => sign({ agency: 'ne.dst' }),
    ],
    ['from before the statement', 'WIRE_TIME_ORDER', () => sign({ disclosedAt: NOW - 3600 })],
    ['by a key of the other agency', 'WIRE_ISS', () => sign({ agency: 'ng.naptip' })],
    [
      'from after the key’s last day',
      'WIRE_KEY_EXPIRED',
      () => sign({ disclosedAt: NOW + 10 * 365 * 86_400 }),
    ],
    [
      'under a signature that is not one',
      'WIRE_SIG',
      async () => {
        const { payload, signatures } = await sign()
        const [first] = signatures
        const other = await sign({ disclosedAt: NOW + 61 })
        if (first === undefined) throw new Error('no signature')
        return {
          payload,
          signatures: [{ ...first, signature: other.signatures[0]?.signature ?? '' }],
        }
      },
    ],
  ]

  it.each(cases)('%s: %s', async (_name, code, make) => {
    const jws = await make()
    expect(await codeOf(() => verify(jws))).toBe(code)
  })

  it('by an officer of an agency of the charter that neither signed nor is addressed', async () => {
    const { world: three, author } = await withThirdAgency(world)
    const { trust } = three
    const theirs = parseDisclosure(await signDisclosure(members({ agency: 'ng.nis' }), author))
    expect(trust.officerKey('ng.nis', author.keyId, NOW + 60).agency).toBe('ng.nis')
    expect(await codeOf(async () => verifyDisclosure(theirs, presentation, trust))).toBe('WIRE_ISS')
  })

  it('beside a presentation that shows more', async () => {
    const more = buildPresentation(statement.statement, statement.opening, ['child', 'needs'])
    expect(await codeOf(async () => verify(await sign(), more))).toBe('WIRE_DIS')
  })
})
