/**
 * Requests to cosign as a node makes them, or as its own keys sign them over any root, and what the witness holds.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#witnessing
 */
import { decodeUtf8, formatWitnessRequest, type NoteSigner, signCheckpoint } from '@amana/core'
import { listRecords, RECORDS } from '../../apps/node/src/records.ts'
import { type Side } from './node-fixture.ts'
import { random } from './store-fixture.ts'

/** The request to cosign the newest head. Throws when there is none. */
export async function requestOf({ parts }: Side): Promise<Uint8Array> {
  parts.witness.touch()
  const request = await parts.witness.request()
  if (request === undefined) throw new Error('nothing to cosign')
  return request
}

/** What the witness says. */
export async function answerOf(witness: Side, request: Uint8Array): Promise<string> {
  return decodeUtf8(await witness.parts.witness.answer(request, witness.peer))
}

/** Keys of the witness's records of a log: what it cosigned last, and what it holds against it. */
export async function heldOf({ parts }: Side): Promise<readonly string[]> {
  const cosigned = await listRecords(parts.store, RECORDS.witness, { limit: 9 })
  const conflicts = await listRecords(parts.store, RECORDS.conflict, { limit: 9 })
  return [...conflicts, ...cosigned].map(({ key }) => key)
}

/** The keys of a node's log. */
export function logSigners({ parts }: Side): readonly NoteSigner[] {
  return [parts.keys.log.ed25519, parts.keys.log.mlDsa44]
}

/** A request for a head that the log's own keys signed over any root. */
export async function invented(
  side: Side,
  head: { readonly oldSize: number; readonly size: number },
  signers = logSigners(side),
): Promise<Uint8Array> {
  const { size, oldSize } = head
  const root = random(32)
  const note = await signCheckpoint({ origin: side.parts.origin, size, root }, signers, 1)
  const proof = oldSize === size ? [] : [random(32), random(32)]
  return formatWitnessRequest({ oldSize, proof, note })
}

/** Names of logs that the witness tells of from now on. */
export function alarmsOf({ parts }: Side): readonly string[] {
  const alarms: string[] = []
  parts.witness.onConflict((origin) => alarms.push(origin))
  return alarms
}
