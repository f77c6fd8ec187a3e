/**
 * An envelope made step by step from the specification, without the code that it tests, so that a hostile sender can
 * change any step before the next one signs or seals it.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#envelope
 */
import { createCipheriv, createHmac } from 'node:crypto'
import {
  canonicalize,
  channelName,
  concatBytes,
  decodeBase64url,
  decodeUtf8,
  deskIn,
  digest,
  encodeBase64url,
  encodeCanonical,
  encodeUtf8,
  type GeneralJws,
  type Json,
  type JwsSigner,
  type OpeningKey,
  openingForDesk,
  ownDesk,
  type PrivateKey,
  type Random,
  type ReadingDesk,
  signaturesDigest,
  signJws,
  type SignedStatement,
  type Suite,
} from '@amana/core'
import { z } from 'zod'
import { NOW, seededRandom } from './agencies.ts'
import { type RecipientKey, SEAL_HEADERS, wrappedFor } from './crafted-wrap.ts'
import { set, type Path } from './edit-json.ts'
import { parseText } from './json.ts'
import { deskOf, statementOf, type World } from './envelope-fixture.ts'

/** A change of one value on its way. */
export type Edit = (value: unknown) => unknown

/** What differs from an honest envelope; every step has its honest default. */
export interface Steps {
  readonly statements?: readonly SignedStatement[]
  readonly desk?: string
  /** Whose keys the content key is wrapped to. */
  readonly recipients?: readonly RecipientKey[]
  /** Another than the charter’s. */
  readonly suite?: Suite
  readonly sentAt?: number
  readonly sequence?: number
  readonly previous?: string
  readonly acknowledges?: { readonly digest: string; readonly sequence: number } | null
  /** The openings, before they are padded and encrypted. */
  readonly openings?: Edit
  /** The whole plaintext. */
  readonly plaintext?: (bytes: Uint8Array) => Uint8Array
  readonly aad?: Edit
  readonly header?: Edit
  /** What one recipient is given in place of the content key. */
  readonly wrapped?: (contentKey: Uint8Array) => Uint8Array
  /** The JWE, before it becomes a text. */
  readonly jwe?: Edit
  readonly seal?: (text: string) => string
  /** The dispatch, before it is signed. */
  readonly content?: Edit
  readonly sealKey?: PrivateKey<'Ed25519'>
  readonly typ?: string
  /** The envelope, after everything is signed. */
  readonly envelope?: Edit
  readonly bytes?: (bytes: Uint8Array) => Uint8Array
}

/** Puts a value at a place. */
export function put(path: Path, value: unknown): Edit {
  return (whole) => set(whole, path, value)
}

/** Takes a member away. */
export function drop(name: string): Edit {
  return (whole) => {
    const members = Object.entries(z.record(z.string(), z.unknown()).parse(whole))
    return Object.fromEntries(members.filter(([member]) => member !== name))
  }
}

/** A crafted envelope and the parts that it was made of. */
export interface Crafted {
  readonly bytes: Uint8Array
  readonly digest: string
  readonly dispatch: GeneralJws
  readonly content: Json
  readonly seal: string
  readonly plaintext: Uint8Array
}

/** Makes an envelope. */
export async function craft(world: World, steps: Steps = {}): Promise<Crafted> {
  const statements = steps.statements ?? [await statementOf(world)]
  const kind = statements[0]?.kind ?? ''
  const desk = steps.desk ?? deskOf(kind)
  const recipients = byKeyId(steps.recipients ?? deskKeys(world, desk))
  const to = { agency: world.receiver.id, desk, kids: recipients.map(({ keyId }) => keyId) }
  const from = { agency: world.sender.id, node: world.sender.peerId }
  const openings = statements.map((signed) => ({
    ...openingForDesk(signed.kind, readerOf(world, desk, signed.kind), signed.opening),
  }))
  const plaintext = (steps.plaintext ?? same)(padded(edited(steps.openings, openings)))
  const binding = { from, statements: statements.map((signed) => signed.digest), to }
  const suite = suiteOf(world, steps)
  const sealing = { plaintext, recipients, suite, aad: edited(steps.aad, binding), steps }
  const { seal, keyCommitment } = await sealPlaintext(sealing)
  const content = edited(steps.content, {
    ...placeOf(world, steps),
    ...binding,
    suite,
    keyCommitment,
    seal: digest(seal),
    sealBytes: seal.length,
    signatures: statements.map(({ statement }) => signaturesDigest(statement)),
  })
  const dispatch = await signedBy(steps.sealKey ?? world.sender.sealKey, steps.typ, content)
  const envelope = edited(steps.envelope, {
    dispatch: { ...dispatch },
    seal,
    statements: statements.map(({ statement }) => ({ ...statement })),
    v: 1,
  })
  const bytes = (steps.bytes ?? same)(encodeCanonical(envelope))
  return { bytes, digest: digest(dispatch.payload), dispatch, content, seal, plaintext }
}

