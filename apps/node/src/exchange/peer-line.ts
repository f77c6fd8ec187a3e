/**
 * The line to one peer: dials until there is a session, keeps one session, keeps it alive, and has the log witnessed
 * over it. Time, chance and the transport are parameters.
 *
 * @module
 * @spec docs/spec/08-exchange.md#reconnecting
 */
import { type ErrorCode, isAnyAmanaError, type Random } from '@amana/core'
import { type Link, type LinkSession, type NodeClock, type Timer } from '../ports.ts'
import { backoffMs } from './backoff.ts'
import { takesOver } from './lease.ts'
import { type LineFigures, LineMeter } from './line-meter.ts'
import { Patience, PAUSE_MS } from './patience.ts'
import { type ExchangeDesk, openSession, type OpenSession } from './session.ts'
import { Wakeup } from './wakeup.ts'

/** Where a peer is. */
export interface PeerTarget {
  readonly agency: string
  readonly peerId: string
  readonly addresses: readonly string[]
}

/** What happens on a line, for those who record it. */
export interface LineEvents {
  sessionOpened(agency: string): void
  sessionEnded(agency: string, code: ErrorCode | undefined): void
  sessionFailed(agency: string, code: ErrorCode): void
  /** Who may connect is other than before. */
  peerPaused(agency: string): void
  peerResumed(agency: string): void
}

/** What a line is made of. */
export interface LineParts {
  readonly link: Link
  readonly desk: ExchangeDesk
  /** Where the peer is by the newest roster, to be dialled in this order; nowhere when it has left the roster. */
  readonly targets: () => readonly PeerTarget[]
  /** Whether leaves wait for a cosignature. */
  readonly uncovered: () => boolean
  readonly clock: NodeClock
  readonly timer: Timer
  readonly random: Random
  readonly events: LineEvents
}

const DIAL_TIMEOUT_MS = 60_000
const GREETING_TIMEOUT_MS = 60_000
const PING_MS = 20_000
/** How long a leaf waits for the cosignature that covers it, when the line is up. */
const WITNESS_MS = 1000
/** A session that lived so long was a good one: the next dial need not wait. */
const PROVEN_MS = 60_000
const WAKE_MS = 10_000

/** How a line is. */
export interface LineHealth extends LineFigures {
  /** Milliseconds since 1970 at which the session that is there opened, or at which the next dial begins; neither while it dials, or waits to be dialled. */
  readonly connectedSince?: number
  readonly nextTryAt?: number
  /** Dials in a row that gave no session that lasted. */
  readonly failures: number
  /** Why the newest session ended or did not come; nothing after a farewell. */
  readonly lastFailure?: ErrorCode
}

interface HeldSession {
  readonly open: OpenSession
  readonly since: number
}

/** The line to one peer. */
export class PeerLine {
  readonly #parts: LineParts
  readonly #stop = new AbortController()
  readonly #changed = new Wakeup()
  #session: HeldSession | undefined
  #heardAt = 0
  #wokenAt = 0
  #isWaking = false
  /** Dials in a row that gave no session that lasted. Written by `#dialAll`, and by `accept`, since a peer that dials is there. */
  #failures = 0
  #dialled = ''
  readonly #meter: LineMeter
  /** While it waits for the next dial. Written by `#pause`. */
  #nextTryAt: number | undefined
  #lastFailure: ErrorCode | undefined
  readonly #patience: Patience
  /** Ends the pause of each peer id that is paused. Written by `#pausePeer`. */
  readonly #pauses = new Map<string, AbortController>()
  #running: Promise<unknown> = Promise.resolve()

  constructor(parts: LineParts) {
    this.#parts = parts
    this.#patience = new Patience(parts.clock)
    this.#meter = new LineMeter(parts.clock)
  }

  /** Begins to dial. */
  start(): void {
    this.#running = Promise.all([this.#dialAll(), this.#tend()])
  }

  get connected(): boolean {
    return this.#session !== undefined
  }

  /** Peer ids that are not let in now, because of what they sent. */
  get paused(): ReadonlySet<string> {
    return this.#patience.paused
  }

