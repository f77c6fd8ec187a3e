import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { type ClientRequest, createServer, type IncomingMessage, request } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { AmanaError } from '@amana/core'
import { describe, expect, it } from 'vitest'
import { Diary } from '../../../../test/support/link-diary.ts'
import { temporaryFolder } from '../../../../test/support/store-fixture.ts'
import { SERVICE_SAMPLES } from '../../../../test/support/service-samples.ts'
import { SERVICE_INPUTS, type ServiceName } from '../service-inputs.ts'
import { type NodeServices } from '../services.ts'
import { createControlClient } from './control-client.ts'
import { CONTROL_LIMITS } from './control-limits.ts'
import { createControlServer } from './control-server.ts'

/** What a service was asked. */
type Asked = readonly [ServiceName, unknown]

interface Control extends AsyncDisposable {
  readonly path: string
  readonly client: NodeServices
  readonly asked: Diary<Asked>
}

/** A server whose services note what they are asked, and answer with it or with an error. */
async function openControl(
  answer: (name: ServiceName) => unknown = () => 'answered',
): Promise<Control> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'control.sock')
  const asked = new Diary<Asked>()
  const server = await createControlServer(path, servicesOf(asked, answer))
  return {
    path,
    client: createControlClient(path),
    asked,
    [Symbol.asyncDispose]: async () => {
      await server.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

function servicesOf(asked: Diary<Asked>, answer: (name: ServiceName) => unknown): NodeServices {
  const services: unknown = Object.fromEntries(
    Object.keys(SERVICE_INPUTS).map((name) => [
      name,
      async (input: unknown) => {
        if (!isName(name)) throw new TypeError(name)
        asked.write([name, input])
        return answer(name)
      },
    ]),
  )
  if (!isServices(services)) throw new TypeError('services')
  return services
}

function isName(name: string): name is ServiceName {
  return Object.hasOwn(SERVICE_INPUTS, name)
}

function isServices(value: unknown): value is NodeServices {
  return typeof value === 'object' && value !== null
}

interface Answer {
  readonly status: number | undefined
  readonly body: string
}

/** A request that says whatever it likes. */
async function ask(
  path: string,
  [method, url, body]: readonly [string, string, string],
): Promise<Answer> {
  const outgoing = request({ socketPath: path, method, path: url })
  outgoing.end(body)
  const incoming = await answerTo(outgoing)
  return { status: incoming.statusCode, body: await text(incoming) }
}

async function answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.once('error', reject)
    outgoing.once('response', resolve)
  })
}

const usage = (what: string): string => JSON.stringify({ code: 'CLI_USAGE', details: { what } })

describe('a call through the control socket', () => {
  it.each(Object.entries(SERVICE_SAMPLES))('of %s arrives as it was made', async (name, input) => {
    await using control = await openControl()
    expect(Object.keys(SERVICE_SAMPLES).toSorted()).toEqual(Object.keys(SERVICE_INPUTS).toSorted())
    expect(await callOf(control.client, name, input)).toBe('answered')
    expect(control.asked.entries).toEqual([[name, input]])
  })

  it.each(Object.entries(SERVICE_SAMPLES))(
    'of %s is refused with a member more and with a member less',
    async (name, input) => {
      await using control = await openControl()
      const [first] = Object.keys(input)
      const less = Object.fromEntries(Object.entries(input).slice(1))
      const others: unknown[] = [{ ...input, also: 1 }, [], 'text', null]
      if (first !== undefined) others.push(less)
      for (const other of others) {
        await expect(callOf(control.client, name, other)).rejects.toMatchObject({
          code: 'CLI_USAGE',
          details: { what: name },
        })
      }
      expect(control.asked.entries).toEqual([])
    },
  )

  it.each([
    [
      'an error of the table',
      new AmanaError('WIRE_SEQ_GAP', { expected: 3, found: 7 }),
      'WIRE_SEQ_GAP',
      { expected: 3, found: 7 },
    ],
    [
      'an error of no table',
      new TypeError('a name of a person'),
      'CLI_UNEXPECTED',
      { what: 'TypeError' },
    ],
  ])('comes back with %s as the same code and details', async (...row) => {
    const [, thrown, code, details] = row
    await using control = await openControl(() => Promise.reject(thrown))
    const call = control.client.status({})
    await expect(call).rejects.toBeInstanceOf(AmanaError)
    await expect(call).rejects.toMatchObject({ code, details })
    const answer = await ask(control.path, ['POST', '/v1/status', '{}'])
    expect(answer).toEqual({ status: 422, body: JSON.stringify({ code, details }) })
  })

  it('may be many at once', async () => {
    await using control = await openControl()
    const calls = Array.from({ length: 50 }, () => control.client.status({}))
    expect(await Promise.all(calls)).toHaveLength(50)
    expect(control.asked.entries).toHaveLength(50)
  })
})

