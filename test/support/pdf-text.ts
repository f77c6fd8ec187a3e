/**
 * The text of each page of a PDF as Chromium writes it: glyphs of each font by its own table of characters.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
import { inflateSync } from 'node:zlib'

type Objects = ReadonlyMap<string, string>

/** One text a page, in the order in which it is drawn. */
export function pdfPages(pdf: Buffer): readonly string[] {
  const objects = objectsOf(pdf.toString('latin1'))
  return [...objects.values()]
    .filter((object) => /\/Type\s*\/Page\b/.test(object))
    .map((page) => pageText(page, objects))
}

function objectsOf(text: string): Objects {
  const found = text.matchAll(/(\d+) 0 obj\n(.*?)\nendobj/gs)
  return new Map([...found].map(([, id = '', object = '']) => [id, object]))
}

/** What the member refers to. */
function referred(object: string, member: string, objects: Objects): string {
  const id = new RegExp(`/${member} \\[?(\\d+) 0 R`).exec(object)?.[1] ?? ''
  return objects.get(id) ?? ''
}

function streamOf(object: string): string {
  const start = object.indexOf('stream\n') + 'stream\n'.length
  const bytes = Buffer.from(object.slice(start, object.lastIndexOf('endstream')), 'latin1')
  return (object.includes('/FlateDecode') ? inflateSync(bytes) : bytes).toString('latin1')
}

function pageText(page: string, objects: Objects): string {
  const fonts = new Map<string, ReadonlyMap<number, string>>()
  for (const [, name = '', id = ''] of page.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
    fonts.set(name, charactersOf(referred(objects.get(id) ?? '', 'ToUnicode', objects)))
  }
  let font: ReadonlyMap<number, string> = new Map()
  let text = ''
  const drawn = streamOf(referred(page, 'Contents', objects))
  for (const [, name, glyphs] of drawn.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>/g)) {
    if (name !== undefined) font = fonts.get(name) ?? font
    else
      text += glyphsOf(glyphs ?? '')
        .map((glyph) => font.get(glyph) ?? '')
        .join('')
  }
  return text
}

function glyphsOf(hexadecimal: string): readonly number[] {
  return (hexadecimal.match(/.{4}/g) ?? []).map((digits) => Number.parseInt(digits, 16))
}

/** Single glyphs, and ranges of them, with the character of the first. */
function charactersOf(table: string): ReadonlyMap<number, string> {
  const characters = new Map<number, string>()
  if (table === '') return characters
  for (const [, from = '', to, first = ''] of streamOf(table).matchAll(
    /^<(\w{4})> (?:<(\w{4})> )?<(\w+)>$/gm,
  )) {
    const [start = 0, end = start] = glyphsOf(`${from}${to ?? from}`)
    for (let glyph = start; glyph <= end; glyph += 1) {
      const units = glyphsOf(first)
      characters.set(
        glyph,
        String.fromCharCode(...units.slice(0, -1), (units.at(-1) ?? 0) + glyph - start),
      )
    }
  }
  return characters
}
