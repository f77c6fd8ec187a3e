/**
 * Presentations before readers that share nothing with Amana: the SD-JWT library of the OpenWallet Foundation, and a shell
 * script of openssl, coreutils and jq.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#presentation
 */
import { spawnSync } from 'node:child_process'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SDJwtInstance, type SdJwtPayload } from '@sd-jwt/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildPresentation, groupNames, type SignedStatement } from '@amana/core'
import { NOW } from '../support/agencies.ts'
import { makeWorld, officer, statementOf } from '../support/envelope-fixture.ts'
import { at } from '../support/json.ts'
import { BODIES } from '../support/message-bodies.ts'

const REFERRAL = 'victim.referral/1'
const SCRIPT = new URL('presentation.sh', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'amana-presentation-'))
const missing = ['openssl', 'jq', 'basenc'].filter(isMissing)
const why = `skipped without Debian’s ${missing.map(packageOf).join(' and ')}`

let signed: SignedStatement
let authorKey: string

beforeAll(async () => {
  const world = await makeWorld()
  signed = await statementOf(world, { kind: REFERRAL })
  authorKey = officer(world, 'author').publicJwk.x
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Fields that are shown, and one value among them. */
const CHOICES = [
  ['a whole group', ['child'], ['child', 'value']],
  ['one field', ['safety.riskLevel'], ['safety', 'value', 'riskLevel']],
  [
    'one field of one element, and a group',
    ['consent.consents.0.scope', 'travel'],
    ['travel', 'value', 'proposedReception'],
  ],
  ['all of three groups', ['child', 'fitness', 'routing'], ['routing', 'value', 'referral']],
] as const

function present(fields: readonly string[]): string {
  return buildPresentation(signed.statement, signed.opening, fields)
}

function valueAt([group, , ...path]: readonly string[]): unknown {
  return at(BODIES[REFERRAL][group ?? ''], path)
}

/** One other letter in the middle of the nth part of the signed text, or of the nth disclosure. */
function changedSigned(text: string, part: number): string {
  const [jwt = '', ...disclosures] = text.split('~')
  const parts = jwt.split('.')
  return [parts.with(part, flipped(parts[part])).join('.'), ...disclosures].join('~')
}

function changedDisclosure(text: string, n: number): string {
  const parts = text.split('~')
  return parts.with(n, flipped(parts[n])).join('~')
}

function flipped(text = ''): string {
  const middle = Math.floor(text.length / 2)
  return `${text.slice(0, middle)}${text[middle] === 'A' ? 'B' : 'A'}${text.slice(middle + 1)}`
}

describe('@sd-jwt/core', () => {
  it.each(CHOICES)('accepts a presentation of %s', async (_name, fields, path) => {
    const claims = await readByLibrary(present(fields))
    expect(at(claims, ['body', ...path])).toEqual(valueAt(path))
    expect(at(claims, ['iss'])).toBe('ne.anltp-tim')
  })

  it('accepts a presentation of everything', async () => {
    const claims = await readByLibrary(present(groupNames(REFERRAL)))
    for (const group of groupNames(REFERRAL)) {
      expect(at(claims, ['body', group, 'value'])).toEqual(BODIES[REFERRAL][group])
    }
  })

  it('sees nothing of what was not chosen', async () => {
    const claims = JSON.stringify(await readByLibrary(present(['child.guardianName'])))
    expect(claims).toContain('Aunt of the test case')
    expect(claims).not.toMatch(/sewing|Anaemia|authorisation/)
  })

  it.each([0, 1, 2])('refuses one letter changed in part %i of what is signed', async (part) => {
    const text = present(['child'])
    await expect(readByLibrary(text)).resolves.toBeDefined()
    await expect(readByLibrary(changedSigned(text, part))).rejects.toThrow(/./)
  })

  it('refuses a disclosure with one letter changed, or shows nothing of it', async () => {
    const text = present(['child'])
    const whole = JSON.stringify(await readByLibrary(text))
    const count = text.split('~').length - 2
    for (let n = 1; n <= count; n += 1) {
      const read = await readByLibrary(changedDisclosure(text, n)).catch(() => undefined)
      expect(JSON.stringify(read ?? {}).length).toBeLessThan(whole.length)
    }
  })
})

describe.skipIf(missing.length > 0)(
  `a script of openssl, coreutils and jq${missing.length > 0 ? ` (${why})` : ''}`,
  () => {
    it.each(CHOICES)('accepts a presentation of %s', (_name, fields) => {
      const text = present(fields)
      const { status, lines } = readByScript(text)
      expect(status).toBe(0)
      const disclosed = text.split('~').slice(1, -1)
      const expected = disclosed.map((part) => Buffer.from(part, 'base64url').toString())
      expect(lines.toSorted()).toEqual(expected.toSorted())
    })

    it.each([0, 1, 2])('refuses one letter changed in part %i of what is signed', (part) => {
      const text = present(['child'])
      expect(readByScript(text).status).toBe(0)
      expect(readByScript(changedSigned(text, part)).status).not.toBe(0)
    })

    it('refuses any disclosure with one letter changed', () => {
      const text = present(['statistics', 'safety.riskLevel'])
      const count = text.split('~').length - 2
      expect(count).toBe(5)
      for (let n = 1; n <= count; n += 1) {
        expect(readByScript(changedDisclosure(text, n)).status).not.toBe(0)
      }
    })

    it('refuses a disclosure twice, one that nothing names, and another author’s key', () => {
      const text = present(['travel'])
      const [, second = ''] = text.split('~')
      expect(readByScript(`${text}${second}~`).status).not.toBe(0)
      expect(readByScript(`${text}WyJBQUFBQUFBQUFBQUFBQUFBQUFBQUFBIiwxXQ~`).status).not.toBe(0)
      expect(readByScript(text, 'A'.repeat(43)).status).not.toBe(0)
    })
  },
)

async function readByLibrary(text: string): Promise<unknown> {
  const jwk = { crv: 'Ed25519', kty: 'OKP', x: authorKey }
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const reader = new SDJwtInstance<SdJwtPayload>({
    hashAlg: 'sha-256',
    hasher: (data) =>
      createHash('sha256')
        .update(typeof data === 'string' ? data : Buffer.from(data))
        .digest(),
    verifier: (data, signature) =>
      verify(null, Buffer.from(data), key, Buffer.from(signature, 'base64url')),
  })
  const { payload } = await reader.verify(text, { currentDate: NOW })
  return payload
}

function readByScript(
  text: string,
  key = authorKey,
): { readonly status: number | null; readonly lines: readonly string[] } {
  const file = join(folder, 'presentation.sd-jwt')
  writeFileSync(file, `${text}\n`)
  const { status, stdout } = spawnSync('bash', [SCRIPT, file, key], { encoding: 'utf8' })
  return { status, lines: stdout.split('\n').filter((line) => line !== '') }
}

function isMissing(program: string): boolean {
  return spawnSync('bash', ['-c', `command -v ${program}`]).status !== 0
}

function packageOf(program: string): string {
  return program === 'basenc' ? 'coreutils' : program
}
