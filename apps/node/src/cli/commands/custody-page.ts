/**
 * The codes of one half of a hand-over as a page to print: one HTML file without script or anything from outside.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#parts
 */
import { encodeQR } from 'qr'
import { type Io } from '../io.ts'

/** What the page shows. */
export interface HandOverPage {
  /** Texts of the codes, in order. */
  readonly parts: readonly string[]
  /** The reference and the leg; no name. */
  readonly title: string
}

const STYLE = `body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
ol{display:flex;flex-wrap:wrap;gap:1.5rem;list-style:none;padding:0}
li{break-inside:avoid}
svg{width:24rem;height:24rem;max-width:100%}
p.code{font:10px/1.3 monospace;overflow-wrap:anywhere;max-width:24rem}
@media print{body{margin:0}}`

/** The page, in the language of `io`. */
export function handOverPage({ language, say }: Io, { parts, title }: HandOverPage): string {
  const heading = escapeText(`${say('custody:page.title')} ${title}`)
  const codes = parts.map((part, index) => {
    const name = say('custody:code', { number: index + 1, count: parts.length })
    const code = encodeQR(part, 'svg', { border: 4, ecc: 'medium' })
    return `<li><h2>${escapeText(name)}</h2>${code}<p class="code">${escapeText(part)}</p></li>`
  })
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${heading}</title><style>${STYLE}</style></head>
<body><main>
<h1>${heading}</h1>
<p>${escapeText(say('custody:page.how'))}</p>
<p>${escapeText(say('custody:written.readable'))}</p>
<ol>${codes.join('\n')}</ol>
</main></body></html>
`
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
