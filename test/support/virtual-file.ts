/**
 * A file on the virtual line, and urgent messages beside it.
 *
 * @module
 * @spec docs/spec/10-attachments.md#giving-way
 */
import { PullWindow } from '../../apps/node/src/blobs/window.ts'
import { BYTES_PER_MS, Course, Direction, ONE_WAY_MS } from './virtual-line.ts'

/** The frame of a message of 2 KB, and that of its receipt. */
const MESSAGE_BYTES = 5200
const RECEIPT_BYTES = 500
/** A round trip and the bytes, with nothing lost. */
export const LEAST_MS = 2 * ONE_WAY_MS + (MESSAGE_BYTES + RECEIPT_BYTES) / BYTES_PER_MS

/** A file on its way, and a message every 20 s: how long each took until its receipt was there. */
export class VirtualFile {
  readonly #there: Direction
  readonly #back: Direction
  readonly #course = new Course()
  readonly #window = new PullWindow()
  readonly tookMs: number[] = []
  fileBytes = 0
  #open = 0

  constructor(seed: string) {
    this.#there = new Direction(`${seed} there`)
    this.#back = new Direction(`${seed} back`)
  }

  play(untilMs: number, hasFile: boolean): this {
    if (hasFile) this.#course.at(0, (now) => this.#ask(now))
    for (let at = 60_000; at < untilMs; at += 20_000) {
      this.#course.at(at, (now) => this.#send(now))
    }
    this.#course.run(untilMs)
    return this
  }

  #ask(now: number): void {
    while (this.#open === 0 || this.#open < this.#window.bytes) {
      const bytes = this.#window.pieceBytes
      this.#open += bytes
      const askedMs = this.#back.carry(100, now)
      this.#course.at(askedMs, (there) => {
        const arrivesMs = this.#there.carry(bytes, there)
        this.#course.at(arrivesMs, (at) => this.#arrive(bytes, now, at))
      })
    }
  }

  #arrive(bytes: number, askedAtMs: number, now: number): void {
    this.#open -= bytes
    this.fileBytes += bytes
    this.#window.arrived({ bytes, sinceMs: askedAtMs }, now)
    this.#ask(now)
  }

  #send(now: number): void {
    const thereMs = this.#there.carry(MESSAGE_BYTES, now)
    this.#course.at(thereMs, (at) => {
      this.tookMs.push(this.#back.carry(RECEIPT_BYTES, at) - now)
    })
  }
}
