/**
 * Wrote dictionary 1 of the frame compression: envelopes and receipts of invented messages. A seal is random, so every
 * run gives other bytes: this one shows how the dictionary came to be, and the next one gets a new number.
 *
 * @module
 * @spec docs/spec/08-exchange.md#compression
 */
import { writeFile } from 'node:fs/promises'
import {
  buildEnvelope,
  channelGenesis,
  concatBytes,
  type Digest,
  digest,
  encodeBase64,
  encodeCanonical,
  encodeUtf8,
  expectedRetainUntil,
  type GeneralJws,
  type Json,
  keysOfSuite,
  type PrivateKey,
  type SignedStatement,
  signReceipt,
  signStatement,
  ownDesk,
} from '@amana/core'
import { NOW, seededRandom, twoAgencies } from '../../support/agencies.ts'

const LINE = 100
const random = seededRandom('dictionary 1')
const { naptip, anltp, trust } = await twoAgencies()
const kids = naptip.desks.protection
const context = {
  charter: trust.charter.digest,
  rosters: { 'ne.anltp-tim': anltp.roster.digest, 'ng.naptip': naptip.roster.digest },
}

const PLACE = {
  referral: 'NE-ANLTP-21-7K3QX9M4-8',
  occurredAt: '2021-06-17T10:00:00Z',
  sequence: 1,
}
const REFERRAL = Object.fromEntries(
  'routing person identity safeContact contact travel child safety risk needs healthSummary health fitness exploitation investigation consent custody placement statistics'
    .split(' ')
    .map((name) => [name, {}]),
)
const SAMPLES: readonly {
  kind: string
  groups: Record<string, Record<string, Json>>
  approved: boolean
}[] = [
  { kind: 'task.clearance/1', groups: { routing: {}, travel: {} }, approved: false },
  { kind: 'handover.receipt/1', groups: { body: { ...PLACE, act: 'receipt' } }, approved: false },
  { kind: 'referral.event/1', groups: { body: { ...PLACE, event: 'submit' } }, approved: false },
  { kind: 'victim.referral/1', groups: REFERRAL, approved: true },
]

const channel = 'ne.anltp-tim>ng.naptip'
const parts: Uint8Array[] = []
for (const sample of SAMPLES) parts.push(...(await bytesOf(sample)))
const dictionary = concatBytes(...parts)
const text = encodeBase64(dictionary)
const lines = (text.match(new RegExp(`.{1,${String(LINE)}}`, 'g')) ?? []).map(
  (line) => `  '${line}'`,
)
await writeFile(
  new URL('../../../apps/node/src/exchange/dictionary-1.ts', import.meta.url),
  `/**
 * Dictionary 1 of the frame compression, made by \`test/vectors/exchange/write-dictionary.ts\`. Its SHA-256 stands in the specification;
 * it never changes.
 *
 * @module
 * @spec docs/spec/08-exchange.md#compression
 */

/** ${String(dictionary.byteLength)} bytes in base64; SHA-256 ${digest(dictionary)} in base64url. */
export const DICTIONARY_1 = [
${lines.join(',\n')},
].join('')
`,
)

async function bytesOf(sample: (typeof SAMPLES)[number]): Promise<readonly Uint8Array[]> {
  const statement = await statementOf(sample)
  const previous = channelGenesis({
    channel,
    senderGenesis: digest('a'),
    receiverGenesis: digest('b'),
  })
  const keys = keysOfSuite('A2', [
    { keyId: kids.keyId, jwk: kids.publicJwk, admitted: true as const },
  ])
  const built = await buildEnvelope({
    statements: [statement],
    from: { agency: 'ne.anltp-tim', node: anltp.peerId },
    to: { agency: 'ng.naptip', desk: ownDesk('protection'), keys },
    place: { acknowledges: { digest: previous, sequence: 1 }, channel, previous, sequence: 1 },
    context,
    sentAt: NOW,
    sealKey: anltp.sealKey,
    random,
  })
  const receipt = await receiptFor(built.digest, statement.digest)
  return [encodeCanonical({ ...receipt }), withoutSeal(built.bytes)]
}

async function statementOf(sample: (typeof SAMPLES)[number]): Promise<SignedStatement> {
  const author = officer('author')
  const approvals = sample.approved ? [{ key: officer('approver'), act: 'approve' as const }] : []
  return signStatement({
    draft: {
      aud: ['ng.naptip'],
      context,
      groups: sample.groups,
      handling: {
        caveats: ['dist:bilateral', 'test:data'],
        retainUntil: expectedRetainUntil(sample.kind, NOW),
        tlp: 'AMBER+STRICT',
      },
      iat: NOW,
      iss: 'ne.anltp-tim',
      kind: sample.kind,
    },
    signers: [{ key: author, act: 'author' }, ...approvals],
    random,
  })
}

function officer(id: string): PrivateKey<'Ed25519'> {
  const key = anltp.officers[id]
  if (key === undefined) throw new Error(`no officer ${id}`)
  return key
}

async function receiptFor(dispatch: Digest, statement: Digest): Promise<GeneralJws> {
  const leaf = { hash: digest('l'), sequence: 1 }
  return signReceipt(
    {
      channel,
      dispatch,
      issuedAt: NOW,
      log: naptip.origin,
      receiver: { agency: 'ng.naptip', node: naptip.peerId },
      results: [{ groups: digest('g'), leaf, result: 'opened', statement }],
      sequence: 1,
      v: 1,
    },
    naptip.sealKey,
  )
}

/** The random part of a seal helps no other message. */
function withoutSeal(bytes: Uint8Array): Uint8Array {
  return encodeUtf8(
    new TextDecoder()
      .decode(bytes)
      .replace(/(ciphertext\\":\\")[^\\]*/, '$1')
      .replace(/(ek\\":\\")[^\\]*/, '$1')
      .replace(/(encrypted_key\\":\\")[^\\]*/, '$1'),
  )
}
