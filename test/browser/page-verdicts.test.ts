/**
 * What the page says of files, against what the command line says of the same files; and what it says where its browser
 * is not to be trusted.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { encodeUtf8 } from '@amana/core'
import { CATALOGUES } from '@amana/vocabulary'
import { describe, expect, it } from 'vitest'
import { buildPage } from '../../packages/verify/page.config.ts'
import { buildExchange } from '../support/built-exchange.ts'
import { messageBytes, messageFileOf } from '../support/message-files.ts'
import { preparePage } from '../support/prepared-page.ts'
import { ROOT } from '../support/repository.ts'
import { brokenSignature, forgeBundle, recordsOf } from '../support/test-log.ts'
import {
  type Chosen,
  HAS_CHROMIUM,
  press,
  savedFiles,
  textOf,
  textOfReport,
  verifyIn,
  WHY_SKIPPED,
} from '../support/verifier-page.ts'

const CLI = [
  '--conditions=@amana/source',
  '--disable-warning=ExperimentalWarning',
  join(ROOT, 'packages/verify/src/cli.ts'),
]
const VERIFIED_AT = /Verified at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/
const BUTTONS = [
  ['sample', 'none', undefined],
  ['byte', 'byte', 'BUNDLE_DIGEST'],
  ['drop', 'drop', 'INDEX_GAP'],
  ['swap', 'swap', 'LEAF_WRONG_INDEX'],
  ['roster', 'roster', 'TRUST_INVALID'],
  ['lastWeek', 'lastWeek', 'TRUNCATED_VS_WITNESS'],
] as const

const { beside, open } = preparePage()

/** The report that the command line writes of these files, as HTML in English, and how it ended. */
async function commandLine(files: readonly Chosen[]): Promise<{ exit: number; html: string }> {
  const own = await mkdtemp(beside('files-'))
  for (const { name, bytes } of files) {
    if (name !== basename(name)) await mkdir(join(own, '..', name, '..'), { recursive: true })
    await writeFile(join(own, name), bytes)
  }
  const { promise, resolve } = Promise.withResolvers<number>()
  const names = files.map(({ name }) => name)
  const child = execFile(
    process.execPath,
    [...CLI, ...names, '--report', 'r.html'],
    { cwd: own },
    () => {
      resolve(child.exitCode ?? -1)
    },
  )
  const exit = await promise
  return { exit, html: await readFile(join(own, 'r.html'), 'utf8') }
}

/** The page and the command line say the same of the files; the answer is the exit status. */
async function bothSay(files: readonly Chosen[]): Promise<number> {
  await using page = await open()
  await verifyIn(page.tab, files)
  const { exit, html } = await commandLine(files)
  const shown = (await textOf(page.tab, '#report')).replace(VERIFIED_AT, '')
  expect(shown).toBe((await textOfReport(page.tab, html)).replace(VERIFIED_AT, ''))
  expect(shown.length).toBeGreaterThan(300)
  return exit
}

describe.skipIf(!HAS_CHROMIUM)(`the page and the command line (${WHY_SKIPPED})`, async () => {
  const exchange = await buildExchange()
  const { anltp, naptip, policyText, sent } = exchange
  const own = { name: 'own.bundle.jsonl', bytes: await naptip.log.bundle({ policyText }) }
  const other = { name: 'other.bundle.jsonl', bytes: await anltp.log.bundle({ policyText }) }
  const policy = { name: 'policy.txt', bytes: encodeUtf8(policyText) }
  const envelope = { name: 'first.amana.json', bytes: sent[0]?.bytes ?? new Uint8Array() }
  const records = recordsOf(own.bytes)
  const at = records.findIndex(({ kind }) => kind === 'statement')
  const broken = forgeBundle(records.with(at, brokenSignature(records[at])))
  const partial = await naptip.log.bundle({ policyText, classes: ['w', 'x'] })
  const message = await messageFileOf(exchange, exchange.sent[0]!.statements[0]!)

  it.each<readonly [string, number, readonly Chosen[]]>([
    ['two bundles', 0, [own, other, policy]],
    ['one bundle', 0, [own, policy]],
    ['a bundle that shows two classes', 0, [{ ...own, bytes: partial }, policy]],
    ['a bundle without a policy', 9, [own]],
    ['a policy alone', 9, [policy]],
    ['a policy that is none', 9, [own, { ...policy, bytes: encodeUtf8('policy') }]],
    ['a bundle that was cut', 4, [{ ...own, bytes: own.bytes.subarray(0, 9000) }, policy]],
    ['a bundle that is none', 9, [{ ...own, bytes: encodeUtf8('{}\n') }, policy]],
    ['a bundle with a signature that is none', 4, [{ ...own, bytes: broken }, other, policy]],
    ['a message file', 0, [{ name: 'm.message.jsonl', bytes: messageBytes(message) }, policy]],
    ['an envelope beside a bundle', 0, [own, envelope, policy]],
    ['an envelope that nothing vouches for', 9, [envelope, policy]],
    ['a file of no known name', 9, [own, policy, { name: 'notes.txt', bytes: encodeUtf8('x') }]],
  ])('say the same of %s', async (_name, exit, files) => {
    expect(await bothSay(files)).toBe(exit)
  })

  it.each(BUTTONS)(
    '%s shows its own sentence, which the command line says too',
    async (id, done, code) => {
      await using page = await open()
      await press(page.tab, id)
      const text = await textOf(page.tab, '#done')
      expect(text).toContain(CATALOGUES.en.page.done[done])
      if (code === undefined) expect(text).not.toContain('Found:')
      else
        expect(text).toMatch(
          new RegExp(`Found: ${CATALOGUES.en.findings[code]} Against: ng\\.naptip`),
        )
      const files = await savedFiles(page.tab)
      expect(files.map(({ name }) => name)).toContain('policy.txt')
      expect(await bothSay(files)).toBe(code === undefined ? 0 : 4)
    },
  )

  it('names nobody where WebCrypto and tweetnacl differ', async () => {
    const before = 'SubtleCrypto.prototype.verify=async()=>true;'
    await writeFile(beside('erring.html'), (await buildPage({ before })).html)
    await using page = await open({ name: 'erring.html' })
    await verifyIn(page.tab, [{ ...own, bytes: broken }, policy])
    const text = await textOf(page.tab, '#report')
    expect(text).toContain(CATALOGUES.en.page.problem.disagree)
    expect(text).not.toContain('ng.naptip')
    await page.tab.click('#clear')
    await verifyIn(page.tab, [own, policy])
    expect(await textOf(page.tab, '#report .verdict')).toContain('VERIFIED.')
  })

  it('verifies nothing in a browser that lacks an algorithm, and says which', async () => {
    const before =
      'const make=SubtleCrypto.prototype.generateKey;SubtleCrypto.prototype.generateKey=function(name,...parts){if(name.startsWith("ML-DSA"))throw new DOMException("no","NotSupportedError");return make.call(this,name,...parts)};'
    await writeFile(beside('old.html'), (await buildPage({ before })).html)
    await using page = await open({ name: 'old.html' })
    await verifyIn(page.tab, [own, policy])
    const { heading, unsupported } = CATALOGUES.en.page.problem
    expect(await textOf(page.tab, '#report')).toBe(`${heading}${unsupported} ML-DSA-44, ML-DSA-65`)
  })
})
