/**
 * The readers of what two officers hand each other: a file, its parts, who signed.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#file
 */
import {
  encodeOffer,
  joinHandOver,
  parseHandOver,
  splitHandOver,
  verifyHandOver,
} from '@amana/core'
import { makeWorld } from '../envelope-fixture.ts'
import { offered } from '../hand-over.ts'
import { ofBytes, ofText, type Reader, seldom } from './reader.ts'

/** Of the core. */
export async function handOverReaders(): Promise<readonly Reader[]> {
  const world = await makeWorld()
  const bytes = encodeOffer(await offered(world), {})
  return [
    ofBytes('parseHandOver', bytes, parseHandOver),
    seldom(
      ofBytes('verifyHandOver', bytes, async (changed) =>
        verifyHandOver(parseHandOver(changed), world.trust),
      ),
      10,
    ),
    ofText('joinHandOver', splitHandOver(bytes).join('\n'), (text) =>
      joinHandOver(text.split('\n')),
    ),
  ]
}
