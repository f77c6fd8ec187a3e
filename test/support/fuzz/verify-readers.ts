/**
 * Every reader of the verifier. A file that it refuses is a finding in a report, and whatever a file holds, the report
 * can be printed.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#files
 */
import { encodeCanonical, encodeUtf8, type GeneralJws } from '@amana/core'
import {
  type FileHandle,
  type FileSource,
  inspect,
  type NamedFile,
  openFiles,
  readPolicy,
  renderInspect,
  renderReport,
  renderText,
  verifyBundle,
  verifyFiles,
  verifyMessageFile,
  verifyPresentation,
} from '@amana/verify'
import { NOW } from '../agencies.ts'
import { messageBytes, messageFileOf } from '../message-files.ts'
import { fileOf, inPieces } from '../pieces.ts'
import { type CoreSamples, coreSamples } from './core-samples.ts'
import {
  ofBytes,
  ofText,
  type Reader,
  type ReaderTable,
  seldom,
  type Worst,
  worstBytes,
} from './reader.ts'

const MIB = 1024 * 1024

/** The table. */
export async function verifyTable(): Promise<ReaderTable> {
  const samples = await coreSamples()
  const message = await messageIn(samples)
  return {
    readers: [...inspectors(samples, message), ...verifiers(samples, message)],
    worst: worst(samples),
  }
}

/** A message file that an officer made for a court. */
async function messageIn({ exchange }: CoreSamples): Promise<Uint8Array> {
  const { id, officers } = exchange.naptip.agency
  const [statement] = exchange.sent[1]?.statements ?? []
  if (statement === undefined || officers['author'] === undefined) throw new TypeError('no message')
  const by = { agency: id, key: officers['author'] }
  return messageBytes(await messageFileOf(exchange, statement, { fields: ['body.note'], by }))
}

function inspectors(samples: CoreSamples, message: Uint8Array): readonly Reader[] {
  const { bundle, charter, envelope, note, presentation, receipt, voidEnvelope } = samples
  const record = bundle.subarray(0, bundle.indexOf(0x0a))
  const files: readonly (readonly [string, Uint8Array])[] = [
    ['inspect', envelope],
    ['inspect of a void', voidEnvelope],
    ['inspect of a receipt', linesOf(receipt)],
    ['inspect of a charter', linesOf(charter)],
    ['inspect of a bundle', bundle],
    ['inspect of a record', record],
    ['inspect of a message', message],
    ['inspect of a checkpoint', encodeUtf8(note)],
    ['inspect of a presentation', encodeUtf8(presentation)],
  ]
  return files.map(([name, sample]) =>
    ofBytes(name, sample, (bytes) => renderInspect(inspect(bytes, 'file'), 'fr')),
  )
}

function verifiers(samples: CoreSamples, message: Uint8Array): readonly Reader[] {
  const { bundle, envelope, exchange, policyText, presentation, world } = samples
  const whole: NamedFile = { name: 'naptip.bundle.jsonl', bytes: bundle }
  const sent = exchange.sent[0]?.bytes ?? envelope
  const policy = readPolicy(policyText)
  const report = async (files: readonly FileSource[], text = policyText): Promise<string> => {
    const made = await verifyFiles(files, { policy: text, now: NOW })
    return renderReport(made, ['fr', 'en']) + renderText(made, 'en')
  }
  return [
    ofText('readPolicy', policyText, readPolicy),
    ofText('verifyPresentation', presentation, (text) => verifyPresentation(text, world.trust)),
    seldom(
      ofBytes('verifyBundle', bundle, (bytes) => verifyBundle(fileOf(bytes, 4096), policy)),
      10,
    ),
    seldom(
      ofBytes('verifyFiles', bundle, (bytes) => report([{ ...whole, bytes }])),
      10,
    ),
    seldom(
      ofBytes('openFiles', bundle, async (bytes) => {
        await using opened = await openFiles(['naptip.bundle.jsonl'], () => pipeOf(bytes))
        return await report(opened.files)
      }),
      10,
    ),
    seldom(
      ofBytes('verifyFiles of an envelope', sent, (bytes) =>
        report([whole, { name: 'a.amana.json', bytes }]),
      ),
      40,
    ),
    seldom(
      ofText('verifyFiles of a presentation', presentation, (text) =>
        report([whole, { name: 'a.sd-jwt', bytes: encodeUtf8(text) }]),
      ),
      40,
    ),
    seldom(
      ofBytes('verifyMessageFile', message, (bytes) =>
        verifyMessageFile('a.message.jsonl', inPieces(bytes, 4096), policy),
      ),
      10,
    ),
    seldom(
      ofBytes('verifyFiles of a message', message, (bytes) =>
        report([{ name: 'a.message.jsonl', bytes }]),
      ),
      10,
    ),
    ofText('verifyFiles with a policy', policyText, (text) => report([], text)),
  ]
}

function worst({ bundle, policyText }: CoreSamples): readonly Worst[] {
  const header = bundle.subarray(0, bundle.indexOf(0x0a) + 1)
  return [
    worstBytes('a mebibyte of [', 'inspect', () => encodeUtf8('['.repeat(MIB))),
    worstBytes('a mebibyte of line breaks', 'inspect', () => encodeUtf8('\n'.repeat(MIB))),
    worstBytes('a mebibyte of letters', 'inspect', () => encodeUtf8('a'.repeat(MIB))),
    worstBytes('a mebibyte of dashes', 'inspect', () => encodeUtf8('-'.repeat(MIB))),
    worstBytes('20,000 records', 'inspect', () =>
      Buffer.concat([header, encodeUtf8('{"record":"x"}\n'.repeat(20_000))]),
    ),
    worstBytes('a line of [', 'verifyBundle', () =>
      Buffer.concat([header, encodeUtf8('['.repeat(2 * MIB - 1))]),
    ),
    worstBytes('a bundle of line breaks', 'verifyFiles', () =>
      encodeUtf8(policyText + '\n'.repeat(MIB)),
    ),
  ]
}

function linesOf({ payload, signatures }: GeneralJws): Uint8Array {
  return Buffer.concat([encodeCanonical({ payload, signatures }), encodeUtf8('\n')])
}

/** What can be read only once, from its beginning to its end. */
async function pipeOf(bytes: Uint8Array): Promise<FileHandle> {
  let left = bytes
  return Promise.resolve({
    stat: () => Promise.resolve({ isFile: () => false }),
    read: (target, offset, sizeBytes) => {
      const piece = left.subarray(0, sizeBytes)
      left = left.subarray(piece.length)
      target.set(piece, offset)
      return Promise.resolve({ bytesRead: piece.length })
    },
    close: () => Promise.resolve(),
  })
}
