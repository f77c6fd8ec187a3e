/**
 * What the page does beside its window: it verifies files, and makes the sample. It is started for one request and
 * answers it; stopping it is ending it.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { type Report } from '../report.ts'
import { type StreamedFile } from '../source.ts'
import { verifyFiles } from '../verify-files.ts'
import { makeSample, type Sample } from './sample.ts'

/** A file as the browser gives it; its bytes are read here. */
export interface ChosenFile {
  readonly name: string
  readonly blob: Blob
}

/** What is asked; `now`, and the day of which keys are asked for, are in seconds since 1970. */
export type Request =
  | {
      readonly kind: 'verify'
      readonly files: readonly ChosenFile[]
      readonly now: number
      readonly asOf?: number
    }
  | { readonly kind: 'sample'; readonly now: number }

/** Why nothing was verified, by the name of its text in the catalogue `page`. */
export type Problem = 'disagree' | 'tooMuch' | 'unexpected' | 'unreadable' | 'unsupported'

/** The answers; `read` comes again and again, one of the others ends it. */
export type Answer =
  | { readonly kind: 'read'; readonly bytes: number }
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'sample'; readonly sample: Sample }
  | { readonly kind: 'problem'; readonly problem: Problem; readonly detail: string }

/** All that the page takes at once: hours of work for a browser. */
export const PAGE_LIMITS = { files: 64, bytes: 4 * 2 ** 30 } as const
const CHUNK_BYTES = 2 ** 20

const ALGORITHMS: Readonly<Record<string, readonly string[]>> = {
  Ed25519: ['sign', 'verify'],
  'ML-DSA-44': ['sign', 'verify'],
  'ML-DSA-65': ['sign', 'verify'],
  'ML-KEM-768': ['encapsulateBits', 'decapsulateBits'],
}

/** Answers requests that come to this worker. */
export function startWorker(): void {
  addEventListener('message', ({ data }: MessageEvent<Request>) => {
    void answer(data, (reply) => {
      postMessage(reply)
    })
  })
}

async function answer(request: Request, reply: (answer: Answer) => void): Promise<void> {
  try {
    const missing = await missingAlgorithms()
    if (missing.length > 0) {
      reply({ kind: 'problem', problem: 'unsupported', detail: missing.join(', ') })
      return
    }
    if (request.kind === 'sample') {
      reply({ kind: 'sample', sample: await makeSample(request.now) })
      return
    }
    const { files, kind: _kind, ...options } = request
    const sources = sourcesOf(files, (bytes) => {
      reply({ kind: 'read', bytes })
    })
    const report = await verifyFiles(sources, options)
    reply({ kind: 'report', report })
  } catch (error) {
    reply({ kind: 'problem', problem: problemOf(error), detail: detailOf(error) })
  }
}

/** Nobody is blamed for what this program could not do. */
function problemOf(error: unknown): Problem {
  if (!(error instanceof Error)) return 'unexpected'
  if (error.name === 'DisagreementError') return 'disagree'
  return error instanceof DOMException ? 'unreadable' : 'unexpected'
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : ''
}

/** The files in pieces; `onRead` hears how much of all of them was read so far, once each. */
function sourcesOf(
  files: readonly ChosenFile[],
  onRead: (bytes: number) => void,
): readonly StreamedFile[] {
  const readUpTo = files.map(() => 0)
  return files.map(({ name, blob }, n) => ({
    name,
    async *chunks(from = 0, to = blob.size) {
      const read = async (at: number): Promise<ArrayBuffer> =>
        blob.slice(at, Math.min(to, at + CHUNK_BYTES)).arrayBuffer()
      let next = read(from)
      for (let at = from; at < to; at += CHUNK_BYTES) {
        const piece = new Uint8Array(await next)
        // the browser reads on while these are verified
        next = read(Math.min(to, at + CHUNK_BYTES))
        yield piece
        const known = readUpTo[n] ?? 0
        readUpTo[n] = Math.max(known, Math.min(to, at + CHUNK_BYTES))
        if (readUpTo[n] > known) onRead(readUpTo.reduce((sum, bytes) => sum + bytes, 0))
      }
    },
  }))
}

/** What this browser's WebCrypto lacks of what signatures and keys are checked with. */
async function missingAlgorithms(): Promise<readonly string[]> {
  const missing: string[] = []
  for (const [name, uses] of Object.entries(ALGORITHMS)) {
    try {
      await crypto.subtle.generateKey(name, false, uses.filter(isKeyUsage))
    } catch {
      missing.push(name)
    }
  }
  return missing
}

/** Some of the names are too new for the DOM's types. */
function isKeyUsage(name: string): name is KeyUsage {
  return name.length > 0
}
