/**
 * A partner desk that ANLTP/TIM's node hosts, in tests between two nodes: what it is sent, opens and answers.
 *
 * @module
 * @spec docs/spec/08-exchange.md#several-desks
 */
import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DigestSchema,
  type Json,
  openAtDesk,
  openedGroupsDigest,
  type SignedStatement,
  signStatement,
} from '@amana/core'
import { createMessageServices } from '../../apps/node/src/services/message-services.ts'
import { contextOf } from '../../apps/node/src/statements/trust-context.ts'
import { seededRandom } from './agencies.ts'
import {
  adoptNext,
  beginTalk,
  carryAll,
  queue,
  type Side,
  signedBy,
  type Talk,
} from './node-fixture.ts'
import { type PartnerKeys, partnerKeys, partnerLists, SHELTER } from './partner-desk.ts'
import { random } from './store-fixture.ts'

/** Two nodes, and the keys of the desk that one of them hosts. */
export interface Hosted extends Talk {
  readonly keys: PartnerKeys
}

/** Two nodes of which ANLTP/TIM’s hosts a shelter. */
export async function beginHosted(
  roles: Parameters<typeof partnerLists>[2]['roles'] = ['shelter'],
): Promise<Hosted> {
  const talk = await beginTalk()
  const keys = await partnerKeys(seededRandom('partner'))
  const { payload } = talk.anltp.parts.trust.ownRoster
  const lists = await partnerLists(payload, keys, { now: talk.clock.now(), roles })
  await adoptNext(talk.anltp, talk.naptip, lists)
  return { ...talk, keys }
}

/** How a statement stands at each desk. */
export async function statesOf({ parts }: Side, statement: string): Promise<readonly string[]> {
  const messages = await createMessageServices(parts).messages({ limit: 9 })
  const desks = messages.find(({ digest: own }) => own === statement)?.desks ?? []
  return desks.map(({ desk, state }) => `${desk} ${state}`)
}

/** A referral that both desks were sent, and what the shelter found when it opened its file. */
export interface Opened {
  readonly statement: string
  readonly dispatch: string
  readonly groups: string
}

/** Sends a referral to the desk of its kind and to the shelter, and opens it there. */
export async function sendToBoth({ anltp, keys, naptip }: Hosted): Promise<Opened> {
  const signed = await signedBy(naptip, 'victim.referral/1')
  await queue(naptip, signed, [SHELTER])
  await carryAll(naptip, anltp)
  return openedAtDesk({ anltp, keys }, signed.digest)
}

/** What the shelter finds in the file of a statement that it was sent. Throws when it does not open. */
export async function openedAtDesk(
  { anltp, keys }: Pick<Hosted, 'anltp' | 'keys'>,
  statement: string,
): Promise<Opened> {
  const to = join(await mkdtemp(join(tmpdir(), 'amana-desk-')), 'case.amana.json')
  const asked = { desk: SHELTER, digest: statement, purpose: 'protection', to } as const
  await createMessageServices(anltp.parts).exportEnvelope(asked)
  const bytes = new Uint8Array(await readFile(to))
  const { agency, clock, trust } = anltp.parts
  const reader = { agency, desk: SHELTER, key: keys.desk, now: clock.now(), trust: trust.view() }
  const { dispatch, statements } = await openAtDesk(bytes, reader)
  const [opened] = statements
  if (opened?.result !== 'opened') throw new Error('not opened')
  return { statement, dispatch: dispatch.digest, groups: openedGroupsDigest(opened.opening) }
}

/** The officer's answer, with another body where one is given. */
export async function answer(
  { anltp, keys }: Pick<Hosted, 'anltp' | 'keys'>,
  { dispatch, groups, statement }: Opened,
  body: Readonly<Record<string, Json>> = { groups, result: 'opened' },
): Promise<SignedStatement> {
  const { agency, clock, trust } = anltp.parts
  return signStatement({
    draft: {
      aud: [anltp.peer],
      context: contextOf(trust.view(), [agency, anltp.peer]),
      groups: { body: { desk: SHELTER, dispatch, ...body } },
      handling: { caveats: ['test:data'], retainUntil: retainUntil(clock.now()), tlp: 'AMBER' },
      iat: clock.now(),
      iss: agency,
      kind: 'desk.answer/1',
      relates: [{ digest: DigestSchema.parse(statement), relation: 'answers' }],
    },
    signers: [{ act: 'author', key: keys.officer }],
    random,
  })
}

function retainUntil(now: number): string {
  return `${String(new Date(now * 1000).getUTCFullYear() + 5)}-12-31`
}

/** Hands an answer in at the node that hosts the desk. */
export async function handIn({ parts }: Side, signed: SignedStatement): Promise<unknown> {
  return submitTo(createMessageServices(parts), signed)
}

/** The same at services that a test has. */
export async function submitTo(
  { submit }: ReturnType<typeof createMessageServices>,
  signed: SignedStatement,
): Promise<unknown> {
  const { payload, signatures } = signed.statement
  return submit({
    statement: { payload, signatures: signatures.map((one) => ({ ...one })) },
    opening: { ...signed.opening },
    dryRun: false,
  })
}
