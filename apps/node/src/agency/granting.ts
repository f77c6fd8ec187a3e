/**
 * What an officer’s program does to let another officer read: it unwraps the keys of the groups that he reads and wraps
 * them for the other one.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#letting-another-officer-read
 */
import { AmanaError, type GroupWrap, type PrivateKey, rewrapGroup } from '@amana/core'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { askAs } from './asking.ts'
import { type UnlockedOfficer } from './signing.ts'

/** What is to be let open, and to whom. */
export interface Granting {
  readonly to: string
  readonly reason?: string
  /** Only counted. */
  readonly dryRun: boolean
  /** Called with how many groups are done so far. */
  readonly onProgress: (done: number) => void
}

type Services = Pick<NodeServices, 'challenge' | 'context' | 'grant' | 'grantable'>
type Group = ServiceResults['grantable']['groups'][number]

/**
 * Wraps the key of every group that `officer` reads and `to` may read for `to`; how many groups it were.
 *
 * @throws CLI_READER, STORE_GROUP, STORE_GROUP_KEY; as `askAs`
 */
export async function grantTo(
  services: Services,
  officer: UnlockedOfficer,
  { dryRun, onProgress, to, ...account }: Granting,
): Promise<number> {
  let done = 0
  for (let after: string | undefined; ;) {
    const input = { to, ...(after === undefined ? {} : { after }) }
    const asked = { act: 'grant', method: 'grantable', input } as const
    const { groups, next, reader } = await services.grantable(await askAs(services, officer, asked))
    if (dryRun) done += groups.length
    else if (groups.length > 0) {
      const wraps = await rewrapped(groups, officer, reader)
      const call = { act: 'grant', method: 'grant', input: { ...account, to, wraps } } as const
      done += (await services.grant(await askAs(services, officer, call))).granted
    }
    if (next === undefined) return done
    onProgress(done)
    after = next
  }
}

async function rewrapped(
  groups: readonly Group[],
  officer: UnlockedOfficer,
  reader: ServiceResults['grantable']['reader'],
): Promise<{ group: string; statement: Group['statement']; wrap: GroupWrap }[]> {
  const made = []
  for (const { group, statement, wraps } of groups) {
    const key = keyOf(wraps, officer)
    const wrap = await rewrapGroup({ group, statement }, wraps, { key, reader })
    made.push({ group, statement, wrap })
  }
  return made
}

/** The key of his keystore to which one of the wraps is. @throws STORE_GROUP_KEY */
function keyOf(
  wraps: readonly GroupWrap[],
  { reading = [] }: UnlockedOfficer,
): PrivateKey<'HPKE-9-KE'> {
  const kids = new Set<string>(wraps.map(({ kid }) => kid))
  const key = reading.find(({ keyId }) => kids.has(keyId))
  if (key === undefined) throw new AmanaError('STORE_GROUP_KEY', { group: '' })
  return key
}
