/**
 * Message files that an auditor is handed.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#message-file
 */
import { type MessageFile, type SignedStatement } from '@amana/core'
import { beginExchange, revokeAuthor } from '../../support/built-exchange.ts'
import { changedCases } from './changed-cases.ts'
import { laterCases } from './later-cases.ts'
import { type FileCase, FIELDS, Story } from './message-story.ts'
import { readingCases } from './reading-cases.ts'

/** Every file, those that are accepted first. */
export async function fileVectors(): Promise<readonly FileCase[]> {
  const story = new Story(await beginExchange())
  const signed = await story.sent(60)
  const whole = await story.file(signed, story.shownBy('approver'))
  const made = [
    ...(await soundFiles(story, signed, whole)),
    ...readingCases(story, whole),
    ...(await changedCases(story, signed, whole)),
    ...(await revokedFiles(story)),
    ...(await laterCases()),
  ]
  return made.toSorted((a, b) => Number(isRefused(a)) - Number(isRefused(b)))
}

function isRefused({ says }: FileCase): boolean {
  return says.some((one) => one !== 'REFUSED')
}

async function soundFiles(
  story: Story,
  signed: SignedStatement,
  whole: MessageFile,
): Promise<readonly FileCase[]> {
  const waiting = await story.sign(70)
  story.exchange.naptip.log.keep('statement', waiting.statement)
  const flying = await story.sent(80, { isUnanswered: true })
  const twice = await story.sent(90)
  await story.send(twice, 95)
  const doubled = whole.evidence.flatMap((record) =>
    record.kind === 'presentation' || record.kind === 'disclosure' ? [record] : [record, record],
  )
  const receiver = story.shownBy('reader', 'anltp')
  return story.cases([
    ['with one field shown to a court', whole],
    ['that shows nothing', await story.file(signed)],
    ['with a group that nobody says to have given', await story.file(signed, { fields: ['body'] })],
    ['given on by the receiver', await story.file(signed, receiver)],
    ['of a statement that waits', await story.file(waiting)],
    ['of a statement that nobody has answered', await story.file(flying)],
    ['of a statement sent in two dispatches', await story.file(twice)],
    ['with every record twice', { ...whole, evidence: doubled }],
  ])
}

/** The author’s key is revoked after all of this was signed. */
async function revokedFiles(story: Story): Promise<readonly FileCase[]> {
  const covered = await story.sent(110)
  const unanswered = await story.sent(120, { isUnanswered: true })
  const refused = await story.sign(130)
  await revokeAuthor(story.exchange, { since: 105, at: 300 })
  await story.send(refused, 310, { refusal: 'WIRE_KEY_REVOKED' })
  return story.cases([
    [
      'of a revoked author, covered by a receipt from before',
      await story.file(covered, { fields: FIELDS }),
    ],
    ['of a revoked author, refused by the receiver', await story.file(refused), 'REFUSED'],
    [
      'of a revoked author, covered by nothing',
      await story.file(unanswered),
      'SIGNATURE_INVALID:WIRE_KEY_REVOKED',
    ],
    [
      'given by an officer whose key is revoked',
      await story.file(covered, story.shownBy('author')),
      'DISCLOSURE_INVALID:WIRE_KEY_REVOKED',
    ],
  ])
}
