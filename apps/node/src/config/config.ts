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
export const AddressSchema = z
  .string()
  .max(256)
  .regex(/^\/[!-~]+$/)

/** A libp2p peer id. */
export const PeerIdSchema = z
  .string()
  .max(64)
  .regex(/^[1-9A-HJ-NP-Za-km-z]+$/)

/** A mailbox that the node goes to when its peer is out of reach. */
export const MailboxSettingsSchema = z.strictObject({
  addresses: z.array(AddressSchema).min(1).max(8),
  /** How long the peer must have been out of reach; 0 to go there in any case. */
  afterSeconds: z.int().min(0).max(2_592_000),
  everySeconds: z.int().min(1).max(86_400),
  peerId: PeerIdSchema,
})
/** A mailbox that the node goes to. */
export type MailboxSettings = z.output<typeof MailboxSettingsSchema>

const AuthoritySchema = z
  .string()
  .min(1)
  .max(64)
  .regex(/^\P{Cc}+$/u)

/** What was filed with a data protection authority, or the head’s word that it goes without for now. */
const FilingSchema = z.union([
  z.strictObject({
    authority: AuthoritySchema,
    on: z.iso.date(),
    reference: z
      .string()
      .min(1)
      .max(64)
      .regex(/^\P{Cc}+$/u),
  }),
  z.strictObject({
    authority: AuthoritySchema,
    reason: NameSchema,
    until: z.iso.date(),
    /** Id of an officer whom the own roster lists as `head`. */
    waivedBy: z
      .string()
      .max(32)
      .regex(/^[a-z0-9-]+$/),
  }),
])

/** What `amana.toml` says. */
export const ConfigSchema = z.strictObject({
  agency: z.strictObject({
    city: NameSchema,
    id: AgencyIdSchema,
    name: NameSchema,
  }),
  mailbox: z.exactOptional(MailboxSettingsSchema),
  node: z.strictObject({
    /** Bytes over the line in one day (UTC) beyond which attachments wait; messages never do. */
    attachmentBytesPerDay: z.exactOptional(z.int().min(1_000_000).max(1_000_000_000_000)),
    /** Attachments come when an officer asks for them; without it they come by themselves. */
    attachments: z.exactOptional(z.literal('ask')),
    /** The file of log heads, by its path from the folder of `amana.toml`. */
    checkpoints: z.string().min(1).max(4096),
    /** An HTTP proxy through which WebSockets are dialled, such as `http://proxy.example:3128`. */
    proxy: z.exactOptional(
      z
        .string()
        .max(512)
        .regex(/^http:\/\/[!-~]+$/)
        .refine((text) => URL.canParse(text)),
    ),
    /** Where the node listens; port 0 is one that is free. */
    listen: z.array(AddressSchema).min(1).max(8),
  }),
  regulatoryFilings: z.exactOptional(z.array(FilingSchema).min(1).max(8)),
})
/** What `amana.toml` says. */
export interface Config extends z.output<typeof ConfigSchema> {}

/** The file's name in the node's folder. */
export const CONFIG_FILE = 'amana.toml'

/** Writes settings as TOML, agency first. */
export function formatConfig({ agency, mailbox, node, regulatoryFilings }: Config): string {
  const { id, name, city } = agency
  const { checkpoints, listen, ...attaching } = node
  const own = {
    ...(mailbox === undefined ? {} : { mailbox }),
    ...(regulatoryFilings === undefined ? {} : { regulatoryFilings }),
  }
  const settings = { listen, checkpoints, ...attaching }
  return `${stringify({ agency: { id, name, city }, node: settings, ...own })}\n`
}
