import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { NOW } from '../../../../test/support/agencies.ts'
import { buildExchange } from '../../../../test/support/built-exchange.ts'
import { brokenSignature, forgeBundle, recordsOf } from '../../../../test/support/test-log.ts'
import { buildPage } from '../../page.config.ts'
import { type NamedFile } from '../source.ts'
import { verifyFiles } from '../verify-files.ts'
import { makeSample } from './sample.ts'
import { tamper, TAMPERINGS } from './tamper.ts'

/** What docs/decisions/0012-page.md allows it to weigh. */
const PAGE_BYTES = 81_000
/** A thread of Node in place of a browser's worker; WebCrypto is there too. */
const SHIM = `const { parentPort } = require('node:worker_threads')
  globalThis.addEventListener = (_name, listener) => parentPort.on('message', (data) => listener({ data }))
  globalThis.postMessage = (data) => parentPort.postMessage(data)
  `

const page = await buildPage()
const { html } = page
const script = html.slice(html.indexOf('<script>') + 8, html.lastIndexOf('</script>'))

/** What the page's own script answers in its worker, without how far it has read. */
async function askScript(files: readonly NamedFile[], before = ''): Promise<unknown> {
  const worker = new Worker(`${SHIM};${before};${script}`, { eval: true })
  try {
    const chosen = files.map(({ name, bytes }) => ({
      name,
      blob: new Blob([new Uint8Array(bytes)]),
    }))
    worker.postMessage({ kind: 'verify', files: chosen, now: NOW }, [])
    for (;;) {
      const answers: readonly unknown[] = await once(worker, 'message')
      if (!isRead(answers[0])) return answers[0]
    }
  } finally {
    await worker.terminate()
  }
}

function isRead(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'kind') === 'read'
}

describe('the page', () => {
  it('is the same each time it is built, and weighs what it may', async () => {
    expect((await buildPage()).sha256).toBe(page.sha256)
    expect(gzipSync(html, { level: 9 }).length).toBeLessThan(PAGE_BYTES)
  })

  it('allows no connection, and no script or style but its own', () => {
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1]
    expect(policy?.replaceAll(/sha256-[A-Za-z0-9+/]{43}=/g, 'HASH')).toBe(
      "default-src 'none'; script-src 'HASH'; style-src 'HASH'; worker-src blob:; base-uri 'none'; form-action 'none'",
    )
    expect(/ (?:src|href)="/.exec(html.slice(0, html.indexOf('<script>')))).toBeNull()
  })
})

describe('the script of the page, in a thread', { timeout: 60_000 }, async () => {
  const sample = await makeSample(NOW)
  const exchange = await buildExchange()
  const { anltp, naptip } = exchange
  const own = { name: 'own.bundle.jsonl', bytes: await naptip.log.bundle(exchange) }
  const other = { name: 'other.bundle.jsonl', bytes: await anltp.log.bundle(exchange) }
  const policy = { name: 'policy.txt', bytes: new TextEncoder().encode(exchange.policyText) }
  const records = recordsOf(own.bytes)
  const at = records.findIndex(({ kind }) => kind === 'statement')
  const broken = forgeBundle(records.with(at, brokenSignature(records[at])))

  it.each<readonly [string, readonly NamedFile[]]>([
    ['the sample', sample.files],
    ...TAMPERINGS.map((how) => [how, tamper(sample, how)] as const),
    ['bundles of keys of suite A2', [own, other, policy]],
    ['a signature that is none', [{ ...own, bytes: broken }, other, policy]],
    ['no policy', [own]],
    ['a bundle that was cut', [{ ...own, bytes: own.bytes.subarray(0, 9000) }, policy]],
  ])('reports the same as the verifier: %s', async (_name, files) => {
    const report = await verifyFiles(files, { now: NOW })
    expect(await askScript(files)).toEqual({ kind: 'report', report })
  })

  it('names nobody where WebCrypto and tweetnacl differ', async () => {
    const before = 'SubtleCrypto.prototype.verify=async()=>true'
    const answer = await askScript([{ ...own, bytes: broken }, policy], before)
    expect(answer).toMatchObject({ kind: 'problem', problem: 'disagree' })
  })

  it('verifies nothing where an algorithm is missing', async () => {
    const before = 'crypto.subtle.constructor.prototype.generateKey=async()=>{throw new Error()}'
    const detail = 'Ed25519, ML-DSA-44, ML-DSA-65, ML-KEM-768'
    const answer = await askScript([own, policy], before)
    expect(answer).toEqual({ kind: 'problem', problem: 'unsupported', detail })
  })
})
