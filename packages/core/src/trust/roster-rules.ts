/**
 * What a roster's members must be to each other and to the roster before, beside their form.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roster
 */
import { canonicalize } from '../bytes/jcs.ts'
import { type KeyId } from '../crypto/jwk.ts'
import { AmanaError } from '../errors.ts'
import { type AdmittedSlot, type KeyRing } from './key-ring.ts'
import { verifyBinding, verifyProof } from './proofs.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import { type Revocation, type Roster } from './roster.ts'

/**
 * Nodes name desks of this roster only, and share the agency's one log.
 *
 * @throws WIRE_MEMBER when they do not
 */
export function assertNodesFit(roster: Roster): void {
  const desks = new Set(roster.desks.map((desk) => desk.id))
  const logs = new Set(roster.nodes.map((node) => canonicalize(node.log)))
  roster.nodes.forEach((node, index) => {
    if (!node.desks.every((desk) => desks.has(desk))) {
      throw new AmanaError('WIRE_MEMBER', { path: `nodes.${index}.desks` })
    }
  })
  if (logs.size > 1) throw new AmanaError('WIRE_MEMBER', { path: 'nodes.log' })
}

/**
 * Every node's binding and every officer's proof.
 *
 * @throws WIRE_SIG when one is not a signature by the key that it is about
 */
export async function verifyProofs(roster: Roster, keys: KeyRing): Promise<void> {
  const { agency } = roster
  for (const { peerId, sealKey, binding } of roster.nodes) {
    const sealKeyId = keyIdOf(keys, sealKey.x)
    await verifyBinding({ agency, peerId, sealKeyId }, binding)
  }
  for (const { id, key, proof } of roster.officers) {
    await verifyProof({ agency, id, keyId: keyIdOf(keys, key.x) }, key, proof)
  }
}

function keyIdOf(keys: KeyRing, publicKey: string): KeyId {
  const slot = keys.slots.find((entry: AdmittedSlot) => entry.publicKey === publicKey)
  if (slot?.admitted === undefined) throw new AmanaError('WIRE_KEY', { reason: 'not admitted' })
  return slot.admitted.keyId
}

/**
 * Revocations stand for ever, and a key given up in peace (`left`, `superseded`) is not revoked backwards.
 *
 * @throws TRUST_REVOCATION when one of the roster before is missing or changed, or a new one reaches back
 */
export function assertRevocations(roster: Roster, before: readonly Revocation[]): void {
  const listed = new Map(roster.revoked.map((revocation) => [revocation.kid, revocation]))
  for (const known of before) {
    const again = listed.get(known.kid)
    if (again?.since !== known.since || again.reason !== known.reason) {
      throw new AmanaError('TRUST_REVOCATION', { keyId: known.kid })
    }
    listed.delete(known.kid)
  }
  for (const { kid, reason, since } of listed.values()) {
    const inPeace = reason === 'left' || reason === 'superseded'
    if (inPeace && since < roster.iat) throw new AmanaError('TRUST_REVOCATION', { keyId: kid })
  }
}

/** What a roster adds to its chain. */
export interface ChainGrowth {
  /** Bytes of the chain before it. */
  readonly beforeBytes: number
  readonly sizeBytes: number
  /** Revocations of the roster before. */
  readonly revokedBefore: readonly Revocation[]
}

/**
 * The bytes of a chain with this roster. A chain that is full takes only what revokes a key: that must not wait.
 *
 * @throws TRUST_CHAIN_FULL when there is no room and nothing is newly revoked
 */
export function chainBytesWith(
  { agency, revoked }: Roster,
  { beforeBytes, revokedBefore, sizeBytes }: ChainGrowth,
): number {
  const bytes = beforeBytes + Math.max(sizeBytes, TRUST_LIMITS.rosterChainLeastBytes)
  const most = TRUST_LIMITS.rosterChainBytes
  // those of the roster before are all among them
  if (bytes > most && revoked.length <= revokedBefore.length) {
    throw new AmanaError('TRUST_CHAIN_FULL', { agency, bytes, most })
  }
  return bytes
}
