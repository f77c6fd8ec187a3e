/**
 * What an officer's program does: reads a draft, signs it with the officer's own key, and hands it to the node with the
 * opening. The node alone can sign for nobody.
 *
 * @module
 * @spec docs/spec/03-statement-and-seal.md#statement
 */
import {
  approveStatement,
  type Draft,
  expectedRetainUntil,
  type Json,
  type SignedStatement,
  signStatement,
} from '@amana/core'
import { z } from 'zod'
import { type SigningContext } from '../service-views.ts'
import { askAs } from './asking.ts'
import { assertListed, type UnlockedOfficer } from './unlocked-officer.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { systemRandom } from '../system.ts'
import { OfficerSecretsSchema } from '../vault/agency-secrets.ts'
import { officerKeystorePath, readKeystore } from '../vault/keystore-file.ts'
import { loadReadingKeys, loadSigningKey } from '../vault/load-keys.ts'

export { type UnlockedOfficer } from './unlocked-officer.ts'

/** Who signs a draft. */
export interface Signers {
  readonly author: UnlockedOfficer
  readonly approvers: readonly UnlockedOfficer[]
}

/** How a draft is sent. */
export interface Sending {
  readonly dryRun?: boolean
  readonly desks?: readonly string[]
  /** What the author saw in its texts and lets go all the same, and why. */
  readonly accepted?: { readonly count: number; readonly reason: string } | undefined
}

/** An officer's keys from the keystore in the node's folder. @throws STORE_FILE, STORE_KEYSTORE, STORE_PASSPHRASE */
export async function unlockOfficer(
  folder: string,
  id: string,
  passphrase: string,
): Promise<UnlockedOfficer> {
  const { key, reading } = await unlockOfficerFile(officerKeystorePath(folder, id), passphrase)
  return { id, key, reading }
}

/** An officer's keys from a keystore that lies anywhere. @throws STORE_FILE, STORE_KEYSTORE, STORE_PASSPHRASE */
export async function unlockOfficerFile(
  path: string,
  passphrase: string,
): Promise<Required<UnlockedOfficer>> {
  const secrets = await readKeystore(path, passphrase, OfficerSecretsSchema)
  const reading = await loadReadingKeys(secrets)
  return { id: secrets.id, key: await loadSigningKey(secrets.seed), reading }
}

/**
 * Signs a draft as its author and lets each approver sign it too.
 *
 * @throws CLI_OFFICER when the roster does not list one of them with this key
 */
export async function signDraft(
  draft: Draft,
  { author, approvers }: Signers,
  signing: SigningContext,
): Promise<SignedStatement> {
  for (const officer of [author, ...approvers]) assertListed(officer, signing)
  const { exp, handling, kind, relates, to } = draft
  const iat = signing.now
  let signed = await signStatement({
    draft: {
      aud: [to.agency],
      context: signing.context,
      groups: GroupsSchema.parse(draft.groups),
      handling: { ...handling, retainUntil: expectedRetainUntil(kind, iat) },
      iat,
      iss: signing.agency,
      kind,
      ...(exp === undefined ? {} : { exp }),
      ...(relates === undefined ? {} : { relates }),
    },
    signers: [{ key: author.key, act: 'author' }],
    random: systemRandom,
  })
  for (const { key } of approvers) signed = await approveStatement(signed, key)
  return signed
}

/**
 * Signs a draft and hands it to the node.
 *
 * @throws as `signDraft` and `NodeServices.submit`
 */
export async function sendDraft(
  services: Pick<NodeServices, 'challenge' | 'context' | 'submit'>,
  draft: Draft,
  sending: Signers & Sending,
): Promise<ServiceResults['submit']> {
  const { accepted, desks, dryRun } = sending
  const signing = await services.context({ agency: draft.to.agency })
  const { opening, statement } = await signDraft(draft, sending, signing)
  const input = {
    statement: { ...statement },
    opening: { ...opening },
    ...(desks === undefined ? {} : { desks: [...desks] }),
    dryRun: dryRun === true,
  }
  if (accepted === undefined) return services.submit(input)
  const { count: accepts, reason } = accepted
  const call = { act: 'release', method: 'submit', input: { ...input, accepts, reason } } as const
  return services.submit(await askAs(services, sending.author, call))
}

const GroupsSchema: z.ZodType<Readonly<Record<string, { readonly [member: string]: Json }>>> =
  z.record(z.string(), z.record(z.string(), z.json()))
