/**
 * The people of a case: one, or a group that travels together, each with a referral of her own.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { type Digest, makeReferralReference, type Manifest } from '@amana/core'
import { AGENCIES } from './demo-agencies.ts'
import { type ManifestStoryStep, type ReferralStoryStep, type Side, type Story } from './story.ts'

type Groups = ReferralStoryStep['groups']
type Place = { readonly sequence: number; readonly previous?: Digest }

const PREFIX = { country: 'NE', agency: 'ANLTP', year: '26' }

/** One person: her reference, and what was signed about her so far. */
export class Person {
  readonly digests = new Map<string, Digest>()
  readonly #groups = new Map<string, Groups>()
  readonly #places = new Map<Side, Place>()

  /** Among those who go together, from 1. */
  readonly number: number
  readonly reference: string
  readonly #isOfGroup: boolean

  constructor(number: number, reference: string, isOfGroup: boolean) {
    this.number = number
    this.reference = reference
    this.#isOfGroup = isOfGroup
  }

  /** What a step says of her: of the step it is based on, group by group and member by member, and its own. */
  groupsOf({ basedOn, groups }: Pick<ReferralStoryStep, 'basedOn' | 'groups'>): Groups {
    const before = basedOn === undefined ? {} : (this.#groups.get(basedOn) ?? {})
    const names = [...new Set([...Object.keys(before), ...Object.keys(groups)])]
    return Object.fromEntries(names.map((name) => [name, { ...before[name], ...groups[name] }]))
  }

  /** With her reference, the place among the statements of the agency and, in a group, a name of her own. */
  placed(step: ReferralStoryStep): Groups {
    const groups = this.groupsOf(step)
    const first = 'routing' in groups ? 'routing' : 'body'
    const place = { referral: this.reference, ...this.#placeOf(step.side) }
    const { person } = groups
    const name = `Test person ${String(this.number)}`
    return {
      ...groups,
      [first]: { ...groups[first], ...place },
      ...(this.#isOfGroup && person !== undefined
        ? { person: { ...person, calledName: name } }
        : {}),
    }
  }

  /** A step about her was signed. */
  said({ id, side }: ReferralStoryStep, groups: Groups, digest: Digest): void {
    this.#places.set(side, { sequence: this.#placeOf(side).sequence, previous: digest })
    if (id === undefined) return
    this.digests.set(id, digest)
    this.#groups.set(id, groups)
  }

  #placeOf(side: Side): Place {
    const last = this.#places.get(side)
    return last === undefined ? { sequence: 1 } : { ...last, sequence: last.sequence + 1 }
  }
}

/** The people of a case; the first has its reference, the others have references that are the same in every telling. */
export function peopleOf({ members, reference }: Story): readonly Person[] {
  let drawn = 0
  const counted = (length: number): Uint8Array => {
    drawn += 1
    return Uint8Array.from({ length }, (_, place) =>
      place < length - 2 ? 0 : drawn >> (place % 2),
    )
  }
  return Array.from({ length: members }, (_, index) => {
    const own = index === 0 ? reference : makeReferralReference(PREFIX, counted)
    return new Person(index + 1, own, members > 1)
  })
}

/** What one end signs: those on the list who are here, and by name of the list who is not. */
export function manifestOf(
  { absent, destination, extra, manifest, occurredAt, origin, trial }: ManifestStoryStep,
  id: string,
  people: readonly Person[],
): Manifest {
  const here = people.filter(({ number }) => !absent.includes(number))
  const gone = people.filter(({ number }) => absent.includes(number))
  const discrepancies = [
    ...gone.map(({ reference: referral }) => ({ kind: 'absent' as const, referral })),
    ...Array.from({ length: extra }, () => ({ kind: 'extra' as const })),
  ]
  const headcount = here.length + extra
  return {
    routing: {
      manifest: id,
      act: manifest,
      occurredAt,
      from: AGENCIES.niamey.id,
      to: AGENCIES.abuja.id,
    },
    custody: {
      members: here.map(({ reference: referral }) => ({ referral })),
      ...(discrepancies.length === 0 || trial === true ? {} : { discrepancies }),
      origin,
      destination,
    },
    travel: { transport: 'road' },
    statistics: {
      headcount,
      counts: [{ gender: 'Feminine', ageBand: '24-26', count: headcount }],
      medicalAlerts: 0,
    },
  }
}