  /** Ends all pauses; how many there were. */
  resume(): number {
    const { size } = this.#pauses
    for (const over of this.#pauses.values()) over.abort()
    return size
  }

  /** How it is now. */
  get health(): LineHealth {
    const since = this.#session?.since
    const nextTryAt = since === undefined ? this.#nextTryAt : undefined
    return {
      ...this.#meter.figures(),
      failures: this.#failures,
      ...(since === undefined ? {} : { connectedSince: since }),
      ...(nextTryAt === undefined ? {} : { nextTryAt }),
      ...(this.#lastFailure === undefined ? {} : { lastFailure: this.#lastFailure }),
    }
  }

  /** Something arrived. */
  heard(): void {
    this.#heardAt = this.#parts.clock.nowMs()
  }

  /** Something new waits, or the peer may be elsewhere: an offline line dials at once, though not twice within 10 s. */
  wake(): void {
    if (this.connected || this.#isWaking) return
    const restMs = this.#wokenAt + WAKE_MS - this.#parts.clock.nowMs()
    void this.#wakeIn(Math.min(restMs, WAKE_MS))
  }

  async #wakeIn(ms: number): Promise<void> {
    this.#isWaking = true
    if (ms > 0) await this.#parts.timer.wait(ms, this.#stop.signal)
    this.#isWaking = false
    this.#wokenAt = this.#parts.clock.nowMs()
    this.#changed.wake()
  }

  /** Asks the peer to cosign the newest head, where there is a session. @throws NET_CLOSED, NET_TIMEOUT */
  async askWitness(): Promise<void> {
    await this.#session?.open.askWitness()
  }

  /** Greets a peer that dialled. Whatever it does wrong ends its session and nothing else. */
  async accept(link: LinkSession): Promise<void> {
    if (this.#stopped) {
      await link.close()
      return
    }
    try {
      const session = await this.#greet(link)
      this.#failures = 0
      await this.#adopt(session)
    } catch (error) {
      const code = codeOf(error)
      this.#failed(this.#agency(), code)
      if (this.#patience.failed(link.peerId, code)) void this.#pausePeer(link.peerId)
      await link.close()
    }
  }

  /** Says good-bye and dials no more. */
  async close(): Promise<void> {
    this.#stop.abort()
    this.#changed.wake()
    await this.#session?.open.close()
    await this.#running
  }

  /** A dial that fails and a session that does not last count alike: each makes the next wait longer. */
  async #dialAll(): Promise<void> {
    while (!this.#stopped) {
      const seen = this.#changed.count
      const session = this.#session
      if (session === undefined) {
        if (await this.#dial()) continue
        this.#failures += 1
        await this.#pause(seen)
      } else {
        await session.open.ended
        const isProven = this.#parts.clock.nowMs() - session.since >= PROVEN_MS
        this.#failures = isProven ? 0 : this.#failures + 1
        await this.#pause(this.#changed.count)
      }
    }
  }

  /** Each node in turn: one whose keys are made anew answers under the old ones or under the new ones. */
  async #dial(): Promise<boolean> {
    const failures: { readonly agency: string; readonly code: ErrorCode }[] = []
    const targets = this.#parts.targets()
    this.#forgetFailuresElsewhere(targets)
    for (const target of targets) {
      if (target.addresses.length === 0) continue
      const code = await this.#dialNode(target)
      if (code === undefined || this.connected) return true
      failures.push({ agency: target.agency, code })
    }
    const last = failures.at(-1)
    if (last !== undefined && !this.#stopped) {
      this.#failed(last.agency, last.code)
    }
    return this.connected
  }

  /** The code with which it failed. */
  async #dialNode({ addresses, peerId }: PeerTarget): Promise<ErrorCode | undefined> {
    if (this.paused.has(peerId)) return 'NET_PAUSED'
    const deadline = this.#parts.timer.deadline(DIAL_TIMEOUT_MS)
    const signal = AbortSignal.any([deadline, this.#stop.signal])
    try {
      const link = await this.#parts.link.dial(peerId, addresses, signal)
      await this.#adopt(await this.#greet(link))
      return undefined
    } catch (error) {
      return codeOf(error)
    }
  }

  /** What failed at other addresses says nothing of these. */
  #forgetFailuresElsewhere(targets: readonly PeerTarget[]): void {
    const dialled = targets.flatMap(({ addresses, peerId }) => [peerId, ...addresses]).join(' ')
    if (dialled !== this.#dialled) this.#failures = 0
    this.#dialled = dialled
  }

  async #greet(link: LinkSession): Promise<OpenSession> {
    const deadline = this.#parts.timer.deadline(GREETING_TIMEOUT_MS)
    const signal = AbortSignal.any([deadline, this.#stop.signal])
    try {
      return await openSession(this.#meter.over(link), this.#parts.desk, signal)
    } catch (error) {
      await link.close()
      throw error
    }
  }

  /** Keeps the session that both sides keep, and closes the other. */
  async #adopt(fresh: OpenSession): Promise<void> {
    const held = this.#session?.open
    const silentMs = this.#parts.clock.nowMs() - this.#heardAt
    const { peerId } = this.#parts.link
    if (this.#stopped || (held !== undefined && !takesOver(peerId, { ...held, silentMs }, fresh))) {
      await fresh.close()
      return
    }
    const session = { open: fresh, since: this.#parts.clock.nowMs() }
    this.#session = session
    this.#meter.restart()
    this.heard()
    this.#parts.events.sessionOpened(fresh.agency)
    void this.#forgetWhenEnded(session)
    this.#changed.wake()
    await held?.close()
  }

  async #forgetWhenEnded(session: HeldSession): Promise<void> {
    const code = await session.open.ended
    if (this.#session === session) this.#session = undefined
    if (this.#session === undefined) this.#lastFailure = code
    this.#parts.events.sessionEnded(session.open.agency, code)
    const { peerId } = session.open
    if (this.#patience.ended(peerId, code)) void this.#pausePeer(peerId)
    this.#changed.wake()
  }

  /** Keeps the session alive, and the log witnessed. */
  async #tend(): Promise<void> {
    let pingedAt = 0
    while (!this.#stopped) {
      await this.#parts.timer.wait(WITNESS_MS, this.#stop.signal)
      const session = this.#session?.open
      if (session === undefined) continue
      const now = this.#parts.clock.nowMs()
      const isDue = now - pingedAt >= PING_MS
      if (isDue) pingedAt = now
      await this.#quietly(async () => {
        if (isDue) await session.ping()
        if (this.#parts.uncovered()) await session.askWitness()
      })
    }
  }

  /** A session that broke ends by itself and says why there. */
  async #quietly(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      if (!isAnyAmanaError(error)) throw error
    }
  }

  /** Waits as long as the failures ask for, or until something changed after `seen`. */
  async #pause(seen: number): Promise<void> {
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, this.#stop.signal])
    const ms = backoffMs(this.#failures, this.#parts.random)
    this.#nextTryAt = this.#parts.clock.nowMs() + ms
    await Promise.race([this.#parts.timer.wait(ms, signal), this.#changed.after(seen, signal)])
    over.abort()
    this.#nextTryAt = undefined
  }

  /** Lets a peer in no more, until its time is over or somebody says so. */
  async #pausePeer(peerId: string): Promise<void> {
    const agency = this.#agency()
    const over = new AbortController()
    this.#pauses.set(peerId, over)
    this.#failed(agency, 'NET_PAUSED')
    this.#parts.events.peerPaused(agency)
    await this.#parts.timer.wait(PAUSE_MS, AbortSignal.any([over.signal, this.#stop.signal]))
    this.#pauses.delete(peerId)
    this.#patience.resume(peerId)
    if (this.#stopped) return
    this.#parts.events.peerResumed(agency)
    this.wake()
  }

  #failed(agency: string, code: ErrorCode): void {
    this.#lastFailure = code
    this.#parts.events.sessionFailed(agency, code)
  }

  #agency(): string {
    return this.#parts.targets()[0]?.agency ?? ''
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted
  }
}

function codeOf(error: unknown): ErrorCode {
  return isAnyAmanaError(error) ? error.code : 'CLI_UNEXPECTED'
}
