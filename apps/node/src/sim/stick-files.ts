/**
 * The files of a stick as a machine writes and reads them.
 *
 * @module
 * @spec docs/spec/12-simulation.md#carriers
 */
import { isAnyAmanaError } from '@amana/core'
import { Arrivals } from '../carriers/arrivals.ts'
import { departures } from '../carriers/departures.ts'
import { sealFrame } from '../carriers/deposits.ts'
import { type NodeParts } from '../node-parts.ts'

type Files = readonly Uint8Array[]

/** All files of a stick that is written now; none where the node ends over it. */
export async function filesOf(parts: NodeParts): Promise<Files> {
  const files: Uint8Array[] = []
  try {
    await parts.trust.settle()
    for await (const departure of departures(parts, 'file')) {
      const body = await departure.read()
      if (body === undefined) continue
      files.push(await sealFrame(parts, { type: departure.type, body }))
    }
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
    return []
  }
  return files
}

/** Takes in what a stick brought; how many files of it were new. */
export async function takeFiles(parts: NodeParts, files: Files): Promise<number> {
  const arrivals = new Arrivals(parts)
  let taken = 0
  try {
    for (const file of files) if ((await arrivals.take(file)).result === 'taken') taken += 1
  } catch (error) {
    if (!isAnyAmanaError(error)) throw error
  }
  return taken
}
