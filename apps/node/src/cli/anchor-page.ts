/**
 * An anchor as a page for the signed minutes: the text, the digits in large groups, a QR code of the text, and lines for
 * the signatures. One HTML file without script or anything from outside.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#anchors
 */
import { encodeQR } from 'qr'
import { type Io } from './io.ts'
import { dayOf } from './texts.ts'

/** What the page shows. */
export interface AnchorPage {
  /** Four lines as `formatAnchor` writes them. */
  readonly text: string
  readonly digits: string
  /** Digest of the text, as the log names it. */
  readonly digest: string
  /** Seconds since 1970. */
  readonly printedAt: number
}

const STYLE = `body{font:16px/1.5 sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
pre{font:14px/1.6 monospace;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid;padding:.75rem}
.digits{font:700 22px/1.8 monospace;max-width:26rem}
svg{width:15rem;height:15rem}
dt{margin-top:2.5rem;border-top:1px solid;max-width:24rem}
@media print{body{margin:0}}`

/** The QR code of an anchor for a terminal. */
export function anchorCode(text: string): string {
  return encodeQR(text, 'ascii', { border: 1 })
}

/** The page, in the language of `io`. */
export function anchorPage({ language, say }: Io, page: AnchorPage): string {
  const paragraph = (key: string, values = {}): string =>
    `<p>${escapeText(say(`audit.anchor.page.${key}`, values))}</p>`
  const signature = (key: string): string =>
    `<dt>${escapeText(say(`audit.anchor.page.${key}`))}</dt>`
  const title = escapeText(say('audit.anchor.page.title'))
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${STYLE}</style></head>
<body><main>
<h1>${title}</h1>
${paragraph('why')}
<pre>${escapeText(page.text)}</pre>
<p class="digits">${escapeText(page.digits)}</p>
${encodeQR(page.text, 'svg', { border: 2 })}
${paragraph('how')}
${paragraph('leaf', { digest: page.digest, date: dayOf(page.printedAt) })}
<dl>${signature('first')}${signature('second')}</dl>
${paragraph('independent')}
</main></body></html>
`
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
