/**
 * What our verifier says of message files of the vectors, in the words of the second verifier.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifying-a-message-file
 */
import { encodeUtf8 } from '@amana/core'
import { readPolicy, verifyMessageFile } from '@amana/verify'
import { z } from 'zod'
import { inPieces } from './pieces.ts'

/** A vector file of message files. */
export const FileVectorsSchema = z.strictObject({
  about: z.string(),
  policies: z.array(z.string()),
  files: z.array(
    z.strictObject({
      name: z.string(),
      policy: z.int(),
      says: z.array(z.string()),
      pieces: z.array(z.union([z.int(), z.string()])),
    }),
  ),
  lines: z.array(z.string()),
})

/** A vector file of message files. */
export interface FileVectors extends z.output<typeof FileVectorsSchema> {}

/** The text of one of its files. */
export function textOfFile({ files, lines }: FileVectors, position: number): string {
  const pieces = files[position]?.pieces ?? []
  return pieces
    .map((piece) => (typeof piece === 'number' ? `${lines[piece] ?? ''}\n` : piece))
    .join('')
}

/**
 * Findings that fail, each with the code behind it, and `REFUSED`; of a file that is refused while it is read only that
 * code.
 */
export async function saidOfMessage(
  bytes: Uint8Array,
  policyText: string,
): Promise<readonly string[]> {
  const { findings } = await verifyMessageFile(
    'case.message.jsonl',
    inPieces(bytes),
    readPolicy(policyText),
  )
  const said = findings
    .filter(({ code, severity }) => severity === 'fail' || code === 'REFUSED')
    .map(({ cause, code }) => {
      if (cause === undefined || code === 'REFUSED') return code
      return cause.startsWith('AUDIT_') ? cause : `${code}:${cause}`
    })
  return [...new Set(said)].toSorted()
}

/** What is said of every file, as `name: …`. */
export async function wordsOfFiles(vectors: FileVectors): Promise<readonly string[]> {
  return Promise.all(
    vectors.files.map(async ({ name, policy }, position) => {
      const bytes = encodeUtf8(textOfFile(vectors, position))
      const said = await saidOfMessage(bytes, vectors.policies[policy] ?? '')
      return `${name}: ${said.join(' ')}`
    }),
  )
}
