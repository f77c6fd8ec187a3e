/**
 * Readers of groups at rest, for the people who use a node: an officer who reads lets another one read.
 *
 * @module
 * @spec docs/spec/11-at-rest.md#letting-another-officer-read
 */
import { AmanaError, type OfficerReader } from '@amana/core'
import { type Actor } from '../access/officers.ts'
import { acting, countBucket, reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { type StoreWrite } from '../ports.ts'
import { GRANTED_TOGETHER, type ServiceInput } from '../service-inputs.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'

type ReaderServices = Pick<NodeServices, 'grant' | 'grantable'>

/** The methods about readers. */
export function createReaderServices(parts: NodeParts): ReaderServices {
  return {
    grantable: async (input) =>
      acting(parts, { act: 'grant', method: 'grantable', input }, async (who) =>
        grantableTo(parts, input, who),
      ),
    grant: async (input) =>
      acting(parts, { act: 'grant', method: 'grant', input }, (who) => grant(parts, input, who)),
  }
}

async function grantableTo(
  { atRest }: NodeParts,
  { after, to }: ServiceInput<'grantable'>,
  who: Actor,
): Promise<ServiceResults['grantable']> {
  const by = signerOf(who)
  const reader = await readerOf(atRest, to)
  const found = await atRest.grantable(by, reader, { after, most: GRANTED_TOGETHER })
  const groups = found.map(({ key, wraps }) => {
    const [statement = '', group = ''] = key.split('/')
    return { group, statement, wraps }
  })
  const { jwk, keyId, officer } = reader
  const next = found.length === GRANTED_TOGETHER ? found.at(-1)?.key : undefined
  return { groups, reader: { jwk, keyId, officer }, ...(next === undefined ? {} : { next }) }
}

/** One leaf for all that is let open in one step; the wraps are kept in its batch. */
async function grant(
  parts: NodeParts,
  asked: ServiceInput<'grant'>,
  who: Actor,
): Promise<ServiceResults['grant']> {
  const { atRest, inbox, outbox } = parts
  const by = signerOf(who)
  const reader = await readerOf(atRest, asked.to)
  return outbox.alone(() =>
    inbox.alone(async () => {
      const writes = new Map<string, StoreWrite>()
      for (const one of asked.wraps) {
        for (const write of await atRest.granting(by, reader, one)) writes.set(write.key, write)
      }
      const granted = writes.size
      if (granted === 0) return { granted }
      const data = { count: countBucket(granted), key: reader.keyId }
      await recordAct(parts, {
        who,
        leaves: [{ event: 'a.grant', data }],
        fields: [...reasonOf(asked), { name: 'officer', value: reader.officer }],
        writes: () => [...writes.values()],
      })
      return { granted }
    }),
  )
}

/** The node has no key to wrap. @throws CLI_OPTION */
function signerOf({ officer }: Actor): string {
  if (officer === undefined) throw new AmanaError('CLI_OPTION', { option: '--officer' })
  return officer.id
}

/** @throws CLI_READER where the roster lists no such officer with an encryption key that is good now */
async function readerOf(atRest: NodeParts['atRest'], id: string): Promise<OfficerReader> {
  const reader = (await atRest.readers()).find(({ officer }) => officer === id)
  if (reader === undefined) throw new AmanaError('CLI_READER', { id })
  return reader
}
