/**
 * A peer that speaks the exchange protocol by hand, frame by frame, so that it can say what no node would.
 *
 * @module
 * @spec docs/spec/08-exchange.md#session
 */
import { encodeBase64url, encodeCanonical, type HeadsContent, parseCanonical } from '@amana/core'
import { z } from 'zod'
import { encodeFrame, type FrameType } from '../../apps/node/src/exchange/frames.ts'
import { Wire } from '../../apps/node/src/exchange/wire.ts'
import { type LinkSession } from '../../apps/node/src/ports.ts'
import { type TestAgency } from './agencies.ts'
import { type TestDesk } from './link-desk.ts'

const HelloSchema = z.looseObject({ nonce: z.string() })

/** How a greeting differs from the one that the protocol asks for. */
export interface Greeting {
  readonly nonce?: string
  readonly heads?: Partial<HeadsContent>
  readonly sealKey?: TestAgency['sealKey']
}

/** The other end of a session, spoken by hand. */
export class HandPeer {
  readonly link: LinkSession
  readonly #desk: TestDesk
  readonly #wire: Wire

  constructor(link: LinkSession, desk: TestDesk) {
    this.link = link
    this.#desk = desk
    this.#wire = new Wire(link)
  }

  /** Sends a frame as the protocol forms it. */
  async say(type: FrameType, body: Uint8Array = new Uint8Array()): Promise<void> {
    await this.#wire.send(type, body)
  }

  /** Sends the bytes of a frame, whatever they are. */
  async sayBytes(...bytes: readonly number[]): Promise<void> {
    await this.link.send(Uint8Array.from(bytes))
  }

  /** Sends a frame again and again without waiting, as fast as the transport takes it; rejects when the link ends. */
  async flood(type: FrameType, body: Uint8Array): Promise<never> {
    const frame = encodeFrame({ type, body })
    for (;;) await this.link.send(frame)
  }

  /** The next frame as `type length`, or what the session ended with. */
  async hear(): Promise<{ readonly type: string; readonly body: Uint8Array }> {
    const frame = await this.#wire.receive()
    return frame ?? { type: 'end', body: new Uint8Array() }
  }

  /** Types of all frames until the link ends. */
  async hearAll(): Promise<readonly string[]> {
    const types: string[] = []
    try {
      for (;;) {
        const { type } = await this.hear()
        if (type === 'end') return types
        types.push(type)
      }
    } catch {
      return types
    }
  }

  /** Says HELLO and takes the other side's: gives its nonce. */
  async hello(nonce = encodeBase64url(new Uint8Array(16))): Promise<string> {
    await this.say('hello', encodeCanonical({ nonce, v: 1 }))
    return HelloSchema.parse(parseCanonical((await this.hear()).body, 4096)).nonce
  }

  /** Greets as the desk's agency would, but for the differences. */
  async greet({ nonce, heads, sealKey }: Greeting = {}): Promise<void> {
    const asked = await this.hello()
    await this.say('heads', await this.#desk.headsWith(nonce ?? asked, heads, sealKey))
    await this.hear()
  }
}
