/**
 * A process that echoes over the node's own transport, with one sync of a file on each side: what sending a message and
 * getting an answer costs where nothing is signed, sealed, checked or looked up.
 *
 * @module
 * @spec docs/spec/08-exchange.md#transport
 */
import { encodeUtf8, peerIdOfKey, type PrivateKey, privateKeyFromSeed, sha256 } from '@amana/core'
import { openLibp2pLink } from '../../apps/node/src/link/libp2p-link.ts'
import { type Link, type LinkSession } from '../../apps/node/src/ports.ts'
import { systemRandom } from '../../apps/node/src/system.ts'
import { answerParent, ownCpu } from './child.ts'
import { type EchoQuestion, EchoQuestionSchema, type Run } from './child-messages.ts'
import { runLanes } from './lanes.ts'
import { SyncedFile } from './synced-file.ts'

type Asked<A extends EchoQuestion['ask']> = Extract<EchoQuestion, { ask: A }>

/** The side that dials. */
interface Dialled {
  readonly session: LinkSession
  readonly file: SyncedFile
  /** Those who wait for an answer, in the order in which they sent. */
  readonly waiting: (() => void)[]
}

const opened = new AsyncDisposableStack()
let dialled: Dialled | undefined

await answerParent(EchoQuestionSchema, answer)
await opened.disposeAsync()

async function answer(question: EchoQuestion): Promise<object> {
  switch (question.ask) {
    case 'answer':
      return answerDialler(question)
    case 'dial':
      dialled = await dial(question)
      return { done: true }
    case 'send':
      return send(question)
    case 'cpu':
      break
  }
  return ownCpu()
}

async function answerDialler({ answerBytes, file: path }: Asked<'answer'>): Promise<object> {
  const link = await openLink('answer', ['/ip4/127.0.0.1/tcp/0'])
  const file = await openFile(path)
  link.onSession((session) => {
    void echo(session, file, answerBytes)
  })
  await link.allow(new Set([peerIdOfKey((await keyOf('dial')).publicJwk)]))
  return { address: link.addresses()[0] ?? '', peerId: link.peerId }
}

async function echo(session: LinkSession, file: SyncedFile, answerBytes: number): Promise<void> {
  const bytes = systemRandom(answerBytes)
  let last = Promise.resolve()
  for (;;) {
    const frame = await session.receive()
    if (frame === null) return
    last = inTurn([last, file.append(frame)], () => session.send(bytes))
  }
}

/** What comes later must not overtake what came before. */
async function inTurn(before: readonly Promise<void>[], step: () => Promise<void>): Promise<void> {
  await Promise.all(before)
  await step()
}

async function dial({ address, file: path, peerId }: Asked<'dial'>): Promise<Dialled> {
  const link = await openLink('dial', [])
  await link.allow(new Set([peerId]))
  const session = await link.dial(peerId, [address], AbortSignal.timeout(60_000))
  const waiting: (() => void)[] = []
  void receiveAnswers(session, waiting)
  return { session, file: await openFile(path), waiting }
}

async function receiveAnswers(session: LinkSession, waiting: (() => void)[]): Promise<void> {
  while ((await session.receive()) !== null) waiting.shift()?.()
}

async function send(sending: Asked<'send'>): Promise<Run> {
  if (dialled === undefined) throw new Error('not dialled')
  const { session, file, waiting } = dialled
  const bytes = systemRandom(sending.frameBytes)
  let last = Promise.resolve()
  return runLanes(sending, async () => {
    await file.append(bytes)
    const { promise, resolve } = Promise.withResolvers<void>()
    last = inTurn([last], () => {
      waiting.push(resolve)
      return session.send(bytes)
    })
    await promise
  })
}

async function openLink(name: string, listen: readonly string[]): Promise<Link> {
  const link = await openLibp2pLink({ peerKey: await keyOf(name), listen })
  opened.defer(() => link.close())
  return link
}

async function openFile(path: string): Promise<SyncedFile> {
  const file = await SyncedFile.create(path)
  opened.defer(() => file.close())
  return file
}

/** From fixed seeds, so that each side knows whom to let in. */
function keyOf(name: string): Promise<PrivateKey<'Ed25519'>> {
  return privateKeyFromSeed('Ed25519', sha256(encodeUtf8(`bench echo ${name}`)))
}
