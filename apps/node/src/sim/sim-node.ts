/**
 * One machine of a history: a node's own parts, opened from its disk whenever it is switched on, and wired as the program
 * wires them. Nothing of it survives when it goes off but the disk.
 *
 * @module
 * @spec docs/spec/12-simulation.md#what-runs
 */
import { type ErrorCode, isAnyAmanaError, type SignedStatement } from '@amana/core'
import { createAttaching } from '../attaching.ts'
import { visitInTurns } from '../mailbox/mail-round.ts'
import { type NodeParts, openPartsOn } from '../node-parts.ts'
import { connectParts, createLine } from '../peer-connection.ts'
import { type PeerDesk } from '../peer-desk.ts'
import { checkSubmission } from '../outbox/submission.ts'
import { type MailboxVisit, type NodeClock, type Store } from '../ports.ts'
import { RECORDS } from '../records.ts'
import { type Chance } from './chance.ts'
import { type SimAgency, START_SECONDS } from './sim-agencies.ts'
import { type SimBlobs } from './sim-blobs.ts'
import { type SimDisk } from './sim-disk.ts'
import { MAILBOX, mailPeer } from './sim-mailbox.ts'
import { type SimNetwork } from './sim-network.ts'
import { type Break } from './sim-stream.ts'
import { filesOf, takeFiles } from './stick-files.ts'
import { VERIFIED_ONCE } from './verified-once.ts'
import { type Life, SimClock, timerOf, type VirtualTime } from './virtual-time.ts'

/** What happened on a machine, for the diagram. */
export type SimEvent =
  | { readonly what: 'on' | 'off' | 'opened' | 'durable' }
  | { readonly what: 'ended' | 'failed' | 'refused' | 'broken'; readonly code: string }
  | { readonly what: 'submitted' | 'accepted' | 'withdrawn'; readonly number: number }
  | { readonly what: 'clock'; readonly seconds: number }
  | { readonly what: 'wrote' | 'read' | 'visited'; readonly count: number }

/** Where a machine stands. */
export interface Ground {
  readonly time: VirtualTime
  readonly network: SimNetwork
  readonly chance: Chance
  readonly tell: (agency: string, event: SimEvent) => void
  /** The desk of a node; a planted fault has another. */
  readonly deskOf: (parts: NodeParts) => PeerDesk
  readonly storeOf: (store: Store) => Store
  readonly clockOf: (clock: SimClock) => NodeClock
  /** Whether it visits the mailbox. */
  readonly hasMailbox: boolean
}

/** How often it does, in seconds. */
const VISIT_SECONDS = 3

/** One machine. */
export class SimNode {
  readonly agency: SimAgency
  readonly disk: SimDisk
  readonly blobs: SimBlobs
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
  /** When a dispatch was written for the first time, by its place in the channel. */
  readonly sealedMs = new Map<number, number>()
  readonly #ground: Ground
  #life: Life = { isOn: false }
  #parts: NodeParts | undefined
  /** Why it could not be opened. */
  problem: ErrorCode | 'unknown' | undefined

  constructor(
    agency: SimAgency,
    { blobs, disk }: { readonly blobs: SimBlobs; readonly disk: SimDisk },
    ground: Ground,
  ) {
    this.agency = agency
    this.disk = disk
    this.blobs = blobs
    this.#ground = ground
    this.clock = new SimClock(ground.time, START_SECONDS)
  }

  get parts(): NodeParts | undefined {
    return this.#parts
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
    this.#parts = undefined
    this.disk.goOff()
    this.blobs.goOff()
    for (const peerId of [this.agency.peerId, mailPeer(this.agency.peerId)]) {
      this.#ground.network.goOff(peerId, how)
    }
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

  /** Somebody writes a stick: all that the peer has not answered. Nothing comes of it while the node is off. */
  async writeStick(): Promise<readonly Uint8Array[]> {
    const { parts } = this
    const files = parts === undefined ? [] : await filesOf(parts)
    if (files.length > 0) this.#tell({ what: 'wrote', count: files.length })
    return files
  }

  /** Somebody puts in a stick. */
  async readStick(files: readonly Uint8Array[]): Promise<void> {
    const { parts } = this
    if (parts === undefined || files.length === 0) return
    this.#tell({ what: 'read', count: await takeFiles(parts, files) })
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
    const { deskOf, network, time } = this.#ground
    const parts = await openPartsOn(this.#folder(life))
    const own = network.linkOf(this.agency.peerId, life)
    const desk = deskOf(parts)
    const timer = timerOf(time, life)
    const nowMs = (): number => time.nowMs()
    const attaching = createAttaching(parts, {
      link: own,
      events: this.#events(life),
      timer,
      nowMs,
    })
    const ends = { link: attaching.link, desk, events: attaching.events }
    const line = createLine(parts, { ...ends, timer })
    await attaching.begin(line)
    await connectParts(parts, { ...ends, line })
    parts.audit.failed.addEventListener('abort', () => {
      this.switchOff('reset')
    })
    this.#parts = parts
    if (this.#ground.hasMailbox) this.#beginMail(parts, life, () => line.connected)
    line.start()
  }

  #folder(life: Life): Parameters<typeof openPartsOn>[0] {
    const { chance, clockOf, storeOf, time } = this.#ground
    const { ring } = this.agency
    return {
      folder: '',
      config: configOf(this.agency.id),
      ring,
      store: storeOf(this.#watched(this.disk.storeOf(life))),
      clock: clockOf(this.clock),
      machine: {
        random: chance.bytes,
        monotonicMs: () => time.nowMs(),
        heads: this.disk.headsOf(life),
        blobs: () => this.blobs.blobsOf(life),
        before: () => VERIFIED_ONCE,
      },
    }
  }

  /** Notes when dispatches are written. */
  #watched(store: Store): Store {
    return {
      ...store,
      batch: async (writes) => {
        for (const { key, space } of writes) {
          if (space !== RECORDS.out.space || this.disk.spaces.get(space)?.has(key) === true)
            continue
          this.sealedMs.set(Number(key.slice(key.lastIndexOf('/') + 1)), this.#ground.time.nowMs())
        }
        await store.batch(writes)
      },
    }
  }

  #beginMail(parts: NodeParts, life: Life, isConnected: () => boolean): void {
    const { network, time } = this.#ground
    const round = {
      parts,
      link: network.linkOf(mailPeer(this.agency.peerId), life),
      settings: { peerId: MAILBOX, addresses: [], afterSeconds: 0, everySeconds: VISIT_SECONDS },
      timer: timerOf(time, life),
      isConnected,
      visited: ({ fetched, left }: MailboxVisit) => {
        this.#tell({ what: 'visited', count: fetched + left })
      },
      failed: ignored,
    }
    void visitInTurns(round, new AbortController().signal)
  }

  #events(life: Life): Parameters<typeof createAttaching>[1]['events'] {
    const tell = (event: SimEvent): void => {
      if (life.isOn) this.#tell(event)
    }
    return {
      attachmentFailed: ignored,
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
