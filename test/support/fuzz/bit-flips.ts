/**
 * One bit of a signed object at a time: which bits, and what its reader says to each.
 *
 * @module
 * @spec docs/spec/01-bytes.md#signed-objects
 */
import { randomInt } from 'node:crypto'
import { canonicalize, isAnyAmanaError, type Json } from '@amana/core'
import { z } from 'zod'

/** An object as it travels, and whoever accepts it. */
export interface Sealed {
  readonly bytes: Uint8Array
  /** Gives what was read; throws when it is refused. */
  readonly accept: (bytes: Uint8Array) => Promise<unknown>
}

/** How many bits are tried, and the bit at which that begins; drawn where it is not given. */
export interface FlipChoice {
  readonly flips: number
  readonly from?: number
}

/** What is tried whole rather than at so many places, in bits for each flip. */
const WHOLE = 4

/**
 * The bits with which the object is accepted as something else, as `bit N`; a refusal that is no error of the table goes
 * up. Small objects are tried at every bit, others at places that lie evenly over the whole.
 */
export async function acceptedFlips(
  { bytes, accept }: Sealed,
  { flips, from = randomInt(2 ** 31) }: FlipChoice,
): Promise<readonly string[]> {
  const honest = textOf(await accept(bytes))
  const bits = 8 * bytes.length
  const count = bits <= WHOLE * flips ? bits : flips
  const accepted: string[] = []
  for (let flip = 0; flip < count; flip += 1) {
    const bit = (from + Math.floor((flip * bits) / count)) % bits
    const read = await readOrRefused(accept, flipped(bytes, bit))
    if (read !== undefined && textOf(read) !== honest) accepted.push(`bit ${String(bit)}`)
  }
  return accepted
}

async function readOrRefused(accept: Sealed['accept'], bytes: Uint8Array): Promise<unknown> {
  try {
    return await accept(bytes)
  } catch (error) {
    if (isAnyAmanaError(error)) return undefined
    throw error
  }
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const at = Math.floor(bit / 8)
  return bytes.with(at, (bytes[at] ?? 0) ^ (1 << (bit % 8)))
}

function textOf(value: unknown): string {
  const json: Json = z.json().parse(JSON.parse(JSON.stringify(value) ?? 'null'))
  return canonicalize(json)
}
