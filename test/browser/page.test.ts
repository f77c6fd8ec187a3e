/**
 * The verifier’s page, from a folder, with the network off: that it stays by itself, speaks both languages, prints, and
 * can be used by everybody.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import axe from 'axe-core'
import { type Page as Tab } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { CATALOGUES } from '@amana/vocabulary'
import { pdfPages } from '../support/pdf-text.ts'
import { preparePage } from '../support/prepared-page.ts'
import {
  HAS_CHROMIUM,
  press,
  textOf,
  untilFinished,
  verifyIn,
  WHY_SKIPPED,
} from '../support/verifier-page.ts'

const { beside, open } = preparePage()

describe.skipIf(!HAS_CHROMIUM)(`the page in Chromium (${WHY_SKIPPED})`, () => {
  it('asks for nothing but itself and its workers, and breaches no policy', async () => {
    await using page = await open()
    await press(page.tab, 'sample')
    await press(page.tab, 'byte')
    const [own, ...others] = page.requests
    expect(own).toBe(`file://${beside('verify.html')}`)
    expect(others.length).toBeGreaterThan(0)
    expect(others.filter((address) => !address.startsWith('blob:'))).toEqual([])
    expect(page.complaints).toEqual([])
  })

  it('could not connect if it tried', async () => {
    await using page = await open()
    const blocked = await page.tab.evaluate(async () => {
      const breached = new Promise<string>((resolve) => {
        addEventListener('securitypolicyviolation', (event) => {
          resolve(event.effectiveDirective)
        })
      })
      new Image().src = 'https://example.org/'
      return breached
    })
    expect(blocked).toBe('img-src')
  })

  it.each(['en', 'fr'] as const)(
    'speaks %s where the browser does, every text of it',
    async (language) => {
      const locale = language === 'fr' ? 'fr-NE' : 'en-NG'
      await using page = await open({ locale })
      const texts = CATALOGUES[language].page
      expect(await page.tab.title()).toBe(texts.title)
      const shown = await page.tab.$$eval('[data-text]', (all) =>
        all.map((place) => [place.getAttribute('data-text') ?? '', place.textContent]),
      )
      expect(shown.length).toBeGreaterThan(20)
      expect(shown.filter(([, text]) => text === '')).toEqual([])
      expect(await page.tab.getAttribute('html', 'lang')).toBe(language)
    },
  )

  it('shows the report that is there in the other language when asked', async () => {
    await using page = await open()
    await press(page.tab, 'drop')
    expect(await textOf(page.tab, '#done')).toContain('An entry is missing from its place.')
    await page.tab.click('#fr')
    const done = await textOf(page.tab, '#done')
    expect(done).toContain(CATALOGUES.fr.findings.INDEX_GAP.replaceAll(/\s+/g, ' '))
    expect(await textOf(page.tab, '#report .verdict')).toContain('NON VÉRIFIÉ')
    expect(await page.tab.getAttribute('#fr', 'aria-pressed')).toBe('true')
  })

  it('says who held which key on a day, also of files that are there already', async () => {
    await using page = await open()
    await press(page.tab, 'sample')
    const day = new Date().toISOString().slice(0, 10)
    const { heading, over } = CATALOGUES.en.report.day
    await page.tab.fill('#asOf', day)
    await untilFinished(page.tab)
    expect(await textOf(page.tab, '#report')).toContain(`${heading} ${day}T00:00:00Z`)
    expect(await textOf(page.tab, '#report')).not.toContain(over)
    await page.tab.fill('#asOf', '')
    await untilFinished(page.tab)
    expect(await textOf(page.tab, '#report')).not.toContain(heading)
  })

  it('prints the digest of the report and of each file on every page', async () => {
    await using page = await open()
    await press(page.tab, 'lastWeek')
    const [saved] = await Promise.all([
      page.tab.waitForEvent('download'),
      page.tab.click('#saveReport'),
    ])
    const report = await readFile(await saved.path())
    const digests = [
      createHash('sha256').update(report).digest('hex'),
      ...(await page.tab.$$eval('#report td:last-child code', (cells) =>
        cells.map(({ textContent }) => textContent).filter((text) => /^[0-9a-f]{64}$/.test(text)),
      )),
    ]
    expect(digests.length).toBe(4)
    const pages = pdfPages(await page.tab.pdf({ format: 'A4' }))
    expect(pages.length).toBeGreaterThan(1)
    for (const [n, text] of pages.entries()) {
      for (const digest of digests) expect(text).toContain(digest)
      expect(text).toContain(`${String(n + 1)} / ${String(pages.length)}`)
    }
  })

  it('prints the report and what made it, not its own buttons', async () => {
    await using page = await open()
    await press(page.tab, 'sample')
    await page.tab.emulateMedia({ media: 'print' })
    expect(await page.tab.isVisible('#report')).toBe(true)
    expect(await page.tab.isVisible('#choose')).toBe(false)
    expect(await page.tab.innerText('footer')).toContain('not made, endorsed or used by NAPTIP')
    expect(await page.tab.innerText('footer')).toContain('sha256sum verify.html')
  })

  it.each([
    ['en-GB', 1180],
    ['en-GB', 320],
    ['fr-FR', 320],
  ])('has nothing that axe finds, in %s at %i px', async (locale, width) => {
    await using page = await open({ locale, width })
    expect(await violations(page.tab)).toEqual([])
    await press(page.tab, 'lastWeek')
    expect(await violations(page.tab)).toEqual([])
    const isWider = await page.tab.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    )
    expect(isWider).toBe(false)
  })

  it('can be used by the keyboard alone', async () => {
    await using page = await open()
    const reached = new Set<string>()
    // the parts of a day take a stop each
    for (let n = 0; n < 16 && !reached.has('lastWeek'); n += 1) {
      await page.tab.keyboard.press('Tab')
      reached.add(await page.tab.evaluate(() => document.activeElement?.id ?? ''))
    }
    const files = ['en', 'fr', 'choose', 'asOf']
    const sample = ['sample', 'byte', 'drop', 'swap', 'roster', 'lastWeek']
    expect([...reached]).toEqual([...files, ...sample])
    await page.tab.keyboard.press('Enter')
    await page.tab.waitForSelector('#report .verdict')
    // asked for before the focus moves: the browser must know that its chooser is caught when the key comes
    const chooser = page.tab.waitForEvent('filechooser')
    await page.tab.focus('#choose')
    await page.tab.keyboard.press('Space')
    expect((await chooser).isMultiple()).toBe(true)
  })

  it('takes files that are dropped on it', async () => {
    await using page = await open()
    await page.tab.evaluate(() => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File(['text'], 'notes.txt'))
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, dataTransfer }))
    })
    await page.tab.waitForSelector('#report .verdict')
    expect(await textOf(page.tab, '#list')).toContain('notes.txt')
    expect(await textOf(page.tab, '#report')).toContain('NO_POLICY')
  })

  it('forgets a file that is removed, and keeps two of one name apart', async () => {
    await using page = await open()
    const file = { name: 'policy.txt', bytes: Buffer.from('no policy') }
    await verifyIn(page.tab, [file])
    await verifyIn(page.tab, [file])
    expect(await textOf(page.tab, '#list')).toBe('policy.txt Remove2/policy.txt Remove')
    await page.tab.click('#list button >> nth=0')
    expect(await textOf(page.tab, '#list')).toBe('2/policy.txt Remove')
    await page.tab.click('#clear')
    expect(await textOf(page.tab, '#list')).toBe(CATALOGUES.en.page.files.none)
    expect(await page.tab.isVisible('#result')).toBe(false)
  })

  it('stops when asked, and says that nothing was verified', async () => {
    await using page = await open()
    await page.tab.evaluate(() => {
      document.querySelector<HTMLElement>('#sample')?.click()
      document.querySelector<HTMLElement>('#cancel')?.click()
    })
    expect(await textOf(page.tab, '#status')).toBe(CATALOGUES.en.page.cancelled)
    expect(await page.tab.isVisible('#progress')).toBe(false)
    await press(page.tab, 'sample')
    expect(await textOf(page.tab, '#report .verdict')).toContain('VERIFIED.')
  })

  it('reads none of more files than it takes', async () => {
    await using page = await open()
    const bytes = new Uint8Array()
    const files = Array.from({ length: 65 }, (_, n) => ({ name: `${String(n)}.sd-jwt`, bytes }))
    await verifyIn(page.tab, files)
    expect(await textOf(page.tab, '#report')).toContain(CATALOGUES.en.page.problem.tooMuch)
  })
})

/** What axe-core objects to, by rule. */
async function violations(tab: Tab): Promise<unknown> {
  await tab.evaluate(axe.source)
  return tab.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]))`,
  )
}
