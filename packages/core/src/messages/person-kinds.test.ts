/**
 * What the kinds of a person’s side refuse: each kind with the values that would hurt somebody if they were taken.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#kinds
 */
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { set, without } from '../../../../test/support/edit-json.ts'
import { GONE, REFERRAL_ROWS } from '../../../../test/support/person-rows.ts'
import { TASK_ROWS } from '../../../../test/support/task-rows.ts'
import { readJson } from '../../../../test/support/repository.ts'
import { LATER_VERSIONS, OPENED_WITH } from '../trust/charter-rules.ts'
import { parseMessage } from './message.ts'

const { samples } = z
  .object({
    samples: z.array(
      z.object({ kind: z.string(), groups: z.record(z.string(), z.record(z.string(), z.json())) }),
    ),
  })
  .parse(readJson('test/vectors/messages/samples.json'))

const TABLE = { ...REFERRAL_ROWS, ...TASK_ROWS }

const ROWS = Object.entries(TABLE).flatMap(([kind, rows]) =>
  rows.map(([what, sample, path, put, refused]) => ({ kind, what, sample, path, put, refused })),
)

describe('the kinds of a person’s side', () => {
  it('all stand in the table, each with two samples and eight refusals at least', () => {
    expect(Object.keys(TABLE).toSorted()).toEqual(
      [...Object.keys(OPENED_WITH), ...Object.keys(LATER_VERSIONS)].toSorted(),
    )
    for (const [kind, rows] of Object.entries(TABLE)) {
      expect(rows.length, kind).toBeGreaterThanOrEqual(8)
      expect(samples.filter((sample) => sample.kind === kind).length).toBeGreaterThanOrEqual(2)
    }
  })

  it.each(ROWS)('$kind refuses $what', ({ kind, sample, path, put, refused }) => {
    const groups = samples.filter((each) => each.kind === kind)[sample]?.groups
    const edited = put === GONE ? without(groups, path) : set(groups, path, put)
    expect(() => parseMessage(kind, edited)).toThrow(
      expect.objectContaining({ code: 'WIRE_SCHEMA', details: { path: refused } }),
    )
  })
})
