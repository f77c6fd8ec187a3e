/**
 * The verifier’s page in a folder, and a browser to open it in, for the tests of one file.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { buildPage } from '../../packages/verify/page.config.ts'
import { HAS_CHROMIUM, type OpenPage, openPage, startBrowser } from './verifier-page.ts'

/** What the tests of a file share. */
export interface PreparedPage {
  /** Opens the page, or one that was written beside it. */
  readonly open: (options?: OpenOptions) => Promise<OpenPage>
  /** The path of a file beside the page. */
  readonly beside: (name: string) => string
}

type OpenOptions = Parameters<typeof openPage>[2] & { readonly name?: string }

/** Writes the page and starts the browser before the first test; nothing where there is no browser. */
export function preparePage(): PreparedPage {
  let folder = ''
  let browser: Browser | undefined
  beforeAll(async () => {
    if (!HAS_CHROMIUM) return
    folder = await mkdtemp(join(tmpdir(), 'amana-page-'))
    await writeFile(join(folder, 'verify.html'), (await buildPage()).html)
    browser = await startBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    if (folder !== '') await rm(folder, { recursive: true })
  })
  const beside = (name: string): string => join(folder, name)
  const open = async ({
    name = 'verify.html',
    ...options
  }: OpenOptions = {}): Promise<OpenPage> => {
    if (browser === undefined) throw new Error('no browser was started')
    return openPage(browser, beside(name), options)
  }
  return { beside, open }
}
