/**
 * A hand-over as a person reads it: what is offered, who signed, what the two versions say differently.
 *
 * @module
 * @spec docs/spec/13-hand-over.md#commands
 */
import { type HandOverCheck, type HandOverDifference, type UnverifiedHalf } from '@amana/core'
import { codeLabel } from '@amana/vocabulary'
import { type Io } from '../io.ts'
import { dayOf, instantOf } from '../texts.ts'

const LISTS: Readonly<Record<string, string>> = {
  condition: 'custodyCondition',
  transport: 'transportMode',
}

/** One half, in lines. */
export function halfLines(io: Io, { body, statement }: UnverifiedHalf): readonly string[] {
  const { say } = io
  const { belongings = [], documents = [], from, leg, legType, occurredAt, referral, to } = body
  const { exp } = statement.content
  const said = (name: string, value: string | undefined): readonly string[] =>
    value === undefined
      ? []
      : [
          say('custody:line', {
            name: say(`custody:item.${name}`),
            value: labelOf(io, name, value),
          }),
        ]
  return [
    say('custody:head', { referral, leg, type: label(io, 'legType', legType) }),
    say('custody:parties', {
      from: from.organisation,
      fromType: label(io, 'custodianType', from.type),
      to: to.organisation,
      toType: label(io, 'custodianType', to.type),
    }),
    ...said('occurredAt', occurredAt),
    ...said('place', body.place),
    ...said('condition', body.condition),
    ...said('transport', body.transport),
    ...said('carrier', body.carrier),
    ...documents.flatMap((name) => said('document', name)),
    ...belongings.flatMap(({ item, quantity }) =>
      said('belonging', `${item} × ${String(quantity)}`),
    ),
    ...said('personStatement', body.personStatement),
    ...said('reservations', body.reservations),
    ...(exp === undefined ? [] : said('until', instantOf(exp))),
  ]
}

/** Who signed, or that it cannot be told; and how old the rosters are by which that was looked up. */
export function checkLine({ say }: Io, check: HandOverCheck): string {
  if (check.verdict === 'unknown') return say(`custody:unknown.${check.document}`)
  const { id, organisation } = check.signer
  const { issuedAt, version } = check.roster
  return say('custody:signed', { id, organisation, version, date: dayOf(issuedAt) })
}

/** What differs, item by item. */
export function differenceLines(
  io: Io,
  differences: readonly HandOverDifference[],
): readonly string[] {
  const { say } = io
  return differences.map(({ item, offered, received }) => {
    const [name = '', ...rest] = item.split('.')
    const what = rest.length === 0 ? say(`custody:item.${name}`) : rest.join('.')
    const none = say('custody:none')
    const shown = (value: string | undefined): string =>
      value === undefined ? none : labelOf(io, name, value)
    return say('custody:differs', { what, offered: shown(offered), received: shown(received) })
  })
}

function labelOf(io: Io, name: string, value: string): string {
  const list = LISTS[name]
  return list === undefined ? value : label(io, list, value)
}

function label({ language }: Io, list: string, code: string): string {
  return codeLabel(list, code, language) ?? code
}
