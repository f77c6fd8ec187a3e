/**
 * The verifier’s page in Chromium over a long log, and the command line’s verifier over the same file.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Report, verifyFiles } from '@amana/verify'
import { type Browser } from 'playwright-core'
import { buildPage } from '../../packages/verify/page.config.ts'
import { writeLongBundle } from '../support/long-bundle.ts'
import { temporaryFolder } from '../support/store-fixture.ts'
import {
  HAS_CHROMIUM,
  openPage,
  startBrowser,
  textOf,
  untilFinished,
  WHY_SKIPPED,
} from '../support/verifier-page.ts'
import { type Section } from './figures.ts'
import { spreadOf } from './statistics.ts'

/** How much is measured. */
export interface PageEffort {
  readonly rounds: number
  readonly leafCount: number
}

const DEADLINE_MS = 300_000

/** Measures both in a folder that is removed; nothing where there is no Chromium. */
export async function measurePage({ rounds, leafCount }: PageEffort): Promise<Section> {
  const title = `The verifier’s page over ${String(leafCount)} leaves`
  if (!HAS_CHROMIUM) return { title, figures: [], notes: [`${WHY_SKIPPED}.`] }
  await using folder = await temporaryFolder()
  const bundle = join(folder.path, 'long.bundle.jsonl')
  const policy = join(folder.path, 'policy.txt')
  const page = join(folder.path, 'verify.html')
  const classes = ['a', 'g', 'w', 'x'] as const
  const policyText = await writeLongBundle({ path: bundle, leafCount, classes })
  await writeFile(policy, policyText)
  await writeFile(page, (await buildPage()).html)
  const browser = await startBrowser()
  const inPage: number[] = []
  const inNode: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    inPage.push(await verifyInPage(browser, page, [bundle, policy]))
    inNode.push(await verifyInNode(bundle, policyText))
  }
  await browser.close()
  return {
    title,
    figures: [
      { name: 'the page in Chromium', unit: 'ms', ...spreadOf(inPage) },
      { name: 'the same sources in Node', unit: 'ms', reference: true, ...spreadOf(inNode) },
    ],
    notes: ['From the choice of the files to the verdict on screen; the page is opened before.'],
  }
}

/** Milliseconds from the choice to the verdict. Throws where it is not `verified`. */
async function verifyInPage(
  browser: Browser,
  path: string,
  files: readonly string[],
): Promise<number> {
  await using page = await openPage(browser, path)
  page.tab.setDefaultTimeout(DEADLINE_MS)
  const start = performance.now()
  await page.tab.setInputFiles('#choose', [...files])
  await untilFinished(page.tab)
  const took = performance.now() - start
  const verdict = await textOf(page.tab, '#report .verdict')
  if (!verdict.startsWith('VERIFIED.')) throw new Error(verdict)
  return took
}

async function verifyInNode(path: string, policy: string): Promise<number> {
  const start = performance.now()
  const file = {
    name: 'long.bundle.jsonl',
    chunks: (from = 0, to = Number.MAX_SAFE_INTEGER): AsyncIterable<Uint8Array> =>
      createReadStream(path, { start: from, end: to - 1 }),
  }
  const { verdict }: Report = await verifyFiles([file], { policy, now: 0 })
  if (verdict !== 'verified') throw new Error(verdict)
  return performance.now() - start
}
