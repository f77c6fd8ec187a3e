/**
 * What a carrier takes from one node to another, without files: deposits as bytes.
 *
 * @module
 * @spec docs/spec/09-carriers.md#what-is-carried
 */
import { Arrivals, type Taken } from '../../apps/node/src/carriers/arrivals.ts'
import { departures } from '../../apps/node/src/carriers/departures.ts'
import { sealFrame } from '../../apps/node/src/carriers/deposits.ts'
import { type CarriedType } from '../../apps/node/src/ports.ts'
import { type Side } from './node-fixture.ts'

/** Everything that goes to the other agency now, or all of one type. */
export async function carriedBytes(side: Side, type?: CarriedType): Promise<readonly Uint8Array[]> {
  const deposits: Uint8Array[] = []
  const start = type === undefined ? undefined : { type, after: 0 }
  for await (const departure of departures(side.parts, 'file', start)) {
    if (type !== undefined && departure.type !== type) break
    const body = await departure.read()
    if (body === undefined) continue
    deposits.push(await sealFrame(side.parts, { type: departure.type, body }))
  }
  return deposits
}

/** Lets a node take deposits in. Throws when one is refused. */
export async function takeAll(
  side: Side,
  deposits: readonly Uint8Array[],
): Promise<readonly Taken[]> {
  const taken: Taken[] = []
  for (const bytes of deposits) taken.push(await new Arrivals(side.parts).take(bytes))
  const refused = taken.find((one) => one.result === 'refused')
  if (refused !== undefined) throw new Error(`refused: ${JSON.stringify(refused)}`)
  return taken
}
