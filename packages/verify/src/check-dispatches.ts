/**
 * Dispatches of a bundle: the node's signature, what the log says of them, and the chain of each channel.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#signed-objects
 */
import { channelGenesis, parseDispatch, signaturesDigest, verifyDispatch } from '@amana/core'
import { attempt, blame, type CheckedDispatch, type EvidenceCheck, evidenceOf } from './evidence.ts'
import { type ExchangeFact } from './exchange-facts.ts'
import { genesesOf, isFirstLog } from './log-names.ts'

/** Verifies every dispatch that the log names, then the chains that they make. */
export async function checkDispatches(check: EvidenceCheck): Promise<void> {
  for (const env of new Set(check.facts.map((fact) => fact.env))) {
    const record = await evidenceOf(check, 'dispatch', env)
    if (record === undefined) continue
    const blamed = {
      where: `dispatch ${env}`,
      party: check.reading.agency,
      level: 'LOCAL',
    } as const
    await attempt(check, blamed, async () => {
      const dispatch = parseDispatch(record.content)
      await verifyDispatch(dispatch, check.trust)
      const { content, digest, signed } = dispatch
      check.dispatches.set(env, { content, digest, osig: signaturesDigest(signed.jws) })
    })
  }
  for (const fact of check.facts) checkFact(check, fact)
  if (check.reading.header.range[0] === 0) {
    const facts = Map.groupBy(check.facts, ({ env }) => env)
    for (const dispatch of check.dispatches.values()) {
      checkAllLogged(check, dispatch, facts.get(dispatch.digest) ?? [])
    }
  }
  checkChannels(check)
}

/** The leaf says of the dispatch what the dispatch says of itself. */
function checkFact(check: EvidenceCheck, fact: ExchangeFact): void {
  const dispatch = check.dispatches.get(fact.env)
  if (dispatch === undefined) return
  const { from, to, statements } = dispatch.content
  const own = check.reading.agency
  const [sender, receiver] = fact.direction === 'sent' ? [own, fact.peer] : [fact.peer, own]
  const fits =
    from.agency === sender &&
    to.agency === receiver &&
    statements.some((statement) => statement === fact.std) &&
    (fact.osig === undefined || fact.osig === dispatch.osig)
  if (!fits) blame(check, 'DISPATCH_MISMATCH', `index ${String(fact.index)}`)
}

/** A dispatch binds all of its statements: none of them may be missing from the log. */
function checkAllLogged(
  check: EvidenceCheck,
  { digest, content }: CheckedDispatch,
  facts: readonly ExchangeFact[],
): void {
  const logged = new Set<string>(facts.map(({ std }) => std))
  const isWhole = content.statements.every((statement) => logged.has(statement))
  if (!isWhole || content.signatures.length !== content.statements.length) {
    blame(check, 'DISPATCH_MISMATCH', `dispatch ${digest}`)
  }
}

function checkChannels(check: EvidenceCheck): void {
  const channels = Map.groupBy(check.dispatches.values(), ({ content }) => content.channel)
  for (const [channel, dispatches] of channels) {
    checkChain(
      check,
      channel,
      dispatches.toSorted((a, b) => a.content.sequence - b.content.sequence),
    )
  }
}

interface ChainHead {
  readonly sequence: number
  /** One of them is what the next one names. */
  readonly digests: readonly string[]
  readonly sentAt: number
}

function checkChain(
  check: EvidenceCheck,
  channel: string,
  dispatches: readonly CheckedDispatch[],
): void {
  let head = firstHead(check, channel)
  for (const { digest, content } of dispatches) {
    const { sequence, sentAt, from, to } = content
    if (channel !== `${from.agency}>${to.agency}`) {
      blame(check, 'CHANNEL_BROKEN', `dispatch ${digest}`)
    } else if (head?.sequence === sequence) {
      const where = `${channel} ${String(sequence)}`
      const party = from.agency
      check.findings.push({ code: 'FORK', severity: 'fail', level: 'PROVEN', party, where })
    } else if (head !== undefined && !follows(content, head)) {
      blame(check, 'CHANNEL_BROKEN', `${channel} ${String(sequence)}`)
    }
    head = { sequence, digests: [digest], sentAt }
  }
}

function follows(
  next: { readonly sequence: number; readonly previous: string; readonly sentAt: number },
  head: ChainHead,
): boolean {
  return (
    next.sequence === head.sequence + 1 &&
    head.digests.includes(next.previous) &&
    next.sentAt >= head.sentAt
  )
}

/** The channel's beginning; unknown where the bundle begins later, or where it may have begun in an older log. */
function firstHead(check: EvidenceCheck, channel: string): ChainHead | undefined {
  const { log, range } = check.reading.header
  if (range[0] > 0 || !isFirstLog(log)) return undefined
  const [sender = '', receiver = ''] = channel.split('>')
  const digests = genesesOf(check, sender).flatMap((senderGenesis) =>
    genesesOf(check, receiver).map((receiverGenesis) =>
      channelGenesis({ channel, senderGenesis, receiverGenesis }),
    ),
  )
  return { sequence: 0, digests, sentAt: 0 }
}
