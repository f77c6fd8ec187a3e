/**
 * What a leaf commits to and does not say: a salted value outside the log, which can be shown, and can be destroyed while
 * the leaf stays.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#disclosures
 */
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, parseCanonical } from '../bytes/jcs.ts'
import { type Digest, digest, type Random } from '../crypto/digest.ts'
import { AmanaError } from '../errors.ts'
import { AUDIT_LIMITS } from '../limits/audit.ts'
import { EVENT_DISCLOSURES, type EventName } from './events.ts'
import { type Leaf } from './leaf.ts'

const SALT_BYTES = 16
/** Of a leaf that is still to be written. */
const NOT_PLACED = -1
const SaltSchema = z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/)
const ValueSchema = z.string().min(1).max(AUDIT_LIMITS.disclosureChars)
const ArraySchema = z.tuple([SaltSchema, z.string(), ValueSchema])

/** A disclosure as RFC 9901 spells it. */
export interface LeafDisclosure {
  /** base64url of the canonical JSON array of salt, name and value. */
  readonly encoded: string
  /** Digest of the ASCII of `encoded`: what stands in the leaf's `sd`. */
  readonly digest: Digest
}

/** A value that a leaf committed to. */
export interface LeafField {
  readonly name: string
  readonly value: string
}

/**
 * Commits to one value under a fresh salt.
 *
 * @throws AUDIT_DISCLOSURE when the event has no such name, or the value is empty or above 1,000 characters
 * @throws WIRE_CANON when the value is not in NFC or has a lone surrogate
 */
export function discloseField(
  event: EventName,
  { name, value }: LeafField,
  random: Random,
): LeafDisclosure {
  const salt = encodeBase64url(random(SALT_BYTES))
  const encoded = encodeBase64url(encodeCanonical([salt, name, value]))
  fieldOf(event, encoded, NOT_PLACED)
  return { encoded, digest: digest(encoded) }
}

/** A digest of nothing that anybody knows, so that the count of the others says nothing. */
export function decoyDigest(random: Random): Digest {
  return digest(random(SALT_BYTES + SALT_BYTES))
}

/**
 * The value behind a disclosure of this leaf.
 *
 * @throws AUDIT_DISCLOSURE when the leaf did not commit to it, or it is of another form than its event has
 */
export function readDisclosure(leaf: Leaf, encoded: string): LeafField {
  const isCommitted = leaf.sd.some((committed) => committed === digest(encoded))
  return fieldOf(isCommitted ? leaf.event : undefined, encoded, leaf.index)
}

/** Without an event nothing was committed to. */
function fieldOf(event: EventName | undefined, encoded: string, index: number): LeafField {
  const [, name, value] = arrayOf(encoded) ?? []
  const names = event === undefined ? [] : (EVENT_DISCLOSURES[event] ?? [])
  if (name === undefined || value === undefined || !names.includes(name)) {
    throw new AmanaError('AUDIT_DISCLOSURE', { index })
  }
  return { name, value }
}

function arrayOf(encoded: string): z.output<typeof ArraySchema> | undefined {
  try {
    const bytes = decodeBase64url(encoded)
    return ArraySchema.safeParse(parseCanonical(bytes, AUDIT_LIMITS.leafBytes)).data
  } catch {
    return undefined
  }
}
