/**
 * Writes `envelope.json`: statements, seals, dispatches, envelopes, receipts and presentations that must be accepted, and
 * at least as many that must be refused, each with its code; and `envelope-a1.json`, seals and envelopes under a charter
 * of suite A1. Keys, ids, seeds and times are fixed. The wrap of a content key of A2 draws its own randomness, and charter
 * signatures do, so a file that is there is kept as it was first made: take it away to have it made again.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#vectors
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { encodeBase64url, type Json } from '@amana/core'
import { NOW } from '../../support/agencies.ts'
import { CHANNEL, makeWorld, type World } from '../../support/envelope-fixture.ts'
import { envelopesOfA1, sealsOfA1 } from './a1-cases.ts'
import { envelopeVectors, voidVectors } from './envelope-cases.ts'
import { presentationVectors, statementVectors } from './statement-cases.ts'
import { dispatchVectors, receiptVectors, sealVectors } from './node-cases.ts'

const ABOUT =
  'The channel ne.anltp-tim>ng.naptip. "code" is that of docs/spec/errors.md; what has none is accepted. All keys and persons are invented.'

function headOf({ receiver, sender, trust, genesis }: World): { readonly [member: string]: Json } {
  const rosters = [sender, receiver].map(({ id }) => trust.rosterOf(id).jws)
  return {
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
      previous: genesis,
    },
  }
}

async function write(name: string, made: () => Promise<Json>): Promise<void> {
  const file = new URL(name, import.meta.url)
  if (!existsSync(file)) await writeFile(file, `${JSON.stringify(await made(), null, 1)}\n`)
}

const world = await makeWorld()
const classic = await makeWorld('A1')
await write('envelope.json', async () => ({
  about: ABOUT,
  ...headOf(world),
  statements: await statementVectors(world),
  seals: await sealVectors(world),
  dispatches: await dispatchVectors(world),
  envelopes: [...(await envelopeVectors(world)), ...(await voidVectors(world))],
  receipts: await receiptVectors(world),
  presentations: await presentationVectors(world),
}))
await write('envelope-a1.json', async () => ({
  about: `${ABOUT} The charter lists suite A1 alone. "drawn" is what was drawn for a seal, in order: content key, vector, one ephemeral key a recipient.`,
  ...headOf(classic),
  seals: await sealsOfA1(classic),
  envelopes: await envelopesOfA1(classic),
}))
