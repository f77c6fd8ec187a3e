/**
 * Inputs of the core's readers that cost the most for their size: as deep, as wide, as long, as often as a limit allows,
 * or just beyond it.
 *
 * @module
 * @spec docs/spec/01-bytes.md#limits
 */
import {
  canonicalize,
  concatBytes,
  encodeBase64url,
  encodeCanonical,
  encodeUtf8,
} from '@amana/core'
import { type CoreSamples } from './core-samples.ts'
import { type Worst, worstBytes, worstText, worstValue } from './reader.ts'

const MIB = 1024 * 1024
const LINE_BYTES = 2 * MIB
const NOTE_BYTES = 262_144

/** The inputs. */
export function coreWorst(samples: CoreSamples): readonly Worst[] {
  return [...nested(), ...wide(), ...longTexts(), ...bundles(samples), ...signed(samples)]
}

function nested(): readonly Worst[] {
  const deep = 200_000
  return [
    worstBytes('a mebibyte of [', 'parseCanonical', () => encodeUtf8('['.repeat(MIB))),
    worstBytes('a mebibyte of {"a":', 'parseEnvelope', () => encodeUtf8('{"a":'.repeat(MIB / 5))),
    worstValue('a value nested 200,000 times', 'parseOpening', () => ({
      groups: { body: { seed: 'A'.repeat(43), value: { a: nestedValue(deep) } } },
      salt: 'A'.repeat(22),
      withheld: {},
    })),
    worstValue('a draft nested 200,000 times', 'parseDraft', () => ({
      groups: { body: nestedValue(deep) },
      handling: { caveats: [], tlp: 'AMBER' },
      kind: 'referral.event/1',
      to: { agency: 'ng.naptip' },
    })),
  ]
}

function wide(): readonly Worst[] {
  return [
    worstBytes('a mebibyte of numbers', 'parseCanonical', () =>
      encodeUtf8(`[${'0,'.repeat(MIB / 2 - 2)}0]`),
    ),
    worstBytes('a mebibyte of members', 'parseCanonical', () => encodeUtf8(membersOf(100_000))),
    worstBytes('a mebibyte of escapes', 'parseCanonical', () =>
      encodeUtf8(`"${String.raw`\u0001`.repeat(MIB / 6 - 1)}"`),
    ),
    worstBytes('an envelope of 300,000 statements', 'parseEnvelope', () =>
      encodeUtf8(`{"dispatch":{},"seal":"","statements":[${'{},'.repeat(300_000)}{}],"v":1}`),
    ),
    worstBytes('two mebibytes of recipients', 'parseDeposit', () =>
      encodeUtf8(`{"recipients":[${'{},'.repeat(600_000)}{}]}`),
    ),
    worstValue('100,000 signatures', 'parseJws', () => ({
      payload: 'e30',
      signatures: Array.from({ length: 100_000 }, () => ({ protected: 'e30', signature: 'AA' })),
    })),
    worstValue('100,000 groups', 'parseMessage of referral.event/1', () =>
      Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`g${String(n)}`, {}])),
    ),
  ]
}

