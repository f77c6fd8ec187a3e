/**
 * The examples of the pages hold together: the opening opens the statement, the dispatch binds it, the receipt answers
 * the dispatch; and the table of refusal classes is the one in the code.
 *
 * @module
 * @spec docs/spec/04-dispatch-channel-receipts.md#refusal-classes
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { asJson, at, parseText } from '../../../../test/support/json.ts'
import { readText } from '../../../../test/support/repository.ts'
import { encodeBase64url } from '../bytes/base64.ts'
import { encodeCanonical, type Json } from '../bytes/jcs.ts'
import { digest } from '../crypto/digest.ts'
import { ERRORS } from '../errors.ts'
import { DispatchSchema } from './dispatch.ts'
import { openedGroupsDigest, parseOpening, rebuildOpening } from './opening.ts'
import { ReceiptSchema } from './receipt.ts'
import { StatementSchema } from './statement.ts'

const STATEMENT_PAGE = readText('docs/spec/03-statement-and-seal.md')
const DISPATCH_PAGE = readText('docs/spec/04-dispatch-channel-receipts.md')

/** The first block of JSON under a heading. */
function exampleIn(page: string, heading: string): { readonly [member: string]: Json } {
  const section = page.slice(page.indexOf(`\n## ${heading}\n`))
  const [, json = ''] = /```json\n([^]*?)```/.exec(section) ?? []
  return asJson(parseText(json))
}

function digestOf(payload: { readonly [member: string]: Json }): string {
  return digest(encodeBase64url(encodeCanonical(payload)))
}

describe('the examples', () => {
  const statement = exampleIn(STATEMENT_PAGE, 'Statement')
  const opening = parseOpening(exampleIn(STATEMENT_PAGE, 'Openings'))
  const dispatch = exampleIn(DISPATCH_PAGE, 'Dispatch')
  const receipt = exampleIn(DISPATCH_PAGE, 'Receipt')

  it('have the members that the schemas ask for', () => {
    expect(StatementSchema.safeParse(statement).success).toBe(true)
    expect(DispatchSchema.safeParse(dispatch).success).toBe(true)
    expect(ReceiptSchema.safeParse(receipt).success).toBe(true)
  })

  it('open the statement', () => {
    const kind = z.string().parse(statement['kind'])
    expect(statement['_sd']).toEqual([rebuildOpening(kind, opening).body])
  })

  it('bind the statement, and answer the dispatch', () => {
    expect(dispatch['statements']).toEqual([digestOf(statement)])
    expect(receipt['dispatch']).toBe(digestOf(dispatch))
    expect(at(receipt, ['results', 0, 'statement'])).toBe(digestOf(statement))
    expect(at(receipt, ['results', 0, 'groups'])).toBe(openedGroupsDigest(opening))
  })
})

describe('the table of refusal classes', () => {
  const section = DISPATCH_PAGE.slice(DISPATCH_PAGE.indexOf('\n## Refusal classes\n'))
  const rows = [...section.matchAll(/^\| `([a-z]+)` +\| (.*) \|$/gm)].map(
    ([, name = '', codes = '']) =>
      [name, [...codes.matchAll(/`([A-Z0-9_]+)`/g)].map(([, code]) => code)] as const,
  )

  it.each(rows.slice(0, 6))('%s has its codes of messages and trust', (name, codes) => {
    const expected = Object.entries(ERRORS)
      .filter(([code, row]) => /^(WIRE|TRUST)_/.test(code) && row.refusal === name)
      .map(([code]) => code)
    expect(codes).toEqual(expected.toSorted())
  })

  it('has every class', () => {
    const classes = rows.slice(0, 6).map(([name]) => name)
    expect(classes.toSorted()).toEqual(['content', 'malformed', 'order', 'policy', 'size', 'trust'])
  })
})
