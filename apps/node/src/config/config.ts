/**
 * The node's settings: `amana.toml` in its folder, few and strict.
 *
 * @module
 * @spec docs/spec/08-exchange.md#what-a-node-keeps
 */
import { AgencyIdSchema } from '@amana/core'
import { stringify } from 'smol-toml'
import { z } from 'zod'

/** Letters, not control characters: names are printed. */
const NameSchema = z
  .string()
  .min(1)
  .max(120)
  .regex(/^\P{Cc}+$/u)
/** A multiaddr, as in `/ip4/127.0.0.1/tcp/4001`. */
const AddressSchema = z
  .string()
  .max(256)
  .regex(/^\/[!-~]+$/)

/** What `amana.toml` says. */
export const ConfigSchema = z.strictObject({
  agency: z.strictObject({
    city: NameSchema,
    id: AgencyIdSchema,
    name: NameSchema,
  }),
  node: z.strictObject({
    /** Bytes over the line in one day (UTC) beyond which attachments wait; messages never do. */
    attachmentBytesPerDay: z.exactOptional(z.int().min(1_000_000).max(1_000_000_000_000)),
    /** The file of log heads, by its path from the folder of `amana.toml`. */
    checkpoints: z.string().min(1).max(4096),
    /** Where the node listens; port 0 is one that is free. */
    listen: z.array(AddressSchema).min(1).max(8),
  }),
})
/** What `amana.toml` says. */
export interface Config extends z.output<typeof ConfigSchema> {}

/** The file's name in the node's folder. */
export const CONFIG_FILE = 'amana.toml'

/** Writes settings as TOML, agency first. */
export function formatConfig({ agency, node }: Config): string {
  const { id, name, city } = agency
  const { attachmentBytesPerDay: perDay, checkpoints, listen } = node
  const budget = perDay === undefined ? {} : { attachmentBytesPerDay: perDay }
  const settings = { listen, checkpoints, ...budget }
  return `${stringify({ agency: { id, name, city }, node: settings })}\n`
}
