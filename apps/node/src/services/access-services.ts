/**
 * Access for the people who answer for it: challenges for officers' signatures, the own log, who did what, the proof of
 * one entry, and the review of an opening against the usual rule. Each look is a leaf itself.
 *
 * @module
 * @spec docs/spec/05-audit-log.md#looking-into-the-log
 */
import { AmanaError, digest, encodeUtf8, formatLogProof, type Leaf, parseLeaf } from '@amana/core'
import { isAbout, leafView, leavesBack } from '../access/log-reader.ts'
import { type Actor } from '../access/officers.ts'
import { acting, reasonOf, recordAct } from '../access/recorded.ts'
import { type NodeParts } from '../node-parts.ts'
import { type ServiceInput } from '../service-inputs.ts'
import { type LeafView } from '../service-views.ts'
import { type NodeServices, type ServiceResults } from '../services.ts'
import { accessReport } from './access-report.ts'
import { logListed } from './listed.ts'
import { logAt } from './read-log.ts'
import { writeWhole } from './written-file.ts'

/** A call reads no more leaves than these: a second or so. */
const READ_LEAVES = 20_000

type AccessServices = Pick<
  NodeServices,
  'auditAccess' | 'auditList' | 'auditProve' | 'auditReview' | 'challenge'
>

/** The methods about access. */
export function createAccessServices(parts: NodeParts): AccessServices {
  const { agency, officers, reviews } = parts
  return {
    challenge: async () => ({ agency, challenge: officers.challenge() }),
    auditList: (input) =>
      acting(parts, { act: 'list', method: 'auditList', input }, async (who) => {
        const found = await listed(parts, input)
        const query = queryOf(input)
        const count = found.leaves.length
        await logListed(parts, { asked: input, who, what: 'log', count, ...query })
        return found
      }),
    auditAccess: (input) =>
      acting(parts, { act: 'list', method: 'auditAccess', input }, async (who) => {
        const report = await accessReport(parts, input)
        const query = queryOf(input)
        const count = report.entries.length
        await logListed(parts, { asked: input, who, what: 'access', count, ...query })
        return report
      }),
    auditProve: (input) =>
      acting(parts, { act: 'export', method: 'auditProve', input }, (who) =>
        prove(parts, input, who),
      ),
    auditReview: (input) =>
      acting(parts, { act: 'review', method: 'auditReview', input }, async (who) => {
        const { index, result } = input
        await reviews.judge(input, who)
        return { index, result }
      }),
  }
}

/** What was looked for, as the leaf commits to it. */
function queryOf(asked: {
  readonly before?: number
  readonly epoch?: string
  readonly event?: string
  readonly from?: string
  readonly message?: string
  readonly until?: string
}): { readonly query?: string } {
  const { before, epoch, event, from, message, until } = asked
  const words = Object.entries({ before, epoch, event, from, message, until }).flatMap(
    ([name, value]) => (value === undefined ? [] : [`${name}=${String(value)}`]),
  )
  return words.length === 0 ? {} : { query: words.join(' ') }
}

async function listed(
  parts: NodeParts,
  asked: ServiceInput<'auditList'>,
): Promise<ServiceResults['auditList']> {
  const { audit, disclosures } = await logAt(parts, asked.epoch)
  const { before = Infinity, disclose, limit } = asked
  const { size } = audit.head()
  const from = Math.min(before, size)
  const to = Math.max(0, from - READ_LEAVES)
  const leaves: LeafView[] = []
  for await (const leaf of leavesBack(audit, from, to)) {
    if (!isAsked(leaf, asked)) continue
    if (leaves.length === limit) return { leaves, more: true, next: leaf.index + 1 }
    leaves.push(await leafView(leaf, disclose === true ? disclosures : undefined))
  }
  return to === 0 ? { leaves, more: false } : { leaves, more: true, next: to }
}

function isAsked(leaf: Leaf, { classes, event, message }: ServiceInput<'auditList'>): boolean {
  if (classes?.includes(leaf.class) === false) return false
  if (event !== undefined && leaf.event !== event) return false
  return message === undefined || isAbout(leaf, message)
}

/** Under the newest head that the other agency cosigned. @throws AUDIT_NOT_WITNESSED, CLI_FILE */
async function prove(
  parts: NodeParts,
  asked: ServiceInput<'auditProve'>,
  who: Actor,
): Promise<ServiceResults['auditProve']> {
  const { audit, newest } = await logAt(parts, asked.epoch)
  const { index, purpose, to } = asked
  const { note, size } = await newest()
  if (index >= size) throw new AmanaError('AUDIT_NOT_WITNESSED', { size, witnesses: 0, quorum: 1 })
  const [leaf = new Uint8Array()] = await audit.leaves(index, index + 1)
  const hashes = await audit.inclusionProof(index, size)
  const text = formatLogProof({ index, leaf, hashes, note })
  const data = {
    bundle: digest(text),
    classes: [parseLeaf(leaf).class],
    format: 'proof',
    purpose,
    range: [index, index + 1],
  }
  return writeWhole(to, async (file) => {
    await file.write(encodeUtf8(text))
    const leaves = [{ event: 'a.audit-export' as const, data }]
    await recordAct(parts, { who, leaves, fields: reasonOf(asked) })
    await file.finish()
    return { file: to, index, size }
  })
}
