/**
 * The published schemas: closed at every depth, equal each time, and the same as the program’s own.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#published-schemas
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { digest } from '../crypto/digest.ts'
import { draftJsonSchema, messageJsonSchema } from './json-schema.ts'
import { groupNames, KINDS } from './kinds.ts'

const SAMPLES = new URL('../../../../test/vectors/messages/samples.json', import.meta.url)
const { samples } = z
  .object({ samples: z.array(z.object({ kind: z.string(), groups: z.json() })) })
  .parse(JSON.parse(readFileSync(SAMPLES, 'utf8')))

/** Digest of each schema as published; another digest is another version of the kind. */
const PUBLISHED: Readonly<Record<string, string>> = {
  'victim.referral/2': 'MLnAj0IT854eX6vOqWe55P2xgHhFKqDlpqtDhGeISXw',
  'victim.referral/1': 'IMoTG1Pc1oUuD3pOVoBB_UPhSIZZsy9jyg9E4KIcYWY',
  'referral.event/1': 'TLqmwsJDipjU5q8_FbCKAEKLScR_E3r6dAv5r-t7q1g',
  'handover.receipt/1': '7_TM4xXCvHoelKq5cvciUULpqZ5kOzj-dclZumjkcf0',
  'task.travel-document/1': 'nZdr5csqFwewEBY5gwzLbwv5fVph3AiBzjK-OMt_HpA',
  'task.clearance/1': 'i8MCqQjIf7sdbw9P-y8aP47GZmf--WU3bAdB_87uWnA',
  'intel.report/1': 'bqkr7hm9vGUJcTXUxyRfYIKVU_QsY0WId3H-HvHKTws',
  'desk.answer/1': 'Wd920dSZYSXIMUmdbA7EQ_y6fM3jFXKwyDtVIp816PI',
  'jtwg.minutes/1': '3QMByooz6QSaDIgVjt6Ww8jv2R0CqNb4Mu2rTwkAaDc',
  'referral.stranded-migrant/1': 'Ya9NP_YWp-JecFHh01CoewtF_LR8B1Jn5Jqu20-JpnY',
  'referral.assessment/1': '3cNQBoPMleM2Viei1NxXjeCN-ia7mkxpwDH7_Sei8U4',
  'referral.consent/1': 'vdGPCdRP4HuT8GCGG8xfMs8sAjHx5MMAIGi5n-kp4-Y',
  'referral.follow-up/1': 'n9Tr2Bg3-_juL8dhOv4p8xlFT80h0q0QOQckcG2R8KM',
  'referral.told/1': '3kIq937FnYabG78H8zrVOJvc-EfAgXVJVqfhgQME9ik',
  'handover.escort-plan/1': 'kMo5obui92O1LGXlnuDJVmvrzrs5Zs3qhpWVhNpG6UY',
  'handover.check-in/1': 'JsDPws0SOsV4wDH9Qte3XcGjXgy3XWgyw2HAjCK8sZ4',
  'handover.manifest/1': 'CNAYuQazy7by1gFlqPRQe9A60BaSJAbIjJfHbfDFThc',
  'task.service/1': '6m8kM5kuELosy7HdZAvFvhrHZTUs-svWj66PqBjlhHQ',
  'task.bed-query/1': '4c08EzL40n6-OEOSdHewmBbqsyhY0_I4x4TUv9HobWg',
  'task.assistance/1': 'Fb41pA7JFic6yRObrhzyzDuVll_fzEhOVr9DHcSZO_E',
  'rights.request/1': 'PD5UwNYxqSFLWLh0eL_Ap10yzAVEXsEe0nB3QdIiWlc',
  'rights.answer/1': 'RKY0TtAXyGeY7dxA9LDssSuYBlFIvLySliK47kzNe2Q',
  'rights.correction/1': 'hjfYC16UUeYEh-rnBkLIzzM5BVeb0D02LOYFQA12rBk',
  'rights.erasure/1': 'IpzwmgUVn-xz6vkZtjgRmKw4gJMK2d4JH5Q8lmFwuwE',
  'receipt.read/1': 'wD8UzJ3OTDX1zBfg9wT9zDEsdb8ilcQRHBw2BpVilHo',
  'receipt.acted/1': 'qDBPdSUx_BebQN-rxMwzhn7d49ztOVty-kWpGqyDIi4',
  'rights.breach/1': 'd3rI3rFBgkxX-mKHwyVVuKmCX5UlC47_OQPE63DSs7U',
}

const ObjectSchema = z.looseObject({ properties: z.record(z.string(), z.unknown()) })

describe.each(Object.keys(KINDS))('the schema of %s', (kind) => {
  const schema = messageJsonSchema(kind)

  it('names itself and its dialect', () => {
    expect(schema).toMatchObject({
      $id: `urn:amana:kind:${kind}`,
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      additionalProperties: false,
    })
    expect(z.array(z.string()).parse(schema['required']).toSorted()).toEqual(groupNames(kind))
  })

  it('is closed at every depth', () => {
    const open = objectsIn(schema).filter(({ value }) => value['additionalProperties'] !== false)
    expect(open.map(({ path }) => path)).toEqual([])
  })

  it('bounds every text and every list', () => {
    const loose = nodesIn(schema).filter(({ value }) => isUnbounded(value))
    expect(loose.map(({ path }) => path)).toEqual([])
  })

  it('is the same each time, and as it was published', () => {
    expect(messageJsonSchema(kind)).toEqual(schema)
    expect(digest(JSON.stringify(schema))).toBe(PUBLISHED[kind])
  })

  it('accepts the samples and refuses a member more', () => {
    const reader = z.fromJSONSchema(z.record(z.string(), z.json()).parse(schema))
    const own = samples.filter((sample) => sample.kind === kind)
    expect(own.length).toBeGreaterThan(0)
    for (const { groups } of own) {
      expect(reader.safeParse(groups).success).toBe(true)
      const more = z.record(z.string(), z.unknown()).parse(groups)
      expect(reader.safeParse({ ...more, spare: {} }).success).toBe(false)
    }
  })
})

describe('the schema of a draft', () => {
  it('is closed and names itself', () => {
    expect(draftJsonSchema()).toMatchObject({
      $id: 'urn:amana:draft:1',
      additionalProperties: false,
    })
  })
})

describe('an unknown kind', () => {
  it('has no schema', () => {
    expect(() => messageJsonSchema('victim.referral/3')).toThrow(
      expect.objectContaining({ code: 'WIRE_SCHEMA' }),
    )
  })
})

interface Node {
  readonly path: string
  readonly value: Readonly<Record<string, unknown>>
}

function nodesIn(value: unknown, path = ''): readonly Node[] {
  if (Array.isArray(value))
    return value.flatMap((item: unknown, n) => nodesIn(item, `${path}/${String(n)}`))
  if (typeof value !== 'object' || value === null) return []
  const own = { path, value: { ...value } }
  return [
    own,
    ...Object.entries(value).flatMap(([name, inner]) => nodesIn(inner, `${path}/${name}`)),
  ]
}

function objectsIn(schema: unknown): readonly Node[] {
  return nodesIn(schema).filter(
    ({ value }) => ObjectSchema.safeParse(value).success && value['type'] === 'object',
  )
}

function isUnbounded({
  type,
  maxLength,
  pattern,
  enum: codes,
  const: constant,
  maxItems,
}: Readonly<Record<string, unknown>>): boolean {
  if (type === 'array') return maxItems === undefined
  if (type !== 'string') return false
  return [maxLength, pattern, codes, constant].every((bound) => bound === undefined)
}
