/**
 * Whether this agency may process persons’ data outside of exercises: by what it filed with its authority, or by its head’s
 * waiver, both from the settings.
 *
 * @module
 * @spec docs/spec/08-exchange.md#filings
 */
import { AmanaError } from '@amana/core'
import { type NodeParts } from '../node-parts.ts'
import { type FilingView } from '../service-views.ts'

/** What decides it. */
interface Parts {
  readonly clock: Pick<NodeParts['clock'], 'now'>
  readonly config: Pick<NodeParts['config'], 'regulatoryFilings'>
  readonly trust: {
    readonly ownRoster: {
      readonly payload: {
        readonly officers: readonly { readonly id: string; readonly roles: readonly string[] }[]
      }
    }
  }
}

/** Kinds that hand a person’s data on; steps, receipts, withdrawals and her own requests wait for no paper. */
const FILED =
  /^(?:victim\.referral|referral\.(?:stranded-migrant|assessment|follow-up)|task\.(?:travel-document|clearance|service|assistance)|intel\.report)\//
const DAY_CHARS = 10
const MS = 1000
const HEAD = 'head'

/** How it stands today: the first filing, else the first waiver that holds, else nothing. */
export function filingNow({ clock, config, trust }: Parts): FilingView {
  const entries = config.regulatoryFilings ?? []
  const filed = entries.find((entry) => 'reference' in entry)
  if (filed !== undefined && 'reference' in filed) {
    const { authority, reference } = filed
    return { state: 'filed', authority, reference }
  }
  const today = new Date(clock.now() * MS).toISOString().slice(0, DAY_CHARS)
  const { officers } = trust.ownRoster.payload
  const waiver = entries.find(
    (entry) =>
      'waivedBy' in entry &&
      entry.until >= today &&
      officers.some(({ id, roles }) => id === entry.waivedBy && roles.includes(HEAD)),
  )
  if (waiver === undefined || !('waivedBy' in waiver)) return { state: 'missing' }
  const { authority, until, waivedBy } = waiver
  return { state: 'waived', authority, until, waivedBy }
}

/** @throws REFERRAL_UNFILED where a real person’s data would leave without either */
export function assertFiled(parts: Parts, kind: string, caveats: readonly string[]): void {
  if (!FILED.test(kind) || caveats.includes('test:data')) return
  if (filingNow(parts).state === 'missing') throw new AmanaError('REFERRAL_UNFILED', { kind })
}