describe('a request', () => {
  it.each([
    ['POST of the figures', ['POST', '/metrics', '{}'], 404, '404 Not Found'],
    ['GET of a method', ['GET', '/v1/status', ''], 404, '404 Not Found'],
    ['PUT of a method', ['PUT', '/v1/status', '{}'], 404, '404 Not Found'],
    ['POST of another version', ['POST', '/v2/status', '{}'], 404, '404 Not Found'],
    ['POST of what lies below a method', ['POST', '/v1/status/x', '{}'], 404, '404 Not Found'],
    ['POST of an unknown method', ['POST', '/v1/stop', '{}'], 404, usage('stop')],
    ['POST of what every object has', ['POST', '/v1/constructor', '{}'], 404, usage('constructor')],
    ['POST of the prototype', ['POST', '/v1/__proto__', '{}'], 404, usage('__proto__')],
    ['POST of no JSON', ['POST', '/v1/status', '{'], 422, usage('status')],
    ['POST of nothing', ['POST', '/v1/status', ''], 422, usage('status')],
    [
      'POST of what nests 14 deep',
      ['POST', '/v1/keepInvite', `{"invite":${'['.repeat(13)}${']'.repeat(13)}}`],
      422,
      usage('keepInvite'),
    ],
    [
      'POST of what nests without end',
      ['POST', '/v1/keepInvite', `{"invite":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`],
      422,
      usage('keepInvite'),
    ],
  ] as const)('%s is refused', async (...row) => {
    const [, asked, status, body] = row
    await using control = await openControl()
    expect(await ask(control.path, asked)).toEqual({ status, body })
    expect(control.asked.entries).toEqual([])
  })

  it('may nest 13 deep', async () => {
    await using control = await openControl()
    const invite: unknown = JSON.parse(`${'['.repeat(12)}${']'.repeat(12)}`)
    const body = JSON.stringify({ invite })
    expect(await ask(control.path, ['POST', '/v1/keepInvite', body])).toMatchObject({ status: 200 })
    expect(control.asked.entries).toEqual([['keepInvite', { invite }]])
  })

  it('above 4 MiB is refused by what it says, and by what comes', async () => {
    await using control = await openControl()
    const rest = JSON.stringify({ statement: '', opening: {}, dryRun: true }).length
    const most = {
      statement: 'x'.repeat(CONTROL_LIMITS.bodyBytes - rest),
      opening: {},
      dryRun: true,
    }
    expect(await control.client.submit(most)).toBe('answered')
    const over = { ...most, statement: `${most.statement}x` }
    await expect(control.client.submit(over)).rejects.toMatchObject({
      code: 'CLI_USAGE',
      details: { what: 'submit' },
    })
    const outgoing = request({ socketPath: control.path, method: 'POST', path: '/v1/submit' })
    outgoing.setHeader('transfer-encoding', 'chunked')
    outgoing.end(JSON.stringify(over))
    const incoming = await answerTo(outgoing)
    expect(incoming.statusCode).toBe(413)
    expect(await text(incoming)).toBe(usage('submit'))
    expect(control.asked.entries).toHaveLength(1)
  })
})

