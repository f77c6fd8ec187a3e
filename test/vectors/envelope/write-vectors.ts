/**
 * Writes `envelope.json`: statements, seals, dispatches, envelopes, receipts and presentations that must be accepted, and
 * at least as many that must be refused, each with its code. Keys, ids, seeds and times are fixed. The wrap of a content
 * key draws its own randomness, and charter signatures do, so the file is kept as it was first made.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#vectors
 */
import { writeFile } from 'node:fs/promises'
import { encodeBase64url, type Json } from '@amana/core'
import { NOW } from '../../support/agencies.ts'
import { CHANNEL, makeWorld } from '../../support/envelope-fixture.ts'
import { envelopeVectors, voidVectors } from './envelope-cases.ts'
import { presentationVectors, statementVectors } from './statement-cases.ts'
import { dispatchVectors, receiptVectors, sealVectors } from './node-cases.ts'

const world = await makeWorld()
const { receiver, sender, trust } = world
const rosters = [sender, receiver].map(({ id }) => trust.rosterOf(id).jws)

const vectors: Json = {
  about:
    'The channel ne.anltp-tim>ng.naptip. "code" is that of docs/spec/errors.md; what has none is accepted. All keys and persons are invented.',
  trust: { charter: { ...trust.charter.jws }, rosters: rosters.map((jws) => ({ ...jws })) },
  receiver: {
    agency: receiver.id,
    carriedBy: sender.peerId,
    channel: CHANNEL,
    deskKeys: Object.values(receiver.desks).map(({ keyId, seed }) => ({
      kid: keyId,
      seed: encodeBase64url(seed),
    })),
    now: NOW,
    previous: world.genesis,
  },
  statements: await statementVectors(world),
  seals: await sealVectors(world),
  dispatches: await dispatchVectors(world),
  envelopes: [...(await envelopeVectors(world)), ...(await voidVectors(world))],
  receipts: await receiptVectors(world),
  presentations: await presentationVectors(world),
}

await writeFile(new URL('envelope.json', import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`)
