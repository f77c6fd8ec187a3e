/**
 * Takes a file of any length apart as it is read: a bundle or message file record by record, holding one line; any other
 * object whole.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#inspecting
 */
import { AUDIT_LIMITS, splitLines } from '@amana/core'
import { headerMembers, overviewOf } from './inspect-bundle.ts'
import { fileOf, inspect, recordOf } from './inspect.ts'
import { type InspectKind, type InspectMember } from './inspect-members.ts'
import { wholeFile } from './source.ts'

/** A file of which the members are still to be read; each is given once. */
export interface InspectedFile {
  readonly what: InspectKind
  readonly members: AsyncIterable<InspectMember> | Iterable<InspectMember>
}

/** So many bytes tell a bundle and a message file from all else. */
const BEGINNING_BYTES = 16

/**
 * Begins to read a file, given once in pieces of any size. The members are refused where they come: what was shown before
 * stays.
 *
 * @throws VERIFY_UNKNOWN_FILE when it is none of the objects of the specification, or a line is no record
 * @throws AUDIT_BUNDLE_LIMIT when one object, or one line, has more than 2 MiB
 * @throws AUDIT_BUNDLE_TRUNCATED when the last newline is missing
 * @throws WIRE_* as `inspect`
 */
export async function inspectFile(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<InspectedFile> {
  const iterator = chunks[Symbol.asyncIterator]()
  const begun: Uint8Array[] = []
  let beginning = ''
  while (beginning.length < BEGINNING_BYTES) {
    const next = await iterator.next()
    if (next.done === true) break
    begun.push(next.value.slice())
    beginning += String.fromCharCode(...next.value.subarray(0, BEGINNING_BYTES))
  }
  const rest = resumed(begun, iterator)
  const what = fileOf(beginning)
  if (what !== undefined) return { what, members: membersOf(what, name, splitLines(rest)) }
  return inspect(await wholeFile({ name, chunks: () => rest }, AUDIT_LIMITS.bundleLineBytes), name)
}

/** @yields the pieces that were read already, then the others; ends the reading when it is ended */
async function* resumed(
  begun: readonly Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* begun
  try {
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      yield next.value
    }
  } finally {
    await iterator.return?.()
  }
}

/** @yields the members of the header, then one for each record */
async function* membersOf(
  what: 'bundle' | 'message',
  name: string,
  lines: AsyncIterable<Uint8Array>,
): AsyncGenerator<InspectMember> {
  let line = 0
  for await (const bytes of lines) {
    line += 1
    const record = recordOf(bytes.subarray(0, -1), name)
    if (line === 1) yield* headerMembers(what, record)
    else yield overviewOf(record, line)
  }
}
