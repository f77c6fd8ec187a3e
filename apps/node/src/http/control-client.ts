/**
 * Calls a running node through its control socket; errors come back as the `AmanaError` that the node threw.
 *
 * @module
 * @spec docs/spec/08-exchange.md#control-socket
 */
import { request } from 'node:http'
import { AmanaError, reviveError } from '@amana/core'
import { z } from 'zod'
import { SERVICE_INPUTS } from '../service-inputs.ts'
import { type NodeServices } from '../services.ts'
import { CONTROL_LIMITS } from './control-limits.ts'

const AnswerSchema = z.union([
  z.strictObject({ result: z.unknown() }),
  z.strictObject({ code: z.string(), details: z.unknown() }),
])

/**
 * The services of the node that listens at `path`. Nothing is asked before the first call.
 *
 * @throws CLI_NOT_RUNNING when nobody listens there
 */
export function createControlClient(path: string): NodeServices {
  const call = async (name: string, input: unknown): Promise<unknown> => {
    const answer = AnswerSchema.safeParse(await post(path, name, input))
    if (!answer.success) throw new AmanaError('CLI_SOCKET', { path })
    if ('code' in answer.data) throw reviveError(answer.data.code, answer.data.details)
    return answer.data.result
  }
  return fromCalls(call)
}

function fromCalls(call: (name: string, input: unknown) => Promise<unknown>): NodeServices {
  const names = Object.keys(SERVICE_INPUTS)
  const services: unknown = Object.fromEntries(
    names.map((name) => [name, (input: unknown) => call(name, input)]),
  )
  if (!hasEveryMethod(services)) throw new AmanaError('CLI_UNEXPECTED', { what: 'services' })
  return services
}

/** The node on the other side is this same program: a method of that name answers with that method's result. */
function hasEveryMethod(services: unknown): services is NodeServices {
  return (
    typeof services === 'object' &&
    services !== null &&
    Object.keys(SERVICE_INPUTS).every((name) => name in services)
  )
}

async function post(path: string, name: string, input: unknown): Promise<unknown> {
  const body = JSON.stringify(input)
  return new Promise((resolve, reject) => {
    const outgoing = request({
      socketPath: path,
      method: 'POST',
      path: `/v1/${name}`,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(CONTROL_LIMITS.answerTimeoutMs),
    })
    let hasAnswered = false
    outgoing.on('error', (cause) => {
      const code = hasAnswered ? 'CLI_SOCKET' : 'CLI_NOT_RUNNING'
      reject(new AmanaError(code, { path }, { cause }))
    })
    outgoing.once('response', (incoming) => {
      hasAnswered = true
      const parts: Uint8Array[] = []
      let sizeBytes = 0
      incoming.on('data', (part: Uint8Array) => {
        sizeBytes += part.byteLength
        if (sizeBytes > CONTROL_LIMITS.answerBytes) incoming.destroy(new Error('answer too large'))
        else parts.push(part)
      })
      incoming.on('error', (cause) => {
        reject(new AmanaError('CLI_SOCKET', { path }, { cause }))
      })
      incoming.once('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString('utf8')))
        } catch (cause) {
          reject(new AmanaError('CLI_SOCKET', { path }, { cause }))
        }
      })
    })
    outgoing.end(body)
  })
}
