/**
 * One bit changed anywhere in a presentation: it is refused, or it is the white space at its end, which is passed over.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#presentation
 */
import { decodeUtf8, encodeUtf8 } from '@amana/core'
import { expect, inject, it } from 'vitest'
import { acceptedFlips } from '../../../test/support/fuzz/bit-flips.ts'
import { coreSamples } from '../../../test/support/fuzz/core-samples.ts'
import { verifyPresentation } from './presentation.ts'

/** Flips for each run of the readers. */
const FLIPS_PER_RUN = 4
const TIMEOUT_MS = 120_000

const { presentation, world } = await coreSamples()

it(
  'is refused when one bit of it is changed, or reads the same',
  { timeout: TIMEOUT_MS },
  async () => {
    const { runs, seed } = inject('fuzz')
    const sealed = {
      bytes: encodeUtf8(presentation),
      accept: async (bytes: Uint8Array) => {
        const { author, groups, hidden, statement } = await verifyPresentation(
          decodeUtf8(bytes),
          world.trust,
        )
        return { author, groups, hidden, statement: statement.signed.jws }
      },
    }
    const choice = { flips: FLIPS_PER_RUN * runs, ...(seed === undefined ? {} : { from: seed }) }
    expect(await acceptedFlips(sealed, choice)).toEqual([])
  },
)
