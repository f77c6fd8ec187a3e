/* oxlint-disable typescript/no-unsafe-return, typescript/no-unsafe-argument, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-assignment, typescript/strict-boolean-expressions -- the sources are checked against the types of zod itself */
/**
 * The part of zod that the verifier uses, for the page: what it accepts, what it gives back, and the place of the first
 * thing that does not fit, are zod's (`zod.life.test.ts`). Its messages are not here, because nothing shows them.
 *
 * @module
 */

/**
 * A schema is a judge: of a value at a path it gives what was read, and adds what does not fit to `issues`. Issues of checks
 * are soft: the value has the right type. A check is asked only where nothing was found before it.
 */
function schemaOf(judge, more = {}) {
  return { judge, ...METHODS, ...more }
}

function checked(schema, isRight) {
  const judge = (value, path, issues) => {
    const before = issues.length
    const read = schema.judge(value, path, issues)
    if (issues.length === before && !isRight(read)) issues.push({ path, isSoft: true })
    return read
  }
  return { ...schema, judge }
}

function sizeOf(value) {
  return typeof value === 'number' ? value : value.length
}

const METHODS = {
  brand() {
    return this
  },
  extend(members) {
    return objectOf({ ...this.members, ...members }, this.others)
  },
  length(size) {
    return checked(this, (value) => value.length === size)
  },
  /** Of an array that is too long no element is looked at. */
  max(most) {
    const { judge } = this
    const limited = (value, path, issues) => {
      if (!Array.isArray(value) || value.length <= most) return judge(value, path, issues)
      issues.push({ path, isSoft: true })
      return value
    }
    return checked({ ...this, judge: limited }, (value) => sizeOf(value) <= most)
  },
  min(least) {
    return checked(this, (value) => sizeOf(value) >= least)
  },
  nonnegative() {
    return this.min(0)
  },
  nullable() {
    return schemaOf((value, path, issues) =>
      value === null ? value : this.judge(value, path, issues),
    )
  },
  optional() {
    const judge = (value, path, issues) =>
      value === undefined ? value : this.judge(value, path, issues)
    return schemaOf(judge, { isOptional: true })
  },
  parse(value) {
    const { data, error } = this.safeParse(value)
    if (error !== undefined) throw error
    return data
  },
  pick(names) {
    const members = Object.entries(this.members).filter(([name]) => Object.hasOwn(names, name))
    return objectOf(Object.fromEntries(members), this.others)
  },
  positive() {
    return this.min(1)
  },
  refine(isRight) {
    return checked(this, isRight)
  },
  regex(pattern) {
    return checked(this, (value) => pattern.test(value))
  },
  safeParse(value) {
    const issues = []
    const data = this.judge(value, [], issues)
    if (issues.length === 0) return { success: true, data }
    return { success: false, error: Object.assign(new Error('schema'), { issues }) }
  },
}

/** A value of which a question is enough. */
function simple(isRight) {
  return schemaOf((value, path, issues) => {
    if (!isRight(value)) issues.push({ path })
    return value
  })
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `others` says what becomes of members that are not named: refused, kept or left out. */
function objectOf(members, others) {
  const judge = (value, path, issues) => {
    if (!isObject(value)) {
      issues.push({ path })
      return value
    }
    const read = others === 'kept' ? { ...value } : {}
    for (const [name, schema] of Object.entries(members)) {
      const place = [...path, name]
      if (name in value) read[name] = schema.judge(value[name], place, issues)
      else if (!schema.isOptional) issues.push({ path: place })
    }
    const isMore = Object.keys(value).some((name) => !Object.hasOwn(members, name))
    if (others === 'refused' && isMore) issues.push({ path, code: 'unrecognized_keys' })
    return read
  }
  return schemaOf(judge, { members, others, valuesOf: (name) => members[name].values })
}

function arrayOf(item) {
  return schemaOf((value, path, issues) => {
    if (Array.isArray(value)) return value.map((one, n) => item.judge(one, [...path, n], issues))
    issues.push({ path })
    return value
  })
}

function tupleOf(items) {
  return schemaOf((value, path, issues) => {
    if (Array.isArray(value) && value.length === items.length) {
      return items.map((item, n) => item.judge(value[n], [...path, n], issues))
    }
    issues.push({ path })
    return value
  })
}

function recordOf(key, item) {
  return schemaOf((value, path, issues) => {
    if (!isObject(value)) {
      issues.push({ path })
      return value
    }
    const read = {}
    for (const [name, one] of Object.entries(value)) {
      if (name === '__proto__') continue
      const place = [...path, name]
      const found = []
      key.judge(name, place, found)
      if (found.length > 0) issues.push({ path: place })
      else read[name] = item.judge(one, place, issues)
    }
    return read
  })
}

/** The first that fits; else what the only one says that has the right type. */
function unionOf(options) {
  return schemaOf((value, path, issues) => {
    const soft = []
    for (const option of options) {
      const found = []
      const read = option.judge(value, path, found)
      if (found.length === 0) return read
      if (found.every(({ isSoft }) => isSoft)) soft.push(found)
    }
    issues.push(...(soft.length === 1 ? soft[0] : [{ path }]))
    return value
  })
}

function oneByMember(name, options) {
  const byValue = new Map(
    options.flatMap((option) => option.valuesOf(name).map((value) => [value, option])),
  )
  const judge = (value, path, issues) => {
    const option = isObject(value) ? byValue.get(value[name]) : undefined
    if (option !== undefined) return option.judge(value, path, issues)
    issues.push({ path: isObject(value) ? [...path, name] : path })
    return value
  }
  const valuesOf = (other) => options.flatMap((option) => option.valuesOf(other))
  return schemaOf(judge, { valuesOf })
}

function oneOf(values) {
  const known = new Set(values)
  return { ...simple((value) => known.has(value)), values }
}

const ANY_JSON = schemaOf((value, ...place) => {
  if (Array.isArray(value)) return arrayOf(ANY_JSON).judge(value, ...place)
  const one = isObject(value)
    ? recordOf(z.string(), ANY_JSON)
    : simple((leaf) => leaf !== undefined)
  return one.judge(value, ...place)
})

export const z = {
  array: arrayOf,
  boolean: () => simple((value) => typeof value === 'boolean'),
  discriminatedUnion: oneByMember,
  enum: oneOf,
  exactOptional: (schema) => ({ ...schema, isOptional: true }),
  int: () => simple(Number.isSafeInteger),
  json: () => ANY_JSON,
  literal: (value) => oneOf([value].flat()),
  looseObject: (members) => objectOf(members, 'kept'),
  never: () => simple(() => false),
  object: (members) => objectOf(members, 'left out'),
  record: recordOf,
  strictObject: (members) => objectOf(members, 'refused'),
  string: () => simple((value) => typeof value === 'string'),
  tuple: tupleOf,
  union: unionOf,
  unknown: () => simple(() => true),
}
