/**
 * What our verifier says of each case of a vector file of signed objects, in the words of the second verifier in
 * `examples/other-languages`, so that the two can be compared line by line.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#vectors
 */
import {
  assertOpens,
  createTrustView,
  decodeBase64url,
  encodeUtf8,
  type OpeningKey,
  parseCanonical,
  parseDispatch,
  parseOpening,
  parseReceipt,
  parseSeal,
  parseStatement,
  privateKeyFromSeed,
  type Receiver,
  type TrustView,
  verifyDispatch,
  verifyFirstCharter,
  verifyReceipt,
  verifyRoster,
  verifyStatement,
} from '@amana/core'
import { verifyPresentation } from '@amana/verify'
import { z } from 'zod'
import { codeOf, outcomeOf } from './envelope-fixture.ts'

const name = z.string()
/** A signed object; in a case about single bytes its text. */
const object = z.unknown()

/** The parts of a vector file that both verifiers judge. */
export const ObjectVectorsSchema = z.object({
  trust: z.object({ charter: object, rosters: z.array(object) }),
  receiver: z.object({
    agency: z.string(),
    carriedBy: z.string(),
    deskKeys: z.array(z.object({ seed: z.string() })),
    now: z.int(),
    previous: z.string(),
  }),
  statements: z
    .array(z.object({ name, statement: object, opening: z.unknown().optional() }))
    .default([]),
  dispatches: z.array(z.object({ name, dispatch: object })).default([]),
  receipts: z.array(z.object({ name, dispatch: object, receipt: object })).default([]),
  presentations: z.array(z.object({ name, presentation: z.string() })).default([]),
  seals: z.array(z.object({ name, seal: z.string(), suite: z.enum(['A1', 'A2']).optional() })),
  envelopes: z.array(z.object({ name, envelope: z.string() })),
})

/** The parts of a vector file that both verifiers judge. */
export interface ObjectVectors extends z.output<typeof ObjectVectorsSchema> {}

/** One case: `accepted` or a code; for an envelope its place and, for each statement, `closed` or a code. */
export interface ObjectVerdict {
  readonly part: string
  readonly name: string
  readonly found: string
}

/** Charter and rosters of a vector file, as history. */
export async function trustOfVectors({ trust }: ObjectVectors): Promise<TrustView> {
  const charter = await verifyFirstCharter(trust.charter, {})
  const rosters = trust.rosters.map(async (roster) => verifyRoster(roster, { authority: charter }))
  return createTrustView({ charter, rosters: await Promise.all(rosters) })
}

/** Our verdict on every case, in the order of the second verifier. A seal is judged from outside only. */
export async function ourVerdicts(vectors: ObjectVectors): Promise<readonly ObjectVerdict[]> {
  const trust = await trustOfVectors(vectors)
  const receiver = await receiverOf(vectors, trust)
  const steps = [
    ...vectors.statements.map((one) =>
      step('statements', one, async () => statementStep(one, trust)),
    ),
    ...vectors.dispatches.map((one) =>
      step('dispatches', one, async () => verifyDispatch(parseDispatch(read(one.dispatch)), trust)),
    ),
    ...vectors.receipts.map((one) =>
      step('receipts', one, async () =>
        verifyReceipt(parseReceipt(read(one.receipt)), parseDispatch(one.dispatch), trust),
      ),
    ),
    ...vectors.presentations.map((one) =>
      step('presentations', one, async () => verifyPresentation(one.presentation, trust)),
    ),
    ...vectors.seals.map((one) => step('seals', one, () => parseSeal(one.seal, one.suite ?? 'A2'))),
  ]
  const envelopes = vectors.envelopes.map(async ({ name: own, envelope }) => {
    const { place, results } = await outcomeOf(encodeUtf8(envelope), receiver)
    const words = [place, ...results.map((result) => (result === 'opened' ? 'closed' : result))]
    return { part: 'envelopes', name: own, found: words.join(' ') }
  })
  return Promise.all([...steps, ...envelopes])
}

async function statementStep(
  { statement, opening }: ObjectVectors['statements'][number],
  trust: TrustView,
): Promise<void> {
  const { content } = await verifyStatement(parseStatement(read(statement)), trust)
  if (opening !== undefined) assertOpens(content, parseOpening(opening))
}

async function step(
  part: string,
  { name: own }: { readonly name: string },
  judge: () => unknown,
): Promise<ObjectVerdict> {
  const code = await codeOf(judge)
  return { part, name: own, found: code === 'none' ? 'accepted' : code }
}

function read(value: unknown): unknown {
  return typeof value === 'string' ? parseCanonical(encodeUtf8(value), 1_048_576) : value
}

/** A receiver to whom nothing came before. */
async function receiverOf({ receiver }: ObjectVectors, trust: TrustView): Promise<Receiver> {
  const isClassic = trust.charter.payload.suites.join(' ') === 'A1'
  const keyOf = async (seed: Uint8Array): Promise<OpeningKey> =>
    isClassic ? privateKeyFromSeed('ECDH-ES+A256KW', seed) : privateKeyFromSeed('HPKE-9-KE', seed)
  const seeds = receiver.deskKeys.map(({ seed }) => decodeBase64url(seed))
  const keys = await Promise.all(seeds.map(async (seed) => keyOf(seed)))
  const { agency, carriedBy, now, previous } = receiver
  return {
    agency,
    carriedBy,
    now,
    trust,
    headOf: async () => ({ sequence: 0, digest: previous, sentAt: 0, acknowledged: 0 }),
    dispatchAt: async () => undefined,
    ownDispatchAt: async () => undefined,
    sentTo: async () => undefined,
    statementOf: async () => undefined,
    deskKey: (keyId) => keys.find((key) => key.keyId === keyId),
  }
}
