/**
 * Attachments against a program that shares nothing with ours: Python’s `cryptography` opens what we seal, and what it
 * seals opens here.
 *
 * @module
 * @spec docs/spec/10-attachments.md#sealed-form
 */
import { spawnSync } from 'node:child_process'
import {
  AttachmentOpener,
  AttachmentSealer,
  concatBytes,
  decodeBase64url,
  digest,
  encodeBase64url,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import { seededBytes } from '../support/seeded-bytes.ts'

const PYTHON = '/usr/bin/python3'
const SCRIPT = new URL('attachment.py', import.meta.url).pathname
const hasCryptography = spawnSync(PYTHON, ['-c', 'import cryptography']).status === 0
const isGate = spawnSync('printenv', ['CI']).status === 0
const isSkipped = !hasCryptography && !isGate
const why = isSkipped ? ' (skipped without Debian’s python3-cryptography)' : ''

function python(args: readonly string[], input: Uint8Array): Uint8Array {
  const { status, stderr, stdout } = spawnSync(PYTHON, [SCRIPT, ...args], {
    input,
    maxBuffer: 8 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(stderr.toString())
  return new Uint8Array(stdout)
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const SIZES = [0, 1, 65_536, 65_537, 200_001]

describe.skipIf(isSkipped)(`a sealed file${why}`, () => {
  it.each(SIZES)('of %i bytes is opened by Python', (sizeBytes) => {
    const plain = seededBytes('interop')(sizeBytes)
    const sealer = new AttachmentSealer(seededBytes('keys'))
    const first = sealer.push(plain)
    const { facts, sealed } = sealer.end()
    const bytes = concatBytes(...first, ...sealed)
    const opened = python(['open', hex(decodeBase64url(facts.key))], bytes)
    expect(digest(opened)).toBe(digest(plain))
    const changed = bytes.map((byte, index) => (index === 20 ? byte ^ 1 : byte))
    expect(() => python(['open', hex(decodeBase64url(facts.key))], changed)).toThrow('tag')
  })

  it.each(SIZES)('of %i bytes that Python sealed opens here', (sizeBytes) => {
    const plain = seededBytes('interop')(sizeBytes)
    const key = seededBytes('key')(32)
    const bytes = python(['seal', hex(key), hex(seededBytes('salt')(16))], plain)
    const opener = new AttachmentOpener({
      digest: digest(bytes),
      key: encodeBase64url(key),
      length: bytes.byteLength,
      plaintext: digest(plain),
    })
    const opened = opener.push(bytes).map(({ plaintext }) => plaintext)
    opener.end()
    expect(digest(concatBytes(...opened))).toBe(digest(plain))
  })
})
