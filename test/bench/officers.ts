/**
 * The two officers who sign what the bench sends. Their keys come from fixed seeds, so that the process that makes the
 * agencies and the one that sends have the same ones without passing a secret.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roster
 */
import { encodeUtf8, type OfficerSigner, privateKeyFromSeed, sha256 } from '@amana/core'
import { type NewOfficer } from '../../apps/node/src/agency/rosters.ts'

const DAYS = 30

/** Author and approver, as their agency lists them. */
export async function benchOfficers(agency: string): Promise<readonly NewOfficer[]> {
  return Promise.all(
    (['author', 'approve'] as const).map(async (act) => ({
      id: `bench-${act}`,
      organisation: agency,
      roles: [`${act}:victim`, 'case_manager', 'supervisor'],
      key: await privateKeyFromSeed('Ed25519', sha256(encodeUtf8(`bench officer ${act}`))),
      days: DAYS,
    })),
  )
}

/** Author and approver, as they sign. */
export async function benchSigners(): Promise<readonly OfficerSigner[]> {
  const [author, approver] = await benchOfficers('')
  if (author === undefined || approver === undefined) throw new Error('no officers')
  return [
    { key: author.key, act: 'author' },
    { key: approver.key, act: 'approve' },
  ]
}
