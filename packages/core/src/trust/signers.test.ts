import { describe, expect, it } from 'vitest'
import { twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { type Act } from '../crypto/jws.ts'
import { assertSigners, type StatementSigner } from './signers.ts'

const { charter } = await twoAgencies()
const KIND = 'victim.referral/1'
const BOTH = ['approve:victim', 'author:victim']

const signer = (act: Act, id: string, roles = BOTH): StatementSigner => ({
  act,
  officer: { agency: 'ng.naptip', id, organisation: 'ng.naptip', roles },
})
const stranger = (act: Act, id: string): StatementSigner => {
  const { officer } = signer(act, id)
  return { act, officer: { ...officer, agency: 'ne.dst' } }
}
const judged = async (signers: readonly StatementSigner[], kind = KIND): Promise<unknown> =>
  refusalOf(() => assertSigners({ charter: charter.payload, kind }, signers))
const policy = (rule: string): unknown => ({ code: 'WIRE_POLICY', details: { rule } })
const tooFew = (signed: number): unknown => ({
  code: 'TRUST_SECOND_OFFICER',
  details: { kind: KIND, required: 1, signed },
})

describe('the signers of a kind that needs one approval', () => {
  it.each([
    ['an author and an approver', [signer('author', 'a'), signer('approve', 'b')], undefined],
    ['an approver before the author', [signer('approve', 'b'), signer('author', 'a')], undefined],
    [
      'two approvers',
      [signer('author', 'a'), signer('approve', 'b'), signer('approve', 'c')],
      undefined,
    ],
    ['the author alone', [signer('author', 'a')], tooFew(0)],
    ['the author as approver', [signer('author', 'a'), signer('approve', 'a')], tooFew(0)],
    ['nobody', [], policy('exactly one author')],
    [
      'approvers only',
      [signer('approve', 'a'), signer('approve', 'b')],
      policy('exactly one author'),
    ],
    ['two authors', [signer('author', 'a'), signer('author', 'b')], policy('exactly one author')],
    [
      'an author without the role',
      [signer('author', 'a', ['approve:victim']), signer('approve', 'b')],
      policy('role author:victim'),
    ],
    [
      'an author of another area',
      [signer('author', 'a', ['author:intel']), signer('approve', 'b')],
      policy('role author:victim'),
    ],
    [
      'an approver without the role',
      [signer('author', 'a'), signer('approve', 'b', ['author:victim'])],
      policy('role approve:victim'),
    ],
    [
      'an approver without the role beside one with it',
      [signer('author', 'a'), signer('approve', 'b'), signer('approve', 'c', ['head'])],
      policy('role approve:victim'),
    ],
    [
      'an author of an agency that the charter does not know',
      [stranger('author', 'a'), stranger('approve', 'b')],
      policy(`${KIND} is not open to ne.dst`),
    ],
  ])('%s', async (_name, signers, refusal) => {
    expect(await judged(signers)).toEqual(refusal)
  })
})

describe('the signers of other kinds', () => {
  it('need no approval where the charter asks for none', async () => {
    const author = signer('author', 'a', ['author:task'])
    expect(await judged([author], 'task.clearance/1')).toBeUndefined()
  })

  it('are judged by a rule, or refused', async () => {
    expect(await judged([signer('author', 'a')], 'victim.referral/3')).toEqual(
      policy('kind victim.referral/3'),
    )
  })

  it('count one officer once, whatever keys that officer has', async () => {
    const { payload } = charter
    const kinds = { ...payload.kinds, [KIND]: { approvals: 2, aud: ['ng.naptip'] } }
    const signers = [signer('author', 'a'), signer('approve', 'b'), signer('approve', 'b')]
    const refusal = await refusalOf(() =>
      assertSigners({ charter: { ...payload, kinds }, kind: KIND }, signers),
    )
    expect(refusal).toEqual({
      code: 'TRUST_SECOND_OFFICER',
      details: { kind: KIND, required: 2, signed: 1 },
    })
  })
})
