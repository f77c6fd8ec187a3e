/**
 * One machine of a history: a node's own parts, opened from its disk whenever it is switched on, and wired as the program
 * wires them. Nothing of it survives when it goes off but the disk.
 *
 * @module
 * @spec docs/spec/12-simulation.md#what-runs
 */
import { type ErrorCode, isAnyAmanaError, type SignedStatement } from '@amana/core'
import { type PeerLine } from '../exchange/peer-line.ts'
import { type NodeParts, openPartsOn } from '../node-parts.ts'
import { connectParts, createLine } from '../peer-connection.ts'
import { type PeerDesk } from '../peer-desk.ts'
import { checkSubmission } from '../outbox/submission.ts'
import { type Store } from '../ports.ts'
import { type Chance } from './chance.ts'
import { type SimAgency, START_SECONDS } from './sim-agencies.ts'
import { type SimDisk } from './sim-disk.ts'
import { type SimNetwork } from './sim-network.ts'
import { type Break } from './sim-stream.ts'
import { VERIFIED_ONCE } from './verified-once.ts'
import { type Life, SimClock, timerOf, type VirtualTime } from './virtual-time.ts'

/** What happened on a machine, for the diagram. */
export type SimEvent =
  | { readonly what: 'on' | 'off' | 'opened' | 'durable' }
  | { readonly what: 'ended' | 'failed' | 'refused' | 'broken'; readonly code: string }
  | { readonly what: 'submitted' | 'accepted' | 'withdrawn'; readonly number: number }
  | { readonly what: 'clock'; readonly seconds: number }

/** Where a machine stands. */
export interface Ground {
  readonly time: VirtualTime
  readonly network: SimNetwork
  readonly chance: Chance
  readonly tell: (agency: string, event: SimEvent) => void
  /** The desk of a node; a planted fault has another. */
  readonly deskOf: (parts: NodeParts) => PeerDesk
  readonly storeOf: (store: Store) => Store
}

interface Running {
  readonly life: Life
  readonly parts: NodeParts
  readonly line: PeerLine
}

/** One machine. */
export class SimNode {
  readonly agency: SimAgency
  readonly disk: SimDisk
  readonly clock: SimClock
  /** Statements that this node said to be durable, in order. */
  readonly accepted: string[] = []
  /** When it said so, and when an officer had handed it in: by digest. */
  readonly acceptedMs = new Map<string, number>()
  readonly submittedMs = new Map<string, number>()
  /** Why statements were not taken. */
  readonly refusals: string[] = []
  /** Statements that an officer took back, or may have. */
  readonly withdrawn = new Set<string>()
  readonly #ground: Ground
  #life: Life = { isOn: false }
  #running: Running | undefined
  /** Why it could not be opened. */
  problem: ErrorCode | 'unknown' | undefined

  constructor(agency: SimAgency, disk: SimDisk, ground: Ground) {
    this.agency = agency
    this.disk = disk
    this.#ground = ground
    this.clock = new SimClock(ground.time, START_SECONDS)
  }

  get parts(): NodeParts | undefined {
    return this.#running?.parts
  }

  get isOn(): boolean {
    return this.#life.isOn
  }

