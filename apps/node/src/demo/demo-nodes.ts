/**
 * The two nodes of the demonstration as two processes, with a line between them that can be cut.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { createServer } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { AmanaError, isAmanaError } from '@amana/core'
import { type Program } from '../cli/options.ts'
import { type NodeServices } from '../services.ts'
import { type Addresses } from './demo-agencies.ts'
import { type DemoFolder } from './demo-folder.ts'
import { type NodeProcess, startNodeProcess } from './node-process.ts'
import { Relay } from './relay.ts'
import { type Side, SIDES } from './story.ts'

const HOST = '127.0.0.1'
const SETTLE_TIMEOUT_MS = 60_000
/** A process that answers no more is given so long to end. */
const STOPPING_MS = 5000

/** The line before the nodes exist: where each will listen, and where Niamey will reach Abuja. */
export interface DemoLine {
  readonly relay: Relay
  addresses(side: Side): Addresses
}

/** Opens the line. @throws NET_ADDRESS_IN_USE */
export async function openDemoLine(): Promise<DemoLine> {
  const port = await freePort()
  const relay = await Relay.open(port)
  return {
    relay,
    addresses: (side) =>
      side === 'abuja'
        ? { listen: [tcp(port)], addresses: [tcp(relay.port)] }
        : { listen: [tcp(0)], addresses: [] },
  }
}

/** The running nodes. */
export class DemoNodes implements AsyncDisposable {
  readonly #folder: DemoFolder
  readonly #program: Program
  readonly #relay: Relay
  readonly #processes = new Map<Side, NodeProcess>()
  #isUp = true

  private constructor(folder: DemoFolder, program: Program, relay: Relay) {
    this.#folder = folder
    this.#program = program
    this.#relay = relay
  }

  /** Starts both and waits until each has cosigned the other’s log, which needs a session. @throws CLI_CHILD, NET_TIMEOUT */
  static async start(folder: DemoFolder, program: Program, relay: Relay): Promise<DemoNodes> {
    const nodes = new DemoNodes(folder, program, relay)
    try {
      await Promise.all(SIDES.map((side) => nodes.#start(side)))
      await nodes.witnessed()
    } catch (error) {
      await nodes[Symbol.asyncDispose]()
      throw error
    }
    return nodes
  }

  /**
   * Does what needs both nodes.
   *
   * @throws CLI_CHILD at once when one of them ends: why, it said itself
   */
  async whileBothRun<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await Promise.race([act(), this.#failed()])
    } catch (error) {
      if (isAmanaError(error, 'CLI_NOT_RUNNING')) {
        await Promise.race([this.#failed(), wait(STOPPING_MS)])
      }
      throw error
    }
  }

  #failed(): Promise<never> {
    return Promise.race([...this.#processes.values()].map(({ failed }) => failed))
  }

  services(side: Side): NodeServices {
    const running = this.#processes.get(side)
    if (running === undefined) throw new AmanaError('CLI_UNEXPECTED', { what: side })
    return running.services
  }

  /** Waits until nothing waits on either side; while the line is cut, what waits stays. @throws NET_TIMEOUT after 60 s */
  async settled(): Promise<void> {
    if (!this.#isUp) return
    for (const side of SIDES) {
      const { queued } = await this.whileBothRun(() =>
        this.services(side).waitDelivered({ timeoutMs: SETTLE_TIMEOUT_MS }),
      )
      if (queued > 0) throw new AmanaError('NET_TIMEOUT', {})
    }
  }

  /** Waits until each log is cosigned as far as it reaches. @throws NET_TIMEOUT after 60 s */
  async witnessed(): Promise<void> {
    for (const side of SIDES) {
      const { cosignedSize, size } = await this.whileBothRun(() =>
        this.services(side).witness({ timeoutMs: SETTLE_TIMEOUT_MS }),
      )
      if (cosignedSize < size) throw new AmanaError('NET_TIMEOUT', {})
    }
  }

  /** Nothing passes any more. */
  cut(): void {
    this.#isUp = false
    this.#relay.cut()
  }

  /** Nothing passes any more, and Abuja ends as in a power cut. */
  async cutAndKill(): Promise<void> {
    this.cut()
    await this.#processes.get('abuja')?.kill()
  }

  /** Abuja starts on what its disk holds, and the line is there again. */
  async restore(): Promise<void> {
    await this.#start('abuja')
    this.#relay.mend()
    this.#isUp = true
  }

  async #start(side: Side): Promise<void> {
    const folder = this.#folder.node(side)
    const passphrases = this.#folder.passphrases(side)
    const running = await startNodeProcess(this.#program, folder, passphrases)
    this.#processes.set(side, running)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#processes.values()].map((one) => one[Symbol.asyncDispose]()))
  }
}

function tcp(port: number): string {
  return `/ip4/${HOST}/tcp/${String(port)}`
}

/** A port that nobody has at this moment; who takes it meanwhile is named when the node starts. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new AmanaError('NET_ADDRESS_IN_USE', { address: HOST }, { cause }))
    })
    server.listen(0, HOST, resolve)
  })
  const address = server.address()
  await new Promise<void>((resolve) => {
    server.close(() => {
      resolve()
    })
  })
  return typeof address === 'object' && address !== null ? address.port : 0
}
