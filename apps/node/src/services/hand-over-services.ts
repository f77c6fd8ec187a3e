/**
 * What an officer at a hand-over asks his node: who signed a file, whether it is here, and where his own statement stands.
 * Nothing of a person is told.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#beside-a-node
 */
import {
  computeReferral,
  DigestSchema,
  encodeUtf8,
  type HandOverPlace,
  parseHandOver,
  verifyHandOver,
} from '@amana/core'
import { acting } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { referralStatements } from '../statements/referral-statements.ts'
import { logListed } from './listed.ts'

type HandOverServices = Pick<NodeServices, 'handOver'>
type Told = Partial<ServiceResults['handOver']>

/** The one method about hand-overs. */
export function createHandOverServices(parts: NodeParts): HandOverServices {
  const { agency } = parts
  return {
    handOver: async (input) => {
      const { file, keyId } = input
      return {
        agency,
        ...(file === undefined ? {} : await fileTold(parts, file)),
        ...(keyId === undefined ? {} : officerTold(parts, keyId)),
        ...(await referralTold(parts, input)),
      }
    },
  }
}

/** @throws as `parseHandOver` and `verifyHandOver` */
async function fileTold({ ledger, trust }: NodeParts, file: string): Promise<Told> {
  const half = parseHandOver(encodeUtf8(file))
  const check = await verifyHandOver(half, trust.view())
  const { digest } = half.statement
  const isKnown = (await ledger.find(digest)) !== undefined
  if (half.part === 'offer') return { check, isKnown }
  return { check, isKnown, isOfferKnown: (await ledger.find(half.offer)) !== undefined }
}

/** By the newest own roster. */
function officerTold({ trust }: NodeParts, keyId: string): Told {
  const { keys, payload } = trust.ownRoster
  const publicKey = keys.byKeyId.get(keyId)?.publicKey
  const officer = payload.officers.find(({ key }) => key.x === publicKey)
  return officer === undefined ? {} : { organisation: officer.organisation }
}

/** The last statement of each agency, once its leaf is durable; of a referral that nobody knows here, none. */
async function referralTold(parts: NodeParts, input: ServiceInput<'handOver'>): Promise<Told> {
  const { reference } = input
  if (reference === undefined) return {}
  return acting(parts, { act: 'list', method: 'handOver', input }, async (who) => {
    await logListed(parts, { asked: input, who, what: 'referrals', count: 1, query: reference })
    return placesIn(parts, reference)
  })
}

async function placesIn({ ledger, store }: NodeParts, reference: string): Promise<Told> {
  const records = await ledger.ofReferral(reference)
  const known = await referralStatements({ ledger, store }, records)
  const { exercise, steps } = computeReferral(reference, known, BEFORE)
  const places: Record<string, HandOverPlace> = {}
  for (const { by, statement } of steps) {
    const sequence = (places[by.agency]?.sequence ?? 0) + 1
    places[by.agency] = { digest: DigestSchema.parse(statement), sequence }
  }
  return { exercise: exercise === true, places }
}

/** Clocks are not asked for. */
const BEFORE = '1970-01-01T00:00:00Z'
