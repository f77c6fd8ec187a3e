/**
 * The running node's control socket: HTTP and JSON over a Unix socket that only its owner may open (mode 0600).
 *
 * @module
 * @spec docs/spec/08-exchange.md#control-socket
 */
import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { AmanaError, textNestsWithin } from '@amana/core'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { SERVICE_INPUTS, type ServiceName } from '../service-inputs.ts'
import { type NodeServices } from '../services.ts'
import { CONTROL_LIMITS } from './control-limits.ts'
import { METRICS_TYPE, metricsText } from './metrics.ts'

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
  const answer = getRequestListener(controlApp(services).fetch)
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing)
  })
  server.requestTimeout = CONTROL_LIMITS.requestTimeoutMs
  try {
    await bind(server, path)
  } catch (cause) {
    server.close()
    throw new AmanaError('CLI_SOCKET', { path }, { cause })
  }
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

async function bind(server: Server, path: string): Promise<void> {
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ path }, resolve)
  })
  await chmod(path, 0o600)
}

function controlApp(services: NodeServices): Hono {
  const app = new Hono()
  const limit = bodyLimit({
    maxSize: CONTROL_LIMITS.bodyBytes,
    onError: (context) => context.json(problem(wrong(context.req.param('name') ?? '')), 413),
  })
  app.get('/metrics', async (context) => {
    try {
      const text = metricsText(await services.status({}))
      return context.body(text, 200, { 'content-type': METRICS_TYPE })
    } catch (error) {
      return context.json(problem(error), 422)
    }
  })
  app.post('/v1/:name', limit, async (context) => {
    const name = context.req.param('name')
    if (!isServiceName(name)) return context.json(problem(wrong(name)), 404)
    try {
      const body = parseJson(name, await context.req.text())
      return context.json({ result: await call(services, name, body) })
    } catch (error) {
      return context.json(problem(error), 422)
    }
  })
  return app
}

/** The depth first: neither the parser nor a schema that calls itself gets a bomb to see. */
function parseJson(name: ServiceName, text: string): unknown {
  if (!textNestsWithin(text, CONTROL_LIMITS.jsonDepth)) throw wrong(name)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw wrong(name, cause)
  }
}

function wrong(name: string, cause?: unknown): AmanaError {
  return new AmanaError('CLI_USAGE', { what: name }, { cause })
}

async function call(services: NodeServices, name: ServiceName, body: unknown): Promise<unknown> {
  const parsed = SERVICE_INPUTS[name].safeParse(body)
  if (!parsed.success) throw wrong(name, parsed.error)
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
