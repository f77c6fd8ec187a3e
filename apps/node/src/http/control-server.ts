/**
 * The running node's control socket: HTTP and JSON over a Unix socket that only its owner may open (mode 0600).
 *
 * @module
 * @spec docs/spec/08-exchange.md#control-socket
 */
import { chmod, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { AmanaError } from '@amana/core'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { SERVICE_INPUTS, type NodeServices, type ServiceName } from '../services.ts'
import { CONTROL_LIMITS } from './control-limits.ts'

/** Answers calls until it is closed. */
export interface ControlServer {
  readonly path: string
  close(): Promise<void>
}

/**
 * Serves `services` at `path`; a socket file left by a killed node is replaced, since the store's lock already says
 * that no other node owns this folder.
 *
 * @throws CLI_SOCKET when the path cannot be bound
 */
export async function createControlServer(
  path: string,
  services: NodeServices,
): Promise<ControlServer> {
  await rm(path, { force: true })
  const answer = getRequestListener(controlApp(services).fetch)
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing)
  })
  server.requestTimeout = CONTROL_LIMITS.requestTimeoutMs
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new AmanaError('CLI_SOCKET', { path }, { cause }))
    })
    server.listen({ path }, resolve)
  })
  await chmod(path, 0o600)
  return {
    path,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      })
    },
  }
}

function controlApp(services: NodeServices): Hono {
  const app = new Hono()
  app.use(bodyLimit({ maxSize: CONTROL_LIMITS.bodyBytes }))
  app.post('/v1/:name', async (context) => {
    const name = context.req.param('name')
    if (!isServiceName(name))
      return context.json(problem(new AmanaError('CLI_USAGE', { what: name })), 404)
    try {
      const body: unknown = await context.req.json()
      return context.json({ result: await call(services, name, body) })
    } catch (error) {
      return context.json(problem(error), 422)
    }
  })
  return app
}

async function call(services: NodeServices, name: ServiceName, body: unknown): Promise<unknown> {
  const parsed = SERVICE_INPUTS[name].safeParse(body)
  if (!parsed.success) throw new AmanaError('CLI_USAGE', { what: name }, { cause: parsed.error })
  const method: (input: never) => Promise<unknown> = services[name]
  return Reflect.apply(method, services, [parsed.data])
}

function isServiceName(name: string): name is ServiceName {
  return Object.hasOwn(SERVICE_INPUTS, name)
}

function problem(error: unknown): { code: string; details: unknown } {
  if (isAnyAmanaError(error)) return { code: error.code, details: error.details }
  return {
    code: 'CLI_UNEXPECTED',
    details: { what: error instanceof Error ? error.name : 'error' },
  }
}

function isAnyAmanaError(error: unknown): error is AmanaError {
  return error instanceof AmanaError
}
