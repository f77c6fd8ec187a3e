/**
 * Message files: what is written reads back, and no line can be changed, lost, moved or added.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#message-file
 */
import { describe, expect, it } from 'vitest'
import { inPieces } from '../../../../test/support/pieces.ts'
import { codeOf } from '../../../../test/support/refusals.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeCanonical } from '../bytes/jcs.ts'
import { decodeUtf8, encodeUtf8 } from '../bytes/utf8.ts'
import { digest } from '../crypto/digest.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { type MessageFile, readMessageFile, writeMessageFile } from './message-file.ts'
import { MESSAGE_EVIDENCE, type MessageEvidence } from './message-records.ts'

const HEADER: MessageFile['header'] = {
  created: 1_795_334_400,
  policy: digest('policy'),
  purpose: 'prosecution',
  record: 'message',
  statement: digest('eyJ2IjoxfQ'),
  v: 1,
}

function evidenceOf(kind: MessageEvidence['kind'], payload = 'eyJ2IjoxfQ'): MessageEvidence {
  if (kind === 'presentation') {
    return { content: payload, digest: digest(payload), kind, record: 'evidence' }
  }
  const content = { payload, signatures: [{ protected: 'e30', signature: 'AA' }] }
  return { content, digest: digest(payload), kind, record: 'evidence' }
}

const EVERY = MESSAGE_EVIDENCE.map((kind) => evidenceOf(kind))
const WHOLE: MessageFile = { header: HEADER, evidence: EVERY }

function bytesOf(file: MessageFile): Uint8Array {
  return concatBytes(...writeMessageFile(file))
}

async function read(bytes: Uint8Array, pieceBytes = 100): Promise<MessageFile> {
  return readMessageFile(inPieces(bytes, pieceBytes))
}

/** A file of these lines as a forger would write it: with the right count and digest at its end. */
function forged(lines: readonly string[]): Uint8Array {
  const body = encodeUtf8(lines.map((line) => `${line}\n`).join(''))
  const evidence = lines.filter((line) => line.includes('"record":"evidence"')).length
  const end = encodeCanonical({ evidence, record: 'end', sha256: digest(body) })
  return concatBytes(body, end, Uint8Array.of(10))
}

const LINES = decodeUtf8(bytesOf(WHOLE)).split('\n').slice(0, -2)

function at(index: number): string {
  return LINES[index] ?? ''
}

describe('a message file', () => {
  it.each([1, 7, 100_000])('reads back in pieces of %i bytes', async (pieceBytes) => {
    expect(await read(bytesOf(WHOLE), pieceBytes)).toEqual(WHOLE)
  })

  it('may have several of a kind, and needs neither presentation nor disclosure', async () => {
    const evidence = ['charter', 'charter', 'roster', 'roster', 'statement'] as const
    const file = { header: HEADER, evidence: evidence.map((kind) => evidenceOf(kind)) }
    expect(await read(bytesOf(file))).toEqual(file)
  })

  it('names the digest of the lines before its end', () => {
    const text = decodeUtf8(bytesOf(WHOLE))
    const end = text.split('\n').at(-2) ?? ''
    expect(end).toContain(`"sha256":"${digest(text.slice(0, text.indexOf(end)))}"`)
  })
})

describe('a message file is refused', () => {
  const cases: readonly [string, string, () => Uint8Array][] = [
    ['empty', 'AUDIT_BUNDLE_TRUNCATED', () => new Uint8Array()],
    [
      'without its end',
      'AUDIT_BUNDLE_TRUNCATED',
      () => encodeUtf8(LINES.map((line) => `${line}\n`).join('')),
    ],
    ['without its last newline', 'AUDIT_BUNDLE_TRUNCATED', () => bytesOf(WHOLE).subarray(0, -1)],
    [
      'continued after its end',
      'AUDIT_BUNDLE_ORDER',
      () => concatBytes(bytesOf(WHOLE), encodeUtf8(`${at(1)}\n`)),
    ],
    ['without its header', 'AUDIT_BUNDLE_ORDER', () => forged(LINES.slice(1))],
    ['with two headers', 'AUDIT_BUNDLE_ORDER', () => forged([at(0), ...LINES])],
    [
      'with a kind before its place',
      'AUDIT_BUNDLE_ORDER',
      () => forged(LINES.toSpliced(1, 2, at(2), at(1))),
    ],
    ['with two presentations', 'AUDIT_BUNDLE_ORDER', () => forged(LINES.toSpliced(6, 0, at(6)))],
    ['with two disclosures', 'AUDIT_BUNDLE_ORDER', () => forged([...LINES, at(7)])],
    [
      'with a disclosure of nothing',
      'AUDIT_BUNDLE_ORDER',
      () => forged(LINES.filter((line) => !line.includes('"presentation"'))),
    ],
    [
      'with content of another digest',
      'AUDIT_EVIDENCE',
      () => forged(LINES.map((line) => line.replace('"eyJ2IjoxfQ"', '"eyJ2IjoyfQ"'))),
    ],
    ['with a line gone', 'AUDIT_BUNDLE_DIGEST', () => without(bytesOf(WHOLE), '"roster"')],
    [
      'with another count',
      'AUDIT_BUNDLE_DIGEST',
      () => replaced(bytesOf(WHOLE), '{"evidence":7', '{"evidence":6'),
    ],
    [
      'with an unknown member',
      'AUDIT_BUNDLE_RECORD',
      () => forged([at(0).replace('"v":1', '"v":1,"z":1'), ...LINES.slice(1)]),
    ],
    [
      'with a space',
      'AUDIT_BUNDLE_RECORD',
      () => forged([at(0).replace('"v":1', '"v": 1'), ...LINES.slice(1)]),
    ],
    [
      'with evidence of a bundle only',
      'AUDIT_BUNDLE_RECORD',
      () => forged([at(0), at(6).replace('"presentation"', '"peer-note"')]),
    ],
    [
      'with a line that does not end',
      'AUDIT_BUNDLE_LIMIT',
      () => new Uint8Array(AUDIT_LIMITS.bundleLineBytes + 1).fill(0x20),
    ],
    [
      'with more lines than a reader holds',
      'AUDIT_BUNDLE_LIMIT',
      () =>
        forged([at(0), ...Array.from({ length: AUDIT_LIMITS.messageFileRecords }, () => at(1))]),
    ],
  ]

  it.each(cases)('%s: %s', async (_name, code, make) => {
    expect(await codeOf(() => read(make(), 65_536))).toBe(code)
  })

  it('at every single byte', async () => {
    const bytes = bytesOf(WHOLE)
    for (let position = 0; position < bytes.length; position += 7) {
      const broken = bytes.with(position, (bytes[position] ?? 0) ^ 1)
      expect(await codeOf(() => read(broken)), `byte ${String(position)}`).toMatch(/^AUDIT_/)
    }
  })

  it('by its own writer, when its parts would make one', async () => {
    const evidence = [evidenceOf('disclosure')]
    expect(await codeOf(async () => bytesOf({ header: HEADER, evidence }))).toBe(
      'AUDIT_BUNDLE_ORDER',
    )
  })
})

function without(bytes: Uint8Array, mark: string): Uint8Array {
  const lines = decodeUtf8(bytes).split('\n')
  return encodeUtf8(lines.filter((line) => !line.includes(mark)).join('\n'))
}

function replaced(bytes: Uint8Array, from: string, to: string): Uint8Array {
  return encodeUtf8(decodeUtf8(bytes).replace(from, to))
}
