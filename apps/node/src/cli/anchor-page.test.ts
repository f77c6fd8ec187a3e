import { formatAnchor } from '@amana/core'
import { decodeQR } from 'qr/decode.js'
import { encodeQR } from 'qr'
import { describe, expect, it } from 'vitest'
import { anchorCode, anchorPage } from './anchor-page.ts'
import { createIo } from './io.ts'

const text = formatAnchor(
  { origin: 'ne.anltp-tim/amana/audit/1', size: 40, root: new Uint8Array(32).fill(250) },
  { origin: 'ng.naptip/amana/audit/1', size: 32, root: new Uint8Array(32).fill(9) },
)
const [, , , digits = ''] = text.split('\n')

function pageIn(language: 'en' | 'fr'): string {
  const stream = { write: () => undefined }
  const io = createIo({ stdout: stream, stderr: stream, stdin: {} }, { language, json: false })
  return anchorPage(io, { text, digits, digest: 'D'.repeat(43), printedAt: 1_795_334_400 })
}

describe('the page for the minutes', () => {
  it.each(['en', 'fr'] as const)(
    'in %s has text, digits, code, digest and day, and nothing from outside',
    (language) => {
      const page = pageIn(language)
      expect(page).toContain(`<html lang="${language}">`)
      expect(page).toContain(`<pre>${text}</pre>`)
      expect(page).toContain(`<p class="digits">${digits}</p>`)
      expect(page).toContain(encodeQR(text, 'svg', { border: 2 }))
      expect(page).toMatch(/2026-11-22.*D{43}/s)
      expect(page).not.toMatch(/<script|src=|href=|url\(|audit\.anchor\.page/)
      expect(page.match(/<dt>/g)).toHaveLength(2)
    },
  )

  it('has a code that reads back as the text', () => {
    const rows = encodeQR(text, 'raw', { border: 4, scale: 4 })
    const width = rows[0]?.length ?? 0
    const data = new Uint8Array(
      rows.flatMap((row) => row.flatMap((dark) => (dark ? [0, 0, 0, 255] : [255, 255, 255, 255]))),
    )
    expect(decodeQR({ width, height: rows.length, data })).toBe(text)
  })

  it('fits a terminal of 80 columns', () => {
    const lines = anchorCode(text).trimEnd().split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(lines.length).toBeGreaterThan(20)
  })
})
