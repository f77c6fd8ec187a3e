/**
 * Small changes that a hostile hand makes: one letter, one element, one member of what was signed.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#the-receivers-order
 */
import { decodeBase64url, decodeUtf8, encodeBase64url, encodeUtf8 } from '@amana/core'
import { z } from 'zod'
import { type Edit } from './crafted-envelope.ts'
import { set, type Path } from './edit-json.ts'
import { at } from './json.ts'

const ListSchema = z.array(z.unknown())

/** Changes what stands at a place. */
export function editAt(path: Path, change: Edit): Edit {
  return (whole) => set(whole, path, change(at(whole, path)))
}

/** One letter in the middle of a text, another one of the same alphabet. */
export function flipped(value: unknown): string {
  const text = z.string().parse(value)
  const middle = Math.floor(text.length / 2)
  return `${text.slice(0, middle)}${text[middle] === 'A' ? 'B' : 'A'}${text.slice(middle + 1)}`
}

/** A list from its end to its beginning. */
export function backwards(list: unknown): unknown {
  return ListSchema.parse(list).toReversed()
}

/** A list without its last element. */
export function withoutLast(list: unknown): unknown {
  return ListSchema.parse(list).slice(0, -1)
}

/** A list with more elements at its end. */
export function appended(...elements: readonly unknown[]): Edit {
  return (list) => [...ListSchema.parse(list), ...elements]
}

/** A list of so many times its first element. */
export function repeated(count: number): Edit {
  return (list) => Array.from({ length: count }, () => ListSchema.parse(list)[0])
}

/** Replaces a text inside base64url of UTF-8. Throws when it is not there. */
export function inside(from: string, to: string): Edit {
  return (value) => {
    const text = decodeUtf8(decodeBase64url(z.string().parse(value)))
    if (!text.includes(from)) throw new Error('nothing to replace')
    return encodeBase64url(encodeUtf8(text.replace(from, to)))
  }
}

/** Changes bytes that stand in base64url. */
export function onBytes(change: (bytes: Uint8Array) => Uint8Array): Edit {
  return (value) => encodeBase64url(change(decodeBase64url(z.string().parse(value))))
}
