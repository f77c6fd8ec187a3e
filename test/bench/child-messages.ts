/**
 * What the bench and its child processes say to each other: one question, one answer, in turn.
 *
 * @module
 * @spec docs/spec/08-exchange.md#parts-of-a-node
 */
import { z } from 'zod'

/** How many messages, how many of them at a time, and when no more are begun. */
const load = {
  count: z.int().min(1),
  inFlight: z.int().min(1),
  forMs: z.number().min(1),
} as const

/** Questions to a child that runs a node. */
export const NodeQuestionSchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('open'), folder: z.string(), passphrase: z.string() }),
  z.strictObject({
    ask: z.literal('send'),
    to: z.string(),
    ...load,
  }),
  z.strictObject({ ask: z.literal('traffic') }),
  z.strictObject({ ask: z.literal('cpu') }),
])

/** Questions to a child that echoes. */
export const EchoQuestionSchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('answer'), file: z.string(), answerBytes: z.int() }),
  z.strictObject({
    ask: z.literal('dial'),
    file: z.string(),
    address: z.string(),
    peerId: z.string(),
  }),
  z.strictObject({ ask: z.literal('send'), frameBytes: z.int().min(1), ...load }),
  z.strictObject({ ask: z.literal('cpu') }),
])

/** One run of messages: how long it took in all, each of them, and the processor time of this process. */
export const RunSchema = z.strictObject({
  elapsedMs: z.number(),
  latenciesMs: z.array(z.number()),
  /** Begun, and not over when patience was. */
  unfinished: z.int(),
  cpuMicros: z.number(),
})
/** Microseconds of processor time since the process began. */
export const CpuSchema = z.strictObject({ cpuMicros: z.number() })
/** Where a child that echoes listens. */
export const AddressSchema = z.strictObject({ address: z.string(), peerId: z.string() })
/** What passed on the sockets that a node dialled, and with which codes sessions ended. */
export const TrafficSchema = z.strictObject({
  sentBytes: z.number(),
  receivedBytes: z.number(),
  ended: z.array(z.string()),
})
/** Nothing to say. */
export const DoneSchema = z.strictObject({ done: z.literal(true) })

/** A question to a child that runs a node. */
export type NodeQuestion = z.output<typeof NodeQuestionSchema>
/** A question to a child that echoes. */
export type EchoQuestion = z.output<typeof EchoQuestionSchema>
/** One run of messages. */
export type Run = z.output<typeof RunSchema>
/** What passed. */
export type Traffic = z.output<typeof TrafficSchema>
/** How many messages, how many of them at a time, and when no more are begun. */
export type Load = Pick<Extract<EchoQuestion, { ask: 'send' }>, keyof typeof load>