  /** Opens the node as it starts after a crash. */
  switchOn(): void {
    if (this.isOn) return
    const life = { isOn: true }
    this.#life = life
    this.#tell({ what: 'on' })
    void this.#open(life).catch((error: unknown) => {
      if (life !== this.#life || !life.isOn) return
      this.problem = isAnyAmanaError(error) ? error.code : 'unknown'
      this.#tell({ what: 'broken', code: this.problem })
    })
  }

  /** The power goes. */
  switchOff(how: Break): void {
    if (!this.isOn) return
    this.#life.isOn = false
    this.#running = undefined
    this.disk.goOff()
    this.#ground.network.goOff(this.agency.peerId, how)
    this.#tell({ what: 'off' })
  }

  /** An officer hands in a statement; while the node is off nothing happens. */
  submit(number: number): void {
    const signed = this.agency.statements[number]
    const { parts } = this
    if (parts === undefined || signed === undefined) return
    this.submittedMs.set(signed.digest, this.#ground.time.nowMs())
    this.#tell({ what: 'submitted', number })
    void this.#queue(parts, signed, number).catch((error: unknown) => {
      this.refusals.push(codeOf(error))
      this.#tell({ what: 'refused', code: codeOf(error) })
    })
  }

  /** An officer takes back a statement. */
  withdraw(number: number): void {
    const digest = this.agency.statements[number]?.digest ?? ''
    if (this.parts === undefined || !this.accepted.includes(digest)) return
    this.withdrawn.add(digest)
    this.#tell({ what: 'withdrawn', number })
    void this.parts.outbox.withdraw(digest, 'mistake').catch(() => undefined)
  }

  /** Somebody puts the clock: so many seconds off. */
  putClock(seconds: number): void {
    if (this.clock.offsetMs === seconds * 1000) return
    this.clock.offsetMs = seconds * 1000
    this.#tell({ what: 'clock', seconds })
  }

  /** The agency signed a roster. */
  adopt(index: number): void {
    const roster = this.agency.rosters[index]
    if (roster !== undefined) void this.parts?.trust.adoptRoster(roster).catch(() => undefined)
  }

  async #queue(parts: NodeParts, signed: SignedStatement, number: number): Promise<void> {
    const { agency, ledger, outbox, store, trust } = parts
    const rules = { agency, trust: trust.view(), ledger, store, now: this.clock.now() }
    await outbox.queue(await checkSubmission(signed, rules))
    this.accepted.push(signed.digest)
    this.acceptedMs.set(signed.digest, this.#ground.time.nowMs())
    this.#tell({ what: 'accepted', number })
  }

  async #open(life: Life): Promise<void> {
    const { chance, deskOf, network, storeOf, time } = this.#ground
    const { ring } = this.agency
    const parts = await openPartsOn({
      folder: '',
      config: configOf(this.agency.id),
      ring,
      store: storeOf(this.disk.storeOf(life)),
      clock: this.clock,
      machine: {
        random: chance.bytes,
        monotonicMs: () => time.nowMs(),
        heads: this.disk.headsOf(life),
        before: () => VERIFIED_ONCE,
      },
    })
    const link = network.linkOf(this.agency.peerId, life)
    const desk = deskOf(parts)
    const events = this.#events(life)
    const line = createLine(parts, { link, desk, events, timer: timerOf(time, life) })
    await connectParts(parts, { link, desk, line, events })
    parts.audit.failed.addEventListener('abort', () => {
      this.switchOff('reset')
    })
    this.#running = { life, parts, line }
    line.start()
  }

  #events(life: Life): Parameters<typeof createLine>[1]['events'] {
    const tell = (event: SimEvent): void => {
      if (life.isOn) this.#tell(event)
    }
    return {
      glassBroken: ignored,
      notWitnessed: ignored,
      sessionEnded: (_agency, code) => {
        tell({ what: 'ended', code: code ?? '' })
      },
      sessionFailed: (_agency, code) => {
        tell({ what: 'failed', code })
      },
      peerPaused: () => {
        tell({ what: 'broken', code: 'NET_PAUSED' })
      },
      peerResumed: ignored,
      sessionOpened: () => {
        tell({ what: 'opened' })
      },
      witnessConflict: (origin) => {
        tell({ what: 'broken', code: origin })
      },
    }
  }

  #tell(event: SimEvent): void {
    this.#ground.tell(this.agency.id, event)
  }
}

/** What has no place in a history. */
function ignored(): void {
  // nobody reads it
}

function codeOf(error: unknown): string {
  return isAnyAmanaError(error) ? error.code : 'unknown'
}

function configOf(id: string): NodeParts['config'] {
  return {
    agency: { city: 'Abuja', id, name: id },
    node: { checkpoints: 'heads', listen: [`/dns4/${id}/tcp/4180`] },
  }
}
