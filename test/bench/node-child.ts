/**
 * A process that runs a node as `amana node run` does, and sends messages when it is told. It sees the instant at which
 * a receipt is durable by listening at the outbox's own method; nothing of the node is replaced.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { parseReceipt, type SignedStatement } from '@amana/core'
import { type NodeEvents } from '../../apps/node/src/events.ts'
import { type NodeOptions } from '../../apps/node/src/node-parts.ts'
import { runNode } from '../../apps/node/src/node.ts'
import { Outbox } from '../../apps/node/src/outbox/outbox.ts'
import { type NodeServices } from '../../apps/node/src/services.ts'
import { systemRandom } from '../../apps/node/src/system.ts'
import { answerParent, ownCpu } from './child.ts'
import { type NodeQuestion, NodeQuestionSchema, type Run, type Traffic } from './child-messages.ts'
import { runLanes } from './lanes.ts'
import { benchSigners } from './officers.ts'
import { signSample } from './sample-messages.ts'

type Sending = Extract<NodeQuestion, { ask: 'send' }>

const receipted = new EventTarget()
const sessions = new EventTarget()
const sockets: Socket[] = []
const ended: string[] = []
const stop = new AbortController()
let running: Promise<void> | undefined
let services: NodeServices | undefined
let connected = false

subscribe('net.client.socket', (message) => {
  if (typeof message !== 'object' || message === null || !('socket' in message)) return
  if (message.socket instanceof Socket) sockets.push(message.socket)
})

const acceptReceipt = Reflect.get(Outbox.prototype, 'acceptReceipt')
Outbox.prototype.acceptReceipt = async function acceptAndTell(value: unknown): Promise<void> {
  await acceptReceipt.call(this, value)
  for (const { result, statement } of parseReceipt(value).content.results) {
    if (result !== 'opened') throw new Error(`a statement was ${result}`)
    receipted.dispatchEvent(new Event(statement))
  }
}

await answerParent(NodeQuestionSchema, answer)
stop.abort()
await running

async function answer(question: NodeQuestion): Promise<object> {
  switch (question.ask) {
    case 'open':
      services = await started(question)
      return { done: true }
    case 'send':
      return send(question)
    case 'traffic':
      return traffic()
    case 'cpu':
      break
  }
  return ownCpu()
}

/** Runs the node; gives its services when it listens. */
async function started({ folder, passphrase }: NodeOptions): Promise<NodeServices> {
  return new Promise((resolve, reject) => {
    const listening = async (found: NodeServices): Promise<void> => {
      resolve(found)
    }
    running = runNode({ folder, passphrase, events: events(), ended: stop.signal, listening })
    running.catch(reject)
  })
}

/** Signs first, which is the work of officers' programs; then submits, and waits for receipts. */
async function send(sending: Sending): Promise<Run> {
  const open = services
  if (open === undefined) throw new Error('no node')
  if (!connected) await once(sessions, 'open')
  const signed = await signAll(sending)
  return runLanes(sending, async (index) => {
    const one = signed[index]
    if (one === undefined) throw new Error('no statement')
    const over = once(receipted, one.digest)
    await open.submit({
      statement: { ...one.statement },
      opening: { ...one.opening },
      dryRun: false,
    })
    await over
  })
}

async function signAll({ to, count }: Sending): Promise<readonly SignedStatement[]> {
  if (services === undefined) throw new Error('no node')
  const { agency, context, now } = await services.context({ agency: to })
  const signers = await benchSigners()
  const origin = { from: agency, to, context, now, signers, random: systemRandom }
  const signed: SignedStatement[] = []
  while (signed.length < count) signed.push(await signSample(origin))
  return signed
}

function traffic(): Traffic {
  return {
    sentBytes: sum(sockets.map(({ bytesWritten }) => bytesWritten)),
    receivedBytes: sum(sockets.map(({ bytesRead }) => bytesRead)),
    ended,
  }
}

function sum(bytes: readonly number[]): number {
  return bytes.reduce((total, one) => total + one, 0)
}

function events(): NodeEvents {
  return {
    listening: () => undefined,
    stopping: () => undefined,
    peerPaused: () => undefined,
    peerResumed: () => undefined,
    sessionOpened: () => {
      connected = true
      sessions.dispatchEvent(new Event('open'))
    },
    sessionEnded: (_agency, code) => {
      connected = false
      ended.push(code ?? 'farewell')
    },
    sessionFailed: () => undefined,
    notWitnessed: () => undefined,
    witnessConflict: () => undefined,
    unwitnessed: () => undefined,
    shorterThanCosigned: () => undefined,
    logDamaged: () => undefined,
    endsSoon: () => undefined,
    keyDestroyed: () => undefined,
    glassBroken: () => undefined,
    reviewOverdue: () => undefined,
    attachmentFailed: () => undefined,
    mailboxVisited: () => undefined,
    mailboxFailed: () => undefined,
    upkeepFailed: () => undefined,
  }
}
