/**
 * Compression of frame bodies: one Zstandard frame (RFC 8878) with dictionary 1. What comes from a peer is measured by
 * its header and block headers before the decoder is called.
 *
 * @module
 * @spec docs/spec/08-exchange.md#compression
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { AmanaError, decodeBase64 } from '@amana/core'
import { DICTIONARY_1 } from './dictionary-1.ts'

const MAGIC = 0xfd2fb528
const DESCRIPTOR_AT = 4
const BLOCK_HEADER_BYTES = 3
const CHECKSUM_BYTES = 4
const CONTENT_BYTES = 1024 * 1024
const WINDOW_LOG = 20
/** Window descriptor of 1 MiB: exponent in five bits, mantissa in three. */
const LARGEST_WINDOW = (WINDOW_LOG - 10) << 3
const LEVEL = 9
const RLE_BLOCK = 1
const RESERVED_BLOCK = 3

const dictionary = decodeBase64(DICTIONARY_1)

/** Compresses a body into one frame that says its content size. */
export function compressBody(body: Uint8Array): Uint8Array {
  const bytes = zstdCompressSync(body, {
    dictionary,
    pledgedSrcSize: body.byteLength,
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVEL,
      [constants.ZSTD_c_windowLog]: WINDOW_LOG,
      [constants.ZSTD_c_contentSizeFlag]: 1,
      [constants.ZSTD_c_dictIDFlag]: 0,
    },
  })
  return plainBytes(bytes)
}

/**
 * Decompresses one frame of at most 1 MiB of content.
 *
 * @throws NET_FRAME when the header does not say so, something follows the frame, or the decoder refuses it
 */
export function decompressBody(bytes: Uint8Array): Uint8Array {
  const contentBytes = measure(bytes)
  let body: Buffer
  try {
    body = zstdDecompressSync(bytes, {
      dictionary,
      maxOutputLength: CONTENT_BYTES,
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG },
    })
  } catch (cause) {
    throw new AmanaError('NET_FRAME', { reason: 'zstd' }, { cause })
  }
  if (body.byteLength !== contentBytes) throw unfit('content size')
  return plainBytes(body)
}

/** Whoever slices a Buffer shares its memory; a Uint8Array gives a copy, as everywhere else. */
function plainBytes(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** What the blocks must come to, from the header and the block headers alone. */
function measure(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const { contentBytes, blocksAt, checksumBytes } = headerOf(view)
  if (contentBytes > CONTENT_BYTES) throw unfit('content size')
  const end = endOfBlocks(view, blocksAt)
  if (end + checksumBytes !== view.byteLength) throw unfit('length')
  return contentBytes
}

interface FrameHeader {
  readonly contentBytes: number
  readonly blocksAt: number
  readonly checksumBytes: number
}

/** RFC 8878 section 3.1.1: magic, descriptor, window, content size. */
function headerOf(view: DataView): FrameHeader {
  if (view.byteLength < DESCRIPTOR_AT + 2 || view.getUint32(0, true) !== MAGIC) throw unfit('magic')
  const descriptor = view.getUint8(DESCRIPTOR_AT)
  const single = (descriptor & 0x20) !== 0
  const sizeBytes = fieldBytes(descriptor >> 6, single)
  if ((descriptor & 0x0b) !== 0 || sizeBytes === 0) throw unfit('descriptor')
  const sizeAt = DESCRIPTOR_AT + (single ? 1 : 2)
  if (view.byteLength < sizeAt + sizeBytes) throw unfit('header')
  // The decoder itself looks at the window only where the content does not fit into one output buffer.
  if (!single && view.getUint8(DESCRIPTOR_AT + 1) > LARGEST_WINDOW) throw unfit('window')
  return {
    contentBytes: contentSize(view, sizeAt, sizeBytes),
    blocksAt: sizeAt + sizeBytes,
    checksumBytes: (descriptor & 0x04) === 0 ? 0 : CHECKSUM_BYTES,
  }
}

function fieldBytes(flag: number, single: boolean): number {
  if (flag === 0) return single ? 1 : 0
  return 2 ** flag
}

function contentSize(view: DataView, at: number, sizeBytes: number): number {
  if (sizeBytes === 1) return view.getUint8(at)
  // A field of two bytes counts from 256.
  if (sizeBytes === 2) return view.getUint16(at, true) + 256
  if (sizeBytes === 4) return view.getUint32(at, true)
  return Number(view.getBigUint64(at, true))
}

function endOfBlocks(view: DataView, start: number): number {
  let at = start
  for (;;) {
    if (at + BLOCK_HEADER_BYTES > view.byteLength) throw unfit('block')
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
    const type = (header >> 1) & 3
    if (type === RESERVED_BLOCK) throw unfit('block')
    at += BLOCK_HEADER_BYTES + (type === RLE_BLOCK ? 1 : header >> 3)
    if ((header & 1) === 1) return at
  }
}

function unfit(reason: string): AmanaError {
  return new AmanaError('NET_FRAME', { reason })
}
