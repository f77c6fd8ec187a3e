/**
 * The verifier’s page in Debian’s Chromium, opened from a folder with the network off.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { type Browser, chromium, type Page as Tab } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'
/** For whatever the page does with small files, on a busy machine. */
const DEADLINE_MS = 60_000

/** Whether the browser is there; a test without it is skipped and says so. */
export const HAS_CHROMIUM = existsSync(CHROMIUM)
/** Why a test was skipped. */
export const WHY_SKIPPED = 'skipped without Debian’s chromium'

/** Starts the browser; its user is root in a container, where Chromium’s own sandbox cannot be made. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}

/** The page in a tab of its own. */
export interface OpenPage extends AsyncDisposable {
  readonly tab: Tab
  /** Addresses that were asked for, the page’s own first. */
  readonly requests: readonly string[]
  /** What the console said: breaches of the content security policy, and errors. */
  readonly complaints: readonly string[]
}

/** Opens the file in a new profile. */
export async function openPage(
  browser: Browser,
  path: string,
  { locale = 'en-GB', width = 1180 }: { readonly locale?: string; readonly width?: number } = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ locale, viewport: { width, height: 800 } })
  await context.setOffline(true)
  context.setDefaultTimeout(DEADLINE_MS)
  const tab = await context.newPage()
  const requests: string[] = []
  const complaints: string[] = []
  tab.on('request', (request) => requests.push(request.url()))
  tab.on('console', (message) => complaints.push(message.text()))
  tab.on('pageerror', (error) => complaints.push(error.message))
  await tab.goto(`file://${path}`)
  return {
    tab,
    requests,
    complaints,
    [Symbol.asyncDispose]: async () => {
      await context.close()
    },
  }
}

/** A file that is chosen in the page. */
export interface Chosen {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Chooses files and waits for the end of the verification. */
export async function verifyIn(tab: Tab, files: readonly Chosen[]): Promise<void> {
  const payloads = files.map(({ name, bytes }) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(bytes),
  }))
  await tab.setInputFiles('#choose', payloads)
  await untilFinished(tab)
}

/** Presses a button by its id and waits for the end of what it started. */
export async function press(tab: Tab, id: string): Promise<void> {
  await tab.click(`#${id}`)
  await untilFinished(tab)
}

/** Nothing is under way any more, and something is shown. */
export async function untilFinished(tab: Tab): Promise<void> {
  await tab.waitForSelector('#progress', { state: 'hidden' })
  await tab.waitForSelector('#report .verdict')
}

/** The text of an element, spaces and lines made one. */
export async function textOf(tab: Tab, selector: string): Promise<string> {
  const text = (await tab.textContent(selector)) ?? ''
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** The same text of a report as the command line writes it. */
export async function textOfReport(tab: Tab, html: string): Promise<string> {
  const main = html.slice(html.indexOf('<main'), html.indexOf('</main>'))
  const text = await tab.evaluate(
    (source) => new DOMParser().parseFromString(source, 'text/html').body.textContent,
    main,
  )
  return text.replaceAll(/\s+/g, ' ').trim()
}

/** The files that the page offers to save, saved. */
export async function savedFiles(tab: Tab): Promise<readonly Chosen[]> {
  const saved: Chosen[] = []
  for (const link of await tab.locator('#list a').all()) {
    const [download] = await Promise.all([tab.waitForEvent('download'), link.click()])
    saved.push({ name: download.suggestedFilename(), bytes: await readFile(await download.path()) })
  }
  return saved
}
