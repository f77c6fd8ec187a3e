/**
 * Form of the roster: one agency's own signed list of its nodes, desks, officers, keys and revocations.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#roster
 */
import { z } from 'zod'
import { DigestSchema } from '../crypto/digest.ts'
import { Ed25519JwkSchema, HpkeJwkSchema, KeyIdSchema, X25519JwkSchema } from '../crypto/jwk.ts'
import { TRUST_LIMITS } from '../limits/trust.ts'
import {
  AgencyIdSchema,
  DESK_ROLES,
  DocumentVersionSchema,
  Ed25519SignatureSchema,
  InstantSchema,
  isAscending,
  LocalIdSchema,
  RoleSchema,
} from './identifiers.ts'

/** Type of the JWS that carries a roster. */
export const ROSTER_TYPE = 'amana-roster+jws'

interface Window {
  readonly exp: number
  readonly nbf: number
}

const isWindow = (window: Window): boolean => window.nbf < window.exp

const RotatingKeySchema = z
  .strictObject({ exp: InstantSchema, jwk: HpkeJwkSchema, nbf: InstantSchema })
  .refine(isWindow)
/** A desk's key is of either suite; which one is sealed to, the charter decides. */
const DeskKeySchema = z
  .strictObject({
    exp: InstantSchema,
    jwk: z.discriminatedUnion('alg', [HpkeJwkSchema, X25519JwkSchema]),
    nbf: InstantSchema,
  })
  .refine(isWindow)

/** An encryption key and the span in which others may seal to it: from `nbf`, before `exp`. */
export type RotatingKey = z.output<typeof DeskKeySchema>

const RotatingKeysSchema = z.array(RotatingKeySchema).max(TRUST_LIMITS.keysInRotation)
const RolesSchema = z.array(RoleSchema).max(TRUST_LIMITS.roles).refine(isAscending)

const DeskSchema = z.strictObject({
  encryption: z.array(DeskKeySchema).min(1).max(TRUST_LIMITS.keysInRotation),
  external: z.boolean(),
  id: LocalIdSchema,
  roles: z.array(z.enum(DESK_ROLES)).max(TRUST_LIMITS.roles).refine(isAscending),
})

/** Who reads at a desk: an own desk, which has no roles, or what a partner desk is. */
export type ReadingDesk = Pick<z.output<typeof DeskSchema>, 'external' | 'id' | 'roles'>

/** A desk of the agency itself. */
export function ownDesk(id: string): ReadingDesk {
  return { external: false, id, roles: [] }
}

/** A desk as its roster describes it; one that is not listed has no keys, and is read here as an own one. */
export function deskIn({ desks }: Pick<Roster, 'desks'>, id: string): ReadingDesk {
  return desks.find((desk) => desk.id === id) ?? ownDesk(id)
}

const VerifierKeySchema = z.string().max(TRUST_LIMITS.verifierKeyChars)
const VerifierKeyPairSchema = z.tuple([VerifierKeySchema, VerifierKeySchema])

/** Form of `RosterLog`. */
export const RosterLogSchema = z.strictObject({
  genesis: DigestSchema,
  log: VerifierKeyPairSchema,
  origin: z.string().max(TRUST_LIMITS.nameChars),
  witness: VerifierKeyPairSchema,
})

/** The agency's one audit log: hash of its leaf 0, and the verifier keys (Ed25519, ML-DSA-44) of log and witness. */
export type RosterLog = z.output<typeof RosterLogSchema>

const NodeSchema = z
  .strictObject({
    addresses: z
      .array(
        z
          .string()
          .max(TRUST_LIMITS.addressChars)
          .regex(/^\/[!-~]+$/),
      )
      .max(TRUST_LIMITS.addresses),
    binding: Ed25519SignatureSchema,
    depositKey: RotatingKeysSchema.min(1),
    desks: z.array(LocalIdSchema).max(TRUST_LIMITS.desks).refine(isAscending),
    exp: InstantSchema,
    log: RosterLogSchema,
    nbf: InstantSchema,
    peerId: z
      .string()
      .max(64)
      .regex(/^[1-9A-HJ-NP-Za-km-z]+$/),
    sealKey: Ed25519JwkSchema,
  })
  .refine(isWindow)

/** A node of the agency. */
export type RosterNode = z.output<typeof NodeSchema>

const OfficerSchema = z
  .strictObject({
    encryption: RotatingKeysSchema,
    exp: InstantSchema,
    id: LocalIdSchema,
    key: Ed25519JwkSchema,
    nbf: InstantSchema,
    organisation: AgencyIdSchema,
    proof: Ed25519SignatureSchema,
    roles: RolesSchema,
  })
  .refine(isWindow)

/** An officer for whom the agency vouches. */
export type RosterOfficer = z.output<typeof OfficerSchema>

const RevocationSchema = z.strictObject({
  kid: KeyIdSchema,
  reason: z.enum(['compromise', 'left', 'lost', 'superseded']),
  since: InstantSchema,
})

/** A key that must not be relied on, and since when its holder says so. */
export type Revocation = z.output<typeof RevocationSchema>

/** Payload of a roster. Lists of things with a name rise by that name, so that nothing is listed twice. */
export const RosterSchema = z.strictObject({
  agency: AgencyIdSchema,
  desks: z
    .array(DeskSchema)
    .max(TRUST_LIMITS.desks)
    .refine((desks) => isAscending(desks.map((desk) => desk.id))),
  exp: InstantSchema,
  iat: InstantSchema,
  matching: z.array(z.never()).max(0),
  nodes: z
    .array(NodeSchema)
    .max(TRUST_LIMITS.nodes)
    .refine((nodes) => isAscending(nodes.map((node) => node.peerId))),
  officers: z
    .array(OfficerSchema)
    .max(TRUST_LIMITS.officers)
    .refine((officers) => isAscending(officers.map((officer) => officer.id))),
  previous: DigestSchema.nullable(),
  revoked: z
    .array(RevocationSchema)
    .max(TRUST_LIMITS.revocations)
    .refine((revoked) => isAscending(revoked.map((revocation) => revocation.kid))),
  v: z.literal(1),
  version: DocumentVersionSchema,
})

/** Payload of a roster. */
export type Roster = z.output<typeof RosterSchema>
