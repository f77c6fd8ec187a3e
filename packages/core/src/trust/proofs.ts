/**
 * Proofs of possession inside a roster: a node's libp2p key binds its seal key, an officer's key signs its own entry.
 * Plain Ed25519 over a label, a zero byte and canonical JSON, so that neither can be taken for a JWS.
 *
 * @module
 * @spec docs/spec/02-keys-and-trust.md#binding-and-proof
 */
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts'
import { concatBytes } from '../bytes/concat.ts'
import { encodeCanonical, type Json } from '../bytes/jcs.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { type Ed25519Jwk, type KeyId, type PrivateKey, signRaw, verifyRaw } from '../crypto/jwk.ts'
import { AmanaError } from '../errors.ts'
import { keyOfPeerId } from './peer-id.ts'

/** What a node's libp2p key signs. */
export interface BindingFacts {
  readonly agency: string
  readonly peerId: string
  readonly sealKeyId: KeyId
}

/** What an officer's key signs. */
export interface ProofFacts {
  readonly agency: string
  readonly id: string
  readonly keyId: KeyId
}

/** Signs a node's `binding` with its libp2p key. */
export async function signBinding(
  facts: BindingFacts,
  peerKey: PrivateKey<'Ed25519'>,
): Promise<string> {
  return encodeBase64url(await signRaw(peerKey, bindingBytes(facts)))
}

/** Signs an officer's `proof` with the officer's own key. */
export async function signProof(
  facts: Omit<ProofFacts, 'keyId'>,
  key: PrivateKey<'Ed25519'>,
): Promise<string> {
  return encodeBase64url(await signRaw(key, proofBytes({ ...facts, keyId: key.keyId })))
}

/**
 * @throws WIRE_SIG when the libp2p key inside the peer id did not sign these facts
 */
export async function verifyBinding(facts: BindingFacts, binding: string): Promise<void> {
  const jwk = keyOfPeerId(facts.peerId)
  await assertSigned({ jwk, bytes: bindingBytes(facts), keyId: facts.sealKeyId }, binding)
}

/**
 * @throws WIRE_SIG when the officer's key did not sign these facts
 */
export async function verifyProof(
  facts: ProofFacts,
  jwk: Ed25519Jwk,
  proof: string,
): Promise<void> {
  await assertSigned({ jwk, bytes: proofBytes(facts), keyId: facts.keyId }, proof)
}

interface Signed {
  readonly jwk: Ed25519Jwk
  readonly bytes: Uint8Array
  readonly keyId: KeyId
}

async function assertSigned({ jwk, bytes, keyId }: Signed, signature: string): Promise<void> {
  if (!(await verifyRaw(jwk, bytes, decodeBase64url(signature)))) {
    throw new AmanaError('WIRE_SIG', { keyId })
  }
}

function bindingBytes({ agency, peerId, sealKeyId }: BindingFacts): Uint8Array {
  return labelled('amana/1/bind', { agency, peerId, sealKey: sealKeyId })
}

function proofBytes({ agency, id, keyId }: ProofFacts): Uint8Array {
  return labelled('amana/1/pop', { agency, id, kid: keyId })
}

function labelled(label: string, facts: Json): Uint8Array {
  return concatBytes(encodeUtf8(label), Uint8Array.of(0), encodeCanonical(facts))
}
