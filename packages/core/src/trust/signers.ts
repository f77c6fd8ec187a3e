/**
 * Who must sign a statement of a kind: one author with the role, and as many other officers as the charter says.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roles-and-approvals
 */
import { type Act } from '../crypto/jws.ts'
import { AmanaError } from '../errors.ts'
import { isStageKind, kindRule } from './charter-rules.ts'
import { type Charter } from './charter.ts'
import { areaOfKind, roleAllows } from './identifiers.ts'
import { type OfficerIdentity } from './trust-view.ts'

/** One verified signature of a statement and whose it is. */
export interface StatementSigner {
  readonly act: Act
  readonly officer: OfficerIdentity
}

/** A kind under the charter that decides over it. */
export interface KindUnderCharter {
  readonly charter: Charter
  readonly kind: string
}

/**
 * Checks acts, roles and approvals. That all signers are of the statement's issuer, the key look-up has checked.
 *
 * @throws WIRE_POLICY when the kind is not open to the agency, there is not exactly one author, or a role is missing
 * @throws TRUST_SECOND_OFFICER when too few other officers approve
 */
export function assertSigners(
  { charter, kind }: KindUnderCharter,
  signers: readonly StatementSigner[],
): void {
  const rule = kindRule(charter, kind)
  const author = soleAuthor(signers)
  if (!rule.aud.includes(author.agency)) {
    throw new AmanaError('WIRE_POLICY', { rule: `${kind} is not open to ${author.agency}` })
  }
  for (const { act, officer } of signers) assertRole(officer, kind, act)
  const approvers = new Set(
    signers.filter(({ act }) => act === 'approve').map(({ officer }) => officer.id),
  )
  approvers.delete(author.id)
  if (approvers.size < rule.approvals) {
    throw new AmanaError('TRUST_SECOND_OFFICER', {
      kind,
      required: rule.approvals,
      signed: approvers.size,
    })
  }
}

function soleAuthor(signers: readonly StatementSigner[]): OfficerIdentity {
  const [author, ...others] = signers.filter(({ act }) => act === 'author')
  if (author === undefined || others.length > 0) {
    throw new AmanaError('WIRE_POLICY', { rule: 'exactly one author' })
  }
  return author.officer
}

/** Who may say that a message was read, the kind of that message decides. */
function assertRole({ roles }: OfficerIdentity, kind: string, act: Act): void {
  if (isStageKind(kind)) return
  if (roleAllows(roles, kind, act)) return
  throw new AmanaError('WIRE_POLICY', { rule: `role ${act}:${areaOfKind(kind)}` })
}
