/* oxlint-disable typescript/no-unsafe-return, typescript/no-unsafe-argument, typescript/no-unsafe-call, typescript/no-unsafe-member-access, eslint/no-underscore-dangle -- the sources are checked against the types of zod itself */
/**
 * The part of zod that the verifier uses, for the page: the same parsing core, from `zod/mini`, with the methods that our
 * schemas call. The whole of zod brings in what nothing here needs: string formats, JSON Schema, texts in fifty languages.
 *
 * @module
 */
import * as mini from 'zod/mini'

// a probe with `new Function` would be reported by the page's content security policy
mini.config({ jitless: true })

const LEAST = { array: mini.minLength, number: mini.gte, string: mini.minLength }
const MOST = { array: mini.maxLength, number: mini.lte, string: mini.maxLength }

const METHODS = {
  brand() {
    return this
  },
  extend(members) {
    return fluent(mini.extend(this, members))
  },
  length(size) {
    return checked(this, mini.length(size))
  },
  max(most) {
    return checked(this, MOST[this._zod.def.type](most))
  },
  min(least) {
    return checked(this, LEAST[this._zod.def.type](least))
  },
  nonnegative() {
    return checked(this, mini.nonnegative())
  },
  nullable() {
    return nullable(this)
  },
  optional() {
    return optional(this)
  },
  pick(members) {
    return fluent(mini.pick(this, members))
  },
  positive() {
    return checked(this, mini.positive())
  },
  refine(isRight) {
    return checked(this, mini.refine(isRight))
  },
  regex(pattern) {
    return checked(this, mini.regex(pattern))
  },
}

function fluent(schema) {
  return Object.assign(schema, METHODS)
}

function checked(schema, check) {
  return fluent(schema.check(check))
}

function maker(make) {
  return (...parts) => fluent(make(...parts))
}

const nullable = maker(mini.nullable)
const optional = maker(mini.optional)

export const z = {
  array: maker(mini.array),
  boolean: maker(mini.boolean),
  discriminatedUnion: maker(mini.discriminatedUnion),
  enum: maker(mini.enum),
  exactOptional: maker(mini.exactOptional),
  int: maker(mini.int),
  json: maker(mini.json),
  literal: maker(mini.literal),
  looseObject: maker(mini.looseObject),
  never: maker(mini.never),
  nullable,
  object: maker(mini.object),
  record: maker(mini.record),
  strictObject: maker(mini.strictObject),
  string: maker(mini.string),
  tuple: maker(mini.tuple),
  union: maker(mini.union),
  unknown: maker(mini.unknown),
}