describe('the socket file', () => {
  it('is its owner’s alone, and gone when the server is closed', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'control.sock')
    const server = await createControlServer(
      path,
      servicesOf(new Diary(), () => 1),
    )
    expect(server.path).toBe(path)
    expect((await stat(path)).isSocket()).toBe(true)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await server.close()
    expect(await readdir(folder.path)).toEqual([])
  })

  it('of a node that was killed answers nobody, and is replaced', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'control.sock')
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('up'))`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    const client = createControlClient(path)
    await expect(client.status({})).rejects.toMatchObject({
      code: 'CLI_NOT_RUNNING',
      details: { path },
    })
    const server = await createControlServer(
      path,
      servicesOf(new Diary(), () => 'new'),
    )
    expect(await client.status({})).toBe('new')
    await server.close()
  })

  it.each([
    ['has a path that is too long', (folder: string) => join(folder, 'x'.repeat(120))],
    [
      'lies in a folder that is not there',
      (folder: string) => join(folder, 'none', 'control.sock'),
    ],
    ['is a folder', (folder: string) => join(folder, 'folder')],
  ])('is refused where it %s', async (_name, pathIn) => {
    await using folder = await temporaryFolder()
    await mkdir(join(folder.path, 'folder'))
    const path = pathIn(folder.path)
    const opening = createControlServer(
      path,
      servicesOf(new Diary(), () => 1),
    )
    await expect(opening).rejects.toMatchObject({ code: 'CLI_SOCKET', details: { path } })
    expect(await readdir(folder.path)).toEqual(['folder'])
  })

  it('that is an ordinary file, or not there, or too long, is no running node', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'file'), '')
    for (const name of ['file', 'none', 'x'.repeat(120)]) {
      const path = join(folder.path, name)
      await expect(createControlClient(path).status({})).rejects.toMatchObject({
        code: 'CLI_NOT_RUNNING',
        details: { path },
      })
    }
  })
})

describe('an answer', () => {
  it.each([
    ['that is no JSON', 'Payload'],
    ['with neither result nor code', '{}'],
    ['with a member more', '{"result":1,"also":2}'],
    ['with a code that is no text', '{"code":1,"details":{}}'],
    ['that is a list', '[]'],
  ])('%s is refused', async (_name, body) => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'control.sock')
    await using server = await answering(path, body)
    await expect(createControlClient(server.path).status({})).rejects.toMatchObject({
      code: 'CLI_SOCKET',
      details: { path },
    })
  })

  it('with a code of no table, or without details, is an unexpected error', async () => {
    for (const details of ['{}', 'null']) {
      await using folder = await temporaryFolder()
      const path = join(folder.path, 'control.sock')
      const code = details === '{}' ? 'AREA_NEW' : 'WIRE_SIG'
      await using server = await answering(path, `{"code":"${code}","details":${details}}`)
      await expect(createControlClient(server.path).status({})).rejects.toMatchObject({
        code: 'CLI_UNEXPECTED',
        details: { what: code },
      })
    }
  })

  it('above 64 MiB is not read to its end', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'control.sock')
    const sent = new Diary<number>()
    const server = createServer((_incoming, outgoing) => {
      const chunk = Buffer.alloc(1024 * 1024, ' ')
      const write = (): void => {
        while (!outgoing.destroyed && sent.entries.length < 200) {
          sent.write(chunk.byteLength)
          if (!outgoing.write(chunk)) return void outgoing.once('drain', write)
        }
      }
      write()
    })
    server.listen(path)
    await once(server, 'listening')
    await expect(createControlClient(path).status({})).rejects.toMatchObject({
      code: 'CLI_SOCKET',
    })
    expect(sent.entries.length).toBeLessThan(100)
    server.close()
    server.closeAllConnections()
  })

  it('that breaks off is refused, and one that never begins is no running node', async () => {
    await using folder = await temporaryFolder()
    const begun = join(folder.path, 'begun.sock')
    const silent = join(folder.path, 'silent.sock')
    await using begunServer = await breakingOff(
      begun,
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"resu',
    )
    await using silentServer = await breakingOff(silent, '')
    await expect(createControlClient(begunServer.path).status({})).rejects.toMatchObject({
      code: 'CLI_SOCKET',
    })
    await expect(createControlClient(silentServer.path).status({})).rejects.toMatchObject({
      code: 'CLI_NOT_RUNNING',
    })
  })
})

/** Calls a method by its name with any input. */
async function callOf(client: NodeServices, name: string, input: unknown): Promise<unknown> {
  const method: unknown = Reflect.get(client, name)
  if (typeof method !== 'function') throw new TypeError(name)
  const answer: unknown = await Reflect.apply(method, client, [input])
  return answer
}

interface Listening extends AsyncDisposable {
  readonly path: string
}

async function answering(path: string, body: string): Promise<Listening> {
  const server = createServer((_incoming, outgoing) => {
    outgoing.end(body)
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function breakingOff(path: string, words: string): Promise<Listening> {
  const server = createSocketServer((socket) => {
    socket.once('data', () => {
      socket.end(words)
    })
  })
  server.listen(path)
  await once(server, 'listening')
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      server.close()
    },
  }
}
