/**
 * The queue as files: deposits that are written to a folder, and what came in one.
 *
 * @module
 * @spec docs/spec/09-carriers.md#files
 */
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { AmanaError, digest, isAnyAmanaError, WIRE_LIMITS } from '@amana/core'
import { Arrivals, type Taken } from '../carriers/arrivals.ts'
import { type Cursor, countDepartures, departures } from '../carriers/departures.ts'
import { sealFrame } from '../carriers/deposits.ts'
import { type NodeParts } from '../node-parts.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { writeWhole } from './written-file.ts'

type CarrierServices = Pick<
  NodeServices,
  'countQueue' | 'exportQueue' | 'importDeposits' | 'inspectDeposits'
>

/** Files of one call. */
const PAGE_FILES = 32

/** The methods about carriers. */
export function createCarrierServices(parts: NodeParts): CarrierServices {
  const arrivals = new Arrivals(parts)
  return {
    countQueue: async ({ agency }) => {
      assertPeer(parts, agency)
      return countDepartures(parts)
    },
    exportQueue: async ({ after, agency, to, withoutAttachments }) => {
      assertPeer(parts, agency)
      await parts.trust.settle()
      return exportPage(parts, { after, isBare: withoutAttachments === true, to })
    },
    inspectDeposits: async ({ files }) => {
      const next = await arrivals.nextPlace()
      const found: ServiceResults['inspectDeposits']['files'][number][] = []
      for (const file of files) found.push({ file, ...(await inspected(arrivals, file)) })
      return { next, files: found }
    },
    importDeposits: async ({ files }) => {
      const taken: ServiceResults['importDeposits']['files'][number][] = []
      for (const file of files) taken.push({ file, ...(await taking(arrivals, file)) })
      return { files: taken }
    },
  }
}

/** @throws TRUST_NO_CHARTER; TRUST_NO_ROSTER when it is not the other agency of the charter */
function assertPeer({ trust }: NodeParts, agency: string): void {
  if (trust.peer() !== agency) throw new AmanaError('TRUST_NO_ROSTER', { agency })
}

/** Each file has its name only when it is whole; its leaf is durable before. */
async function exportPage(
  parts: NodeParts,
  {
    after,
    isBare,
    to,
  }: {
    readonly after: Cursor | undefined
    /** Without attachments. */
    readonly isBare: boolean
    readonly to: string
  },
): Promise<ServiceResults['exportQueue']> {
  const files: ServiceResults['exportQueue']['files'][number][] = []
  for await (const departure of departures(parts, 'file', after)) {
    const { order, type } = departure
    if (type === 'range' && isBare) break
    const body = await departure.read()
    if (body === undefined) continue
    const bytes = await sealFrame(parts, { type, body })
    const name = digest(bytes)
    await writeWhole(join(to, `deposit-${name}.json`), async (file) => {
      await file.write(bytes)
      await file.finish()
    })
    files.push({ digest: name, type, order, sizeBytes: bytes.byteLength })
    if (files.length === PAGE_FILES) return { files, next: { type, after: order } }
  }
  const { problem } = parts.outbox
  return { files, ...(problem === undefined ? {} : { problem }) }
}

type Inspected = Omit<ServiceResults['inspectDeposits']['files'][number], 'file'>

async function inspected(arrivals: Arrivals, path: string): Promise<Inspected> {
  return fromFile(path, async (bytes) => {
    const name = digest(bytes)
    try {
      return { digest: name, ...(await arrivals.look(bytes)) }
    } catch (error) {
      if (isAnyAmanaError(error)) return { digest: name, code: error.code }
      throw error
    }
  })
}

async function taking(arrivals: Arrivals, path: string): Promise<Taken> {
  return fromFile<Taken>(path, (bytes) => arrivals.take(bytes))
}

/** What cannot be read is an answer too. */
async function fromFile<T>(
  path: string,
  use: (bytes: Uint8Array) => Promise<T>,
): Promise<T | { readonly result: 'refused'; readonly code: 'CLI_FILE' }> {
  const bytes = await readDeposit(path)
  return bytes === undefined ? { result: 'refused', code: 'CLI_FILE' } : use(bytes)
}

/** One byte more than is taken, so that what is longer is refused as such. */
async function readDeposit(path: string): Promise<Uint8Array | undefined> {
  try {
    await using file = await open(path, 'r')
    if (!(await file.stat()).isFile()) return undefined
    const buffer = new Uint8Array(WIRE_LIMITS.depositBytes + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.byteLength - length, length)
      length += bytesRead
      if (bytesRead === 0 || length === buffer.byteLength) return buffer.slice(0, length)
    }
  } catch {
    return undefined
  }
}