function longTexts(): readonly Worst[] {
  return [
    worstText('a note of line breaks', 'parseNote', () => '\n'.repeat(NOTE_BYTES)),
    worstText('a note of short lines', 'parseNote', () => `a\n\n${'— a A\n'.repeat(30_000)}`),
    worstText('a line without an end', 'parseNote', () => `a\n\n— ${'a'.repeat(NOTE_BYTES - 8)}`),
    worstText('a key of eight mebibytes', 'parseVkey', () => 'a'.repeat(8 * MIB)),
    worstText(
      'a key with a name of eight mebibytes',
      'parseVkey',
      () => `${'é'.repeat(8 * MIB)}+00000000+AQ==`,
    ),
    worstText('a checkpoint of eight mebibytes', 'parseCheckpoint', () => 'a'.repeat(8 * MIB)),
    worstText('base64url of eight mebibytes', 'decodeBase64url', () => 'A'.repeat(8 * MIB)),
    worstText('a policy of line breaks', 'parsePolicy', () => '\n'.repeat(32_768)),
    worstText(
      'a policy of logs',
      'parsePolicy',
      () => `#amana policy 1\n#amana charter ${'A'.repeat(43)}\n${'log a\n'.repeat(5000)}`,
    ),
    worstText('a presentation of ~', 'parsePresentation', () => '~'.repeat(1_835_008)),
    worstBytes('a request of line breaks', 'parseWitnessRequest', () =>
      encodeUtf8('\n'.repeat(NOTE_BYTES)),
    ),
    worstBytes('a request of hashes', 'parseWitnessRequest', () =>
      encodeUtf8(`old 1\n${'A\n'.repeat(130_000)}\n`),
    ),
    worstBytes('an answer of lines', 'parseWitnessAnswer', () =>
      encodeUtf8(`200\n${'— a AAAAAAA=\n'.repeat(18_000)}`),
    ),
  ]
}

function bundles({ bundle }: CoreSamples): readonly Worst[] {
  const header = bundle.subarray(0, bundle.indexOf(0x0a) + 1)
  const after = (line: string): Uint8Array => concatBytes(header, encodeUtf8(`${line}\n`))
  const fill = '[0],'.repeat(LINE_BYTES / 4 - 8)
  return [
    worstBytes('a line without an end', 'readBundle', () =>
      new Uint8Array(3 * LINE_BYTES).fill(97),
    ),
    worstBytes('a line at its limit', 'readBundle', () => after(`[${fill}0]`)),
    worstBytes('a line of 60,000 signatures', 'readBundle', () => after(evidenceWith(60_000))),
    worstBytes('a line of [', 'readBundle', () => after('['.repeat(LINE_BYTES - 1))),
    worstBytes('a mebibyte of line breaks', 'readBundle', () => encodeUtf8('\n'.repeat(MIB))),
    worstBytes('a line in a mebibyte of chunks', 'readBundle in small chunks', () =>
      new Uint8Array(MIB).fill(97),
    ),
  ]
}

function evidenceWith(count: number): string {
  const signatures = Array.from({ length: count }, () => ({ protected: '', signature: '' }))
  const content = { payload: '', signatures }
  return canonicalize({ content, digest: 'A'.repeat(43), kind: 'statement', record: 'evidence' })
}

function signed({ roster, presentation }: CoreSamples): readonly Worst[] {
  const long = encodeBase64url(new Uint8Array(300_000))
  const disclosure = encodeBase64url(encodeCanonical(['A'.repeat(22), 'value', {}]))
  const jwt = presentation.slice(0, presentation.indexOf('~'))
  return [
    worstValue('a roster with a long payload', 'verifyRoster', () => ({
      ...roster,
      payload: long,
    })),
    worstValue('a roster with a payload of 8 MiB', 'verifyRoster', () => ({
      ...roster,
      payload: 'A'.repeat(8 * MIB),
    })),
    worstText(
      'the same disclosure 30,000 times',
      'parsePresentation',
      () => `${[jwt, ...Array.from({ length: 30_000 }, () => disclosure)].join('~')}~`,
    ),
    worstText(
      '30,000 disclosures',
      'parsePresentation',
      () => `${[jwt, ...Array.from({ length: 30_000 }, (_, n) => disclosureOf(n))].join('~')}~`,
    ),
  ]
}

function disclosureOf(n: number): string {
  return encodeBase64url(encodeCanonical(['A'.repeat(22), String(n)]))
}

function membersOf(count: number): string {
  const members = Array.from({ length: count }, (_, n) => `"${String(n).padStart(7, '0')}":0`)
  return `{${members.join(',')}}`
}

/** Made without recursion; whoever reads it had better do without as well. */
function nestedValue(depth: number): unknown {
  let value: unknown = 0
  for (let level = 0; level < depth; level += 1) value = [value]
  return { a: value }
}
