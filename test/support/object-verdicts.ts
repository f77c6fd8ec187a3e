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
  digest,
  encodeUtf8,
  GeneralJwsSchema,
  type OpeningKey,
  parseCanonical,
  parseDisclosure,
  parseDispatch,
  parseOpening,
  parseReceipt,
  parseSeal,
  parseStatement,
  privateKeyFromSeed,
  type Receiver,
  tallyNextCharter,
  type TrustView,
  type VerifiedCharter,
  type VerifiedRoster,
  verifyDisclosure,
  verifyDispatch,
  verifyFirstCharter,
  verifyNextCharter,
  verifyReceipt,
  verifyRecovery,
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
  trust: z.object({
    charter: object,
    later: z.array(object).default([]),
    rosters: z.array(object),
  }),
  receiver: z
    .object({
      agency: z.string(),
      carriedBy: z.string(),
      deskKeys: z.array(z.object({ seed: z.string() })),
      now: z.int(),
      previous: z.string(),
    })
    .optional(),
  documents: z
    .array(
      z.object({
        name,
        charter: object,
        later: z.array(object).default([]),
        rosters: z.array(object),
      }),
    )
    .default([]),
  charters: z
    .array(z.object({ name, charter: object, recovers: z.string().optional() }))
    .default([]),
  statements: z
    .array(z.object({ name, statement: object, opening: z.unknown().optional() }))
    .default([]),
  dispatches: z.array(z.object({ name, dispatch: object })).default([]),
  receipts: z.array(z.object({ name, dispatch: object, receipt: object })).default([]),
  disclosures: z
    .array(z.object({ name, disclosure: object, presentation: z.string() }))
    .default([]),
  presentations: z.array(z.object({ name, presentation: z.string() })).default([]),
  seals: z
    .array(z.object({ name, seal: z.string(), suite: z.enum(['A1', 'A2']).optional() }))
    .default([]),
  envelopes: z.array(z.object({ name, envelope: z.string() })).default([]),
})

/** The parts of a vector file that both verifiers judge; what is not there is empty. */
export interface ObjectVectors extends z.input<typeof ObjectVectorsSchema> {}

interface WholeVectors extends z.output<typeof ObjectVectorsSchema> {}

/** One case: `accepted` or a code; for an envelope its place and, for each statement, `closed` or a code. */
export interface ObjectVerdict {
  readonly part: string
  readonly name: string
  readonly found: string
}

/** Charters that follow each other from the first on, and rosters in the order in which they follow. */
async function viewOf(documents: WholeVectors['trust']): Promise<TrustView> {
  const charters = [await verifyFirstCharter(documents.charter, {})]
  for (const jws of documents.later) charters.push(await nextAfter(jws, charters.at(-1)))
  const rosters: VerifiedRoster[] = []
  for (const jws of documents.rosters) rosters.push(await rosterUnder(jws, charters))
  const charter = charters.at(-1)
  if (charter === undefined) throw new TypeError('no charter')
  return createTrustView({ charter, earlier: charters.slice(0, -1), rosters })
}

async function nextAfter(jws: unknown, previous?: VerifiedCharter): Promise<VerifiedCharter> {
  if (previous === undefined) return verifyFirstCharter(jws, {})
  const form = GeneralJwsSchema.safeParse(jws)
  if (!form.success) return verifyNextCharter(jws, { previous })
  const { recovers } = await tallyNextCharter(form.data, previous)
  if (recovers === undefined) return verifyNextCharter(jws, { previous })
  return (await verifyRecovery(form.data, { previous })).asHistory()
}

/** By the charter that names it; the rosters of these files each begin a chain. */
async function rosterUnder(
  jws: unknown,
  charters: readonly VerifiedCharter[],
): Promise<VerifiedRoster> {
  const own = digest(GeneralJwsSchema.parse(jws).payload)
  const naming = charters.find(({ payload }) =>
    Object.values(payload.agencies).some(({ roster }) => roster.digest === own),
  )
  const authority = naming ?? charters[0]
  if (authority === undefined) throw new TypeError('no charter')
  return verifyRoster(jws, { authority })
}

/** Our verdict on every case, in the order of the second verifier. A seal is judged from outside only. */
export async function ourVerdicts(given: ObjectVectors): Promise<readonly ObjectVerdict[]> {
  const vectors = ObjectVectorsSchema.parse(given)
  const trust = await viewOf(vectors.trust)
  const [first] = trust.charters
  const steps = [
    ...vectors.documents.map((one) => step('documents', one, async () => viewOf(one))),
    ...vectors.charters.map((one) =>
      step('charters', one, async () => {
        const { recovers } = await nextAfter(read(one.charter), first)
        if (recovers !== one.recovers) throw new TypeError(`recovers ${String(recovers)}`)
      }),
    ),
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
    ...vectors.disclosures.map((one) =>
      step('disclosures', one, async () =>
        verifyDisclosure(parseDisclosure(one.disclosure), one.presentation, trust),
      ),
    ),
    ...vectors.presentations.map((one) =>
      step('presentations', one, async () => verifyPresentation(one.presentation, trust)),
    ),
    ...vectors.seals.map((one) => step('seals', one, () => parseSeal(one.seal, one.suite ?? 'A2'))),
  ]
  const { receiver: told } = vectors
  const receiver = told === undefined ? undefined : await receiverOf(told, trust)
  const envelopes = vectors.envelopes.map(async ({ name: own, envelope }) => {
    if (receiver === undefined) throw new TypeError('no receiver')
    const { place, results } = await outcomeOf(encodeUtf8(envelope), receiver)
    const words = [place, ...results.map((result) => (result === 'opened' ? 'closed' : result))]
    return { part: 'envelopes', name: own, found: words.join(' ') }
  })
  return Promise.all([...steps, ...envelopes])
}

async function statementStep(
  { statement, opening }: WholeVectors['statements'][number],
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
async function receiverOf(
  receiver: NonNullable<WholeVectors['receiver']>,
  trust: TrustView,
): Promise<Receiver> {
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
    stagedAt: async () => undefined,
    statementOf: async () => undefined,
    deskKey: (keyId) => keys.find((key) => key.keyId === keyId),
  }
}
