/**
 * Writes the vectors of signed objects: `envelope/envelope.json` with statements, seals, dispatches, envelopes, receipts
 * and presentations, `envelope/envelope-a1.json` with seals and envelopes under a charter of suite A1, `trust/charters.json`
 * with charters after the first, `files/disclosures.json` and `files/message-files.json`, `carriers/deposits.json` and `hand-over/hand-over.json`, `receipts/stages.json`. In each at least as many must be
 * refused as accepted, each with its code. Keys, ids, seeds and times are fixed. The wrap of a content key of A2 draws its
 * own randomness, and charter signatures do, so a file that is there is kept as it was first made, and
 * `test/gates/golden-files.test.ts` refuses any other.
 *
 * @module
 * @spec docs/spec/00-overview.md#golden-files
 */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { encodeBase64url, type Json } from '@amana/core'
import { NOW } from '../support/agencies.ts'
import { CHANNEL, makeWorld, type World } from '../support/envelope-fixture.ts'
import { jsonOf } from '../support/trust-fixture.ts'
import { testDepositKey } from '../support/crafted-deposit.ts'
import { depositVectors } from './carriers/deposit-cases.ts'
import { envelopesOfA1, sealsOfA1 } from './envelope/a1-cases.ts'
import { envelopeVectors, voidVectors } from './envelope/envelope-cases.ts'
import { presentationVectors, statementVectors } from './envelope/statement-cases.ts'
import { dispatchVectors, receiptVectors, sealVectors } from './envelope/node-cases.ts'
import { disclosureVectors } from './files/disclosure-cases.ts'
import { fileVectors } from './files/message-cases.ts'
import { fileCases, partCases } from './hand-over/hand-over-cases.ts'
import { stageVectors } from './receipts/stage-cases.ts'
import { chartersWorld, charterVectors } from './trust/charter-cases.ts'
import { chainVectors, namingVectors, threeCharters } from './trust/naming-cases.ts'

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

function trustOf({ receiver, sender, trust }: World): Json {
  const rosters = [sender, receiver].map(({ id }) => trust.rosterOf(id).jws)
  return jsonOf({ charter: trust.charter.jws, rosters })
}

async function charters(): Promise<Json> {
  const pair = await chartersWorld()
  const three = await threeCharters(pair)
  const [charter, ...later] = three.map(({ jws }) => jws)
  return jsonOf({
    about:
      'Every charter is judged as version 2 after that of "trust", as history; "recovers" names the agency whose recovery pair signed for it. Every statement is judged under the three charters of "trust". "documents" are charters from version 1 on with their rosters. "code" is that of docs/spec/errors.md; what has none is accepted.',
    trust: { charter, later, rosters: [pair.naptip.roster.jws, pair.anltp.roster.jws] },
    charters: await charterVectors(pair),
    statements: await namingVectors(pair, three),
    documents: await chainVectors(pair),
  })
}

/** Files as pieces: a number stands for that line and its newline, since files share long lines. */
async function messageFiles(): Promise<Json> {
  const cases = await fileVectors()
  const policies = [...new Set(cases.map(({ policy }) => policy))]
  const lines: string[] = []
  const pieceOf = (piece: string): number | string => {
    if (piece.length < 300 || !piece.endsWith('\n')) return piece
    const line = piece.slice(0, -1)
    if (!lines.includes(line)) lines.push(line)
    return lines.indexOf(line)
  }
  const files = cases.map(({ name, policy, says, text }) => ({
    name,
    policy: policies.indexOf(policy),
    says,
    pieces: text.split(/(?<=\n)/).map((piece) => pieceOf(piece)),
  }))
  return jsonOf({
    about:
      'A file is its pieces, one after the other; a number stands for that one of "lines" and a newline. "policy" is that one of "policies". "says" has every finding that fails, with the code behind it after a colon, or the code with which the file is refused while it is read; REFUSED fails nothing. A file of which nothing is said is accepted.',
    policies,
    files,
    lines,
  })
}

async function write(name: string, made: () => Promise<Json>): Promise<void> {
  const file = new URL(name, import.meta.url)
  if (!existsSync(file)) await writeFile(file, `${JSON.stringify(await made(), null, 1)}\n`)
}

await write('trust/charters.json', charters)
await write('files/message-files.json', messageFiles)
const world = await makeWorld()
const classic = await makeWorld('A1')
await write('envelope/envelope.json', async () => ({
  about: ABOUT,
  ...headOf(world),
  statements: await statementVectors(world),
  seals: await sealVectors(world),
  dispatches: await dispatchVectors(world),
  envelopes: [...(await envelopeVectors(world)), ...(await voidVectors(world))],
  receipts: await receiptVectors(world),
  presentations: await presentationVectors(world),
}))
await write('envelope/envelope-a1.json', async () => ({
  about: `${ABOUT} The charter lists suite A1 alone. "drawn" is what was drawn for a seal, in order: content key, vector, one ephemeral key a recipient.`,
  ...headOf(classic),
  seals: await sealsOfA1(classic),
  envelopes: await envelopesOfA1(classic),
}))
await write('files/disclosures.json', async () => ({
  about:
    'Signed disclosures with the presentation that they are of. "code" is that of docs/spec/errors.md; what has none is accepted.',
  trust: trustOf(world),
  disclosures: await disclosureVectors(world),
}))
await write('carriers/deposits.json', async () => {
  const { keyId, seed } = await testDepositKey()
  return {
    about:
      'Deposits for one key. "code" is that of docs/spec/errors.md; what has none opens to "frame".',
    key: { kid: keyId, seed: encodeBase64url(seed) },
    deposits: [...(await depositVectors())],
  }
})
await write('hand-over/hand-over.json', async () => ({
  about:
    'Files of hand-overs under the documents of "trust", and files in parts. "code" is that of docs/spec/errors.md; of the others "says" is the verdict over who signed.',
  trust: trustOf(world),
  files: [...(await fileCases(world))],
  parts: [...(await partCases(world))],
}))
await write('receipts/stages.json', async () => ({
  about:
    '"message" is the message that a receipt names, as its sender knows it; null where it was not sent. What has a "reason" is refused with WIRE_STAGE and that reason, the others are accepted.',
  trust: trustOf(world),
  receipts: await stageVectors(world),
}))