/** A partner desk gets its own groups; any other those of the desk that reads the kind. */
function readerOf({ receiver, trust }: World, desk: string, kind: string): ReadingDesk {
  const reader = deskIn(trust.rosterOf(receiver.id).payload, desk)
  return reader.external ? reader : ownDesk(deskOf(kind))
}

function placeOf(world: World, steps: Steps): { readonly [member: string]: Json } {
  return {
    acknowledges: steps.acknowledges ?? null,
    attachments: [],
    channel: channelName(world.sender.id, world.receiver.id),
    context: { ...world.context },
    previous: steps.previous ?? world.genesis,
    sentAt: steps.sentAt ?? NOW,
    sequence: steps.sequence ?? 1,
    v: 1,
  }
}

/** What the charter has everybody seal under, unless the steps name another. */
function suiteOf({ trust }: World, { suite }: Steps): Suite {
  return suite ?? (trust.charter.payload.suites.includes('A2') ? 'A2' : 'A1')
}

/** A statement of which a member was changed before officers signed it. */
export async function forged(
  signed: SignedStatement,
  edit: Edit,
  signers: readonly JwsSigner[],
): Promise<SignedStatement> {
  const content = parseText(decodeUtf8(decodeBase64url(signed.statement.payload)))
  const payload = encodeCanonical(edited(edit, z.json().parse(content)))
  const statement = await signJws({ payload, typ: 'amana-statement+sd-jwt', signers })
  return { ...signed, statement, digest: digest(statement.payload) }
}

/** A protected header as a hostile sender writes it. */
export function headerText(members: Json): string {
  return encodeBase64url(encodeCanonical(members))
}

/** Keys of a desk of the receiver. */
export function deskKeys(world: World, desk: string): readonly RecipientKey[] {
  return world.trust.deskKeys(world.receiver.id, desk, NOW).recipients
}

/** A key as a sender gets it from a roster. */
export function admitted(key: OpeningKey): RecipientKey {
  return { keyId: key.keyId, jwk: key.publicJwk, admitted: true }
}

/** Changes a text inside the bytes. Throws when it is not there. */
export function replaced(from: string, to: string): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    const text = new TextDecoder().decode(bytes)
    if (!text.includes(from)) throw new Error('nothing to replace')
    return encodeUtf8(text.replace(from, to))
  }
}

async function signedBy(
  key: PrivateKey<'Ed25519'>,
  typ: string | undefined,
  content: Json,
): Promise<GeneralJws> {
  const payload = encodeCanonical(content)
  return signJws({ payload, typ: typ ?? 'amana-dispatch+jws', signers: [{ key }] })
}

interface Sealing {
  readonly plaintext: Uint8Array
  readonly recipients: readonly RecipientKey[]
  readonly suite: Suite
  readonly aad: Json
  readonly steps: Steps
}

async function sealPlaintext({ plaintext, recipients, suite, aad, steps }: Sealing): Promise<{
  readonly seal: string
  readonly keyCommitment: string
}> {
  const random: Random = seededRandom(`seal ${digest(plaintext)}`)
  const contentKey = random(32)
  const iv = random(12)
  const encodedAad = encodeBase64url(encodeCanonical(aad))
  const header = encodeBase64url(encodeCanonical(edited(steps.header, SEAL_HEADERS[suite])))
  const binding = encodeUtf8(`${header}.${encodedAad}`)
  const cipher = createCipheriv('aes-256-gcm', contentKey, iv)
  cipher.setAAD(binding)
  const ciphertext = concatBytes(cipher.update(plaintext), cipher.final())
  const wrapping = { contentKey: (steps.wrapped ?? same)(contentKey), binding, random }
  const entries: Json[] = []
  for (const recipient of recipients) entries.push(await wrappedFor(recipient, wrapping))
  const jwe = edited(steps.jwe, {
    aad: encodedAad,
    ciphertext: encodeBase64url(ciphertext),
    iv: encodeBase64url(iv),
    protected: header,
    recipients: entries,
    tag: encodeBase64url(cipher.getAuthTag()),
  })
  const commitment = createHmac('sha256', contentKey).update('amana/1/key-commitment').digest()
  return {
    seal: (steps.seal ?? same)(canonicalize(jwe)),
    keyCommitment: encodeBase64url(commitment),
  }
}

/** The plaintext of openings at a Padmé size of at least 256 bytes. */
function padded(statements: Json): Uint8Array {
  const bare = encodeCanonical({ pad: '', statements }).byteLength
  const least = Math.max(bare, 256)
  const exponent = 31 - Math.clz32(least)
  const low = exponent - (32 - Math.clz32(exponent))
  const size = ((least + 2 ** low - 1) >> low) << low
  return encodeCanonical({ pad: '0'.repeat(size - bare), statements })
}

function byKeyId(keys: readonly RecipientKey[]): readonly RecipientKey[] {
  return keys.toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1))
}

function edited(edit: Edit | undefined, value: Json): Json {
  return edit === undefined ? value : z.json().parse(edit(value))
}

function same<T>(value: T): T {
  return value
}
