/**
 * Every vector of `stages.json` against the code that ships.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#vectors
 */
import {
  assertOpens,
  assertStage,
  openedValues,
  parseMessage,
  parseOpening,
  parseStatement,
  verifyStatement,
} from '@amana/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { makeWorld } from '../../support/envelope-fixture.ts'
import { refusalOf, refusalWith } from '../../support/refusals.ts'
import { readJson } from '../../support/repository.ts'

const MessageSchema = z.strictObject({
  dispatch: z.string(),
  kind: z.string(),
  sentAt: z.int(),
  signed: z.array(z.enum(['read', 'acted'])),
})
const { receipts } = z
  .strictObject({
    about: z.string(),
    trust: z.json(),
    receipts: z.array(
      z.strictObject({
        name: z.string(),
        reason: z.exactOptional(z.string()),
        message: z.nullable(MessageSchema),
        opening: z.json(),
        statement: z.json(),
      }),
    ),
  })
  .parse(readJson('test/vectors/receipts/stages.json'))

describe('a receipt of an officer', () => {
  it('is refused in more vectors than it is accepted', () => {
    const refused = receipts.filter(({ reason }) => reason !== undefined)
    expect(refused.length).toBeGreaterThan(receipts.length / 2)
  })

  it.each(receipts)('for $name', async ({ message, opening, reason, statement }) => {
    const { trust } = await makeWorld()
    const parsed = parseStatement(statement)
    const verified = await verifyStatement(parsed, trust)
    const opened = parseOpening(opening)
    assertOpens(parsed.content, opened)
    const body = parseMessage(parsed.content.kind, openedValues(opened))
    const refusal = await refusalOf(() =>
      assertStage(verified, body, async () => message ?? undefined),
    )
    const code = reason === undefined ? undefined : 'WIRE_STAGE'
    expect(refusal).toEqual(refusalWith(code, { reason }))
  })
})
