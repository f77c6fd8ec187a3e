/**
 * What an officer of a partner desk does without a node: opens what her desk was sent and signs an answer for each
 * statement of it.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#answer-of-a-partner-desk
 */
import {
  AmanaError,
  DESK_ANSWER,
  decodeUtf8,
  expectedRetainUntil,
  type Json,
  type OpenedAtDesk,
  openedGroupsDigest,
  type OpeningKey,
  refusalClassOf,
  type SignedStatement,
  signStatement,
  type TrustView,
} from '@amana/core'
import { readPolicy, verifyMessageFile } from '@amana/verify'
import { contextOf } from '../statements/trust-context.ts'
import { systemRandom } from '../system.ts'
import { DeskSecretsSchema } from '../vault/agency-secrets.ts'
import { readKeystore } from '../vault/keystore-file.ts'
import { loadClassicKey, loadOpeningKey } from '../vault/load-keys.ts'
import { type UnlockedOfficer } from './signing.ts'

/** A partner desk whose keystore is open. */
export interface UnlockedDesk {
  readonly agency: string
  readonly id: string
  readonly key: OpeningKey
}

/** A desk's key from its keystore. @throws STORE_FILE, STORE_KEYSTORE, STORE_PASSPHRASE */
export async function unlockDesk(path: string, passphrase: string): Promise<UnlockedDesk> {
  const { agency, id, seed, suite } = await readKeystore(path, passphrase, DeskSecretsSchema)
  const key = suite === 'A1' ? await loadClassicKey(seed) : await loadOpeningKey(seed)
  return { agency, id, key }
}

/** A file and its bytes. */
export interface FileInHand {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Charters and rosters from a message file, under the policy that came another way.
 *
 * @throws CLI_NOT_VERIFIED when the file does not verify; TRUST_POLICY
 */
export async function trustOf({ bytes, path }: FileInHand, policy: Uint8Array): Promise<TrustView> {
  const chunks = (async function* () {
    yield bytes
  })()
  const { trust, verdict } = await verifyMessageFile(path, chunks, readPolicy(decodeUtf8(policy)))
  if (trust === undefined || verdict !== 'verified') {
    throw new AmanaError('CLI_NOT_VERIFIED', { path })
  }
  return trust
}

/** Who answers, under which documents. */
export interface Answering {
  readonly desk: Pick<UnlockedDesk, 'agency' | 'id'>
  readonly officer: UnlockedOfficer
  readonly trust: TrustView
  /** Seconds since 1970. */
  readonly now: number
}

/**
 * One answer for each statement of an envelope, in its order.
 *
 * @throws CLI_OFFICER when the newest roster does not let this officer answer for the desk
 */
export async function signAnswers(
  { dispatch, statements }: OpenedAtDesk,
  answering: Answering,
): Promise<readonly SignedStatement[]> {
  assertAnswers(answering)
  const { desk, now, officer, trust } = answering
  const peer = dispatch.content.from.agency
  const answers: SignedStatement[] = []
  for (const outcome of statements) {
    const { statement } = outcome
    if (statement === undefined) continue
    const { caveats, tlp } = statement.content.handling
    const answer = await signStatement({
      draft: {
        aud: [peer],
        context: contextOf(trust, [desk.agency, peer]),
        groups: { body: { desk: desk.id, dispatch: dispatch.digest, ...resultOf(outcome) } },
        handling: {
          caveats: caveats.filter((caveat) => caveat === 'test:data'),
          retainUntil: expectedRetainUntil(DESK_ANSWER, now),
          tlp: tlp === 'GREEN' ? 'AMBER' : tlp,
        },
        iat: now,
        iss: desk.agency,
        kind: DESK_ANSWER,
        relates: [{ digest: statement.digest, relation: 'answers' }],
      },
      signers: [{ act: 'author', key: officer.key }],
      random: systemRandom,
    })
    answers.push(answer)
  }
  return answers
}

function resultOf(outcome: OpenedAtDesk['statements'][number]): Readonly<Record<string, Json>> {
  return outcome.result === 'opened'
    ? { groups: openedGroupsDigest(outcome.opening), result: 'opened' }
    : { refusal: refusalClassOf(outcome.error), result: 'refused' }
}

function assertAnswers({ desk, now, officer, trust }: Answering): void {
  const { roles } = trust.officerKey(desk.agency, officer.key.keyId, now)
  const isAllowed = roles.includes('author:desk') && roles.includes(`desk:${desk.id}`)
  if (!isAllowed) throw new AmanaError('CLI_OFFICER', { id: officer.id })
}
