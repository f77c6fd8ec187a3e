/**
 * A mailbox on a real store, and visits of nodes to it over the real protocol; it may misbehave.
 *
 * @module
 * @spec docs/spec/09-carriers.md#mailbox
 */
import { join } from 'node:path'
import { MailStore, type MailRules } from '../../apps/node/src/mailbox/mail-store.ts'
import { serveMailbox } from '../../apps/node/src/mailbox/serve.ts'
import { visitMailbox } from '../../apps/node/src/mailbox/visit.ts'
import { type MailboxVisit } from '../../apps/node/src/ports.ts'
import { openLevelStore } from '../../apps/node/src/store/level-store.ts'
import { memoryLink } from './memory-link.ts'
import { type Side, TestClock } from './node-fixture.ts'
import { random, temporaryFolder } from './store-fixture.ts'

const DAY = 86_400
const MAILBOX = 'mailbox'
const RULES: MailRules = {
  agencies: new Set(['ng.naptip', 'ne.anltp-tim']),
  keepSeconds: 30 * DAY,
  quotaBytes: 64 * 1024 * 1024,
}

/** A mailbox that is open. */
export interface OpenMail extends AsyncDisposable {
  readonly mail: MailStore
  readonly clock: TestClock
}

/** Opens a mailbox on a folder of its own. */
export async function openMail(changes: Partial<MailRules> = {}): Promise<OpenMail> {
  const folder = await temporaryFolder()
  const key = new Uint8Array(32).fill(7)
  const store = await openLevelStore({ folder: join(folder.path, 'store'), key, random })
  const clock = new TestClock(1_795_514_400)
  return {
    mail: await MailStore.open(store, clock, { ...RULES, ...changes }),
    clock,
    [Symbol.asyncDispose]: async () => {
      await store.close()
      await folder[Symbol.asyncDispose]()
    },
  }
}

/** What a mailbox is to a node. */
export type Kept = Parameters<typeof serveMailbox>[2]

/** What a mailbox does instead of what it should. */
export type Mischief = Partial<Kept>

/** One visit of a node. */
export async function visit(
  side: Side,
  mail: MailStore,
  mischief: Mischief = {},
): Promise<MailboxVisit> {
  return visitTo(side, {
    acknowledge: (...asked) => mail.acknowledge(...asked),
    deposit: (...asked) => mail.deposit(...asked),
    fetch: (...asked) => mail.fetch(...asked),
    list: (...asked) => mail.list(...asked),
    ...mischief,
  })
}

/** One visit of a node to whatever says that it is its mailbox. */
export async function visitTo(side: Side, kept: Kept): Promise<MailboxVisit> {
  const { far, near } = memoryLink(MAILBOX)
  const serving = serveMailbox(far, side.agency, kept)
  const done = await visitMailbox(side.parts, near)
  await near.close()
  await serving
  return done
}
