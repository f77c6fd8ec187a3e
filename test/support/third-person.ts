/**
 * What a third person can do to a bundle without any key: drop, double, reorder, hide, graft from another honest bundle,
 * break a signature, tell leaves anew, and write the right last line behind it.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#findings
 */
import {
  createCursor,
  decodeBase64url,
  digest,
  encodeBase64url,
  type Leaf,
  type LeafClass,
  nextLeaves,
  parseLeaf,
} from '@amana/core'
import { NOW } from './agencies.ts'
import { beginExchange, cosign, type Exchange, revokeAuthor, send } from './built-exchange.ts'
import { brokenSignature, leafText, type RawRecord, recordsOf } from './test-log.ts'

/** The records of a bundle without the last. */
export type Records = readonly RawRecord[]

/** Both bundles of an honest exchange, and as they were before the last messages. */
export interface HonestBundles {
  readonly policy: string
  readonly own: Records
  readonly other: Records
  readonly older: Records
}

/** One change to the own bundle. */
export type Change = (records: Records, bundles: HonestBundles) => Records

const MINUTES = { from: 'naptip', kinds: ['jtwg.minutes/1'] } as const
const BACK = { from: 'anltp', kinds: ['jtwg.minutes/1'] } as const
const REPORT = { ...MINUTES, kinds: ['intel.report/1'] } as const

/** Messages both ways; in between an author's key is revoked, and what he had queued is refused by the receiver. */
export async function honestBundles(): Promise<HonestBundles> {
  const exchange = await beginExchange()
  const first = await send(exchange, { ...MINUTES, sequence: 1, at: 60 })
  await cosign(exchange, 90)
  const back = await send(exchange, { ...BACK, sequence: 1, at: 100 })
  const second = await send(exchange, { ...REPORT, sequence: 2, previous: first, at: 120 })
  await cosign(exchange, 140)
  const older = await handedOver(exchange, 'naptip')
  await revokeAuthor(exchange, { since: 150, at: 160 })
  const refused = { ...MINUTES, refusal: 'WIRE_KEY_REVOKED' } as const
  const third = await send(exchange, { ...refused, sequence: 3, previous: second, at: 170 })
  await send(exchange, { ...BACK, sequence: 2, previous: back, at: 180 })
  await cosign(exchange, 200)
  await send(exchange, { ...refused, sequence: 4, previous: third, at: 210 })
  await cosign(exchange, 240)
  const { policyText: policy } = exchange
  const own = await handedOver(exchange, 'naptip')
  return { policy, own, other: await handedOver(exchange, 'anltp'), older }
}

async function handedOver(exchange: Exchange, side: 'anltp' | 'naptip'): Promise<Records> {
  return recordsOf(await exchange[side].log.bundle(exchange))
}

/** What a record is about: an event, a kind of evidence, or its own name. */
function sortOf(record: RawRecord): string {
  const event = /"event":"(?<event>[^"]+)"/.exec(leafText(record))?.groups?.['event']
  const { kind, record: name } = record
  return event ?? textOf(kind ?? name)
}

function textOf(value: RawRecord[string] | undefined): string {
  return typeof value === 'string' ? value : ''
}

function placesOf(records: Records, sort: string): readonly number[] {
  return records.flatMap((record, place) => (sortOf(record) === sort ? [place] : []))
}

function isSigned({ content }: RawRecord): boolean {
  return typeof content === 'object'
}

function hashed(record: RawRecord): RawRecord {
  const { bytes, index } = record
  const leaf = decodeBase64url(typeof bytes === 'string' ? bytes : '')
  return { hash: digest(new Uint8Array([0, ...leaf])), index: index ?? 0, record: 'hash' }
}

function hiding(isMeant: (record: RawRecord, place: number) => boolean): Change {
  return (records) =>
    records.map((record, place) => {
      return record['record'] === 'leaf' && isMeant(record, place) ? hashed(record) : record
    })
}

type At = (records: Records, place: number, bundles: HonestBundles) => Records

/** Changes one record of a sort, the first (0) or the last (-1), if there is one. */
function one(sort: string, which: 0 | -1, change: At): Change {
  return (records, bundles) => {
    const place = placesOf(records, sort).at(which)
    return place === undefined ? records : change(records, place, bundles)
  }
}

const drop: At = (records, place) => records.toSpliced(place, 1)
const double: At = (records, place) => records.toSpliced(place, 0, records[place] ?? {})
const hide: At = (records, place, bundles) => hiding((_, at) => at === place)(records, bundles)
const swap: At = (records, place) => {
  const [a = {}, b = {}] = records.slice(place, place + 2)
  return records.with(place, b).with(place + 1, a)
}
const spoil: At = (records, place) => {
  const record = records[place] ?? {}
  return isSigned(record) ? records.with(place, brokenSignature(record)) : records
}
const spoilBeside: At = (records, place) => {
  const record = records[place] ?? {}
  return isSigned(record) ? records.toSpliced(place, 0, brokenSignature(record)) : records
}

function reversed(sort: string): Change {
  return (records) => {
    const places = placesOf(records, sort)
    return records.map((record, place) => {
      const at = places.indexOf(place)
      return at < 0 ? record : (records[places[places.length - 1 - at] ?? 0] ?? {})
    })
  }
}

/** The other agency's record in this place. */
function taken(sort: string, which: 0 | -1): Change {
  return one(sort, which, (records, place, { other }) => {
    const from = placesOf(other, sort).at(which)
    return from === undefined ? records : records.with(place, other[from] ?? {})
  })
}

function asOlder(sort: string): Change {
  return one(sort, 0, (records, place, { older }) => {
    const rest = records.filter((record) => sortOf(record) !== sort)
    return rest.toSpliced(place, 0, ...older.filter((record) => sortOf(record) === sort))
  })
}

/** Leaves told anew, each in its right place; the heads stay signed as they were. */
function told(change: (leaves: readonly Leaf[]) => readonly Leaf[]): Change {
  return (records) => {
    const [header = {}, ...rest] = records
    const shown = rest.filter(({ record }) => record === 'leaf')
    const leaves = change(shown.map((record) => parseLeaf(bytesOf(record))))
    let cursor = createCursor(textOf(header['log']))
    const anew = leaves.map(({ actor, data, event, sd, time }): RawRecord => {
      const heads = Object.entries(cursor.classes).map(([name, { index, sequence }]) => {
        return [name, [sequence, index]] as const
      })
      const own = event === 'w.seal' ? { heads: Object.fromEntries(heads) } : { ...data }
      const next = nextLeaves(cursor, [{ actor, data: own, event, sd }], Date.parse(time))
      const index = cursor.range.size
      cursor = next.cursor
      const bytes = next.leaves[0]?.bytes ?? new Uint8Array()
      return { bytes: encodeBase64url(bytes), index, record: 'leaf' }
    })
    const size = cursor.range.size
    const before = rest.filter(({ record }) => record === 'checkpoint')
    const after = rest.filter(({ record }) => record === 'evidence')
    return [{ ...header, range: [0, size], size }, ...before, ...anew, ...after]
  }
}

function bytesOf({ bytes }: RawRecord): Uint8Array {
  return decodeBase64url(typeof bytes === 'string' ? bytes : '')
}

/** The first leaf of an event is not there, and another one in its place at the end of the page. */
function untold(sort: string): Change {
  return told((leaves) => {
    const at = leaves.findIndex(({ event }) => event === sort)
    const pad = leaves.find(({ event }) => event === 'w.pad')
    if (at < 1 || pad === undefined) return leaves
    const seal = leaves.findLastIndex(({ event }) => event === 'w.seal')
    return leaves
      .toSpliced(seal, 0, { ...pad, time: leaves[seal]?.time ?? pad.time })
      .toSpliced(at, 1)
  })
}

/** The first leaf of an event says what the last one says. */
function retold(sort: string): Change {
  return told((leaves) => {
    const at = leaves.findIndex(({ event }) => event === sort)
    const last = leaves.findLast(({ event }) => event === sort)
    const first = leaves[at]
    if (first === undefined || last === undefined || at === 0) return leaves
    return leaves.with(at, { ...last, time: first.time })
  })
}

const EVENTS = [
  'g.genesis',
  'g.policy',
  'g.roster',
  'x.sealed',
  'x.sent',
  'x.received',
  'x.receipt',
  'x.delivered',
  'w.witness',
  'w.cosigned',
  'w.seal',
  'w.pad',
]
const EVIDENCE = [
  'checkpoint',
  'charter',
  'roster',
  'statement',
  'dispatch',
  'receipt',
  'peer-note',
]

function changesOf(sort: string): readonly (readonly [string, Change])[] {
  const any: Readonly<Record<string, Change>> = {
    'drop the first': one(sort, 0, drop),
    'drop the last': one(sort, -1, drop),
    'drop all': (records) => records.filter((record) => sortOf(record) !== sort),
    'double the first': one(sort, 0, double),
    'swap the first with the next': one(sort, 0, swap),
    'reverse all': reversed(sort),
    'take the other’s first': taken(sort, 0),
    'take the other’s last': taken(sort, -1),
    'take those of the older copy': asOlder(sort),
  }
  const leaf: Readonly<Record<string, Change>> = {
    'hide the first': one(sort, 0, hide),
    'hide the last': one(sort, -1, hide),
    'hide all': hiding((record) => sortOf(record) === sort),
    'leave the first out, and pad': untold(sort),
    'have the first say what the last says': retold(sort),
  }
  const signed: Readonly<Record<string, Change>> = {
    'break the first': one(sort, 0, spoil),
    'break the last': one(sort, -1, spoil),
    'add a broken one': one(sort, -1, spoilBeside),
  }
  const changes = { ...any, ...(EVENTS.includes(sort) ? leaf : signed) }
  return Object.entries(changes).map(([name, change]) => [`${sort}: ${name}`, change])
}

/** Every change to one sort of records. */
export const RECORD_CHANGES = [...EVIDENCE, ...EVENTS].flatMap((sort) => changesOf(sort))

const same: Change = (records) => records

function headed(change: (size: number) => RawRecord, next: Change = same): Change {
  return (records, bundles) => {
    const [header = {}, ...rest] = records
    return next([{ ...header, ...change(Number(header['size'])) }, ...rest], bundles)
  }
}

function isOf(classes: string): (record: RawRecord) => boolean {
  const pattern = new RegExp(`"class":"[${classes}]"`)
  return (record) => pattern.test(leafText(record))
}

function showing(classes: readonly LeafClass[]): Change {
  const isShown = isOf(classes.join(''))
  return headed(
    () => ({ classes: [...classes] }),
    hiding((record) => !isShown(record)),
  )
}

function hidden(classes: string, from: number): Change {
  const isMeant = isOf(classes)
  return hiding((record) => isMeant(record) && Number(record['index']) >= from)
}

function newestAlone(records: Records): Records {
  const last = records.findLastIndex(({ record }) => record === 'checkpoint')
  return records.filter(({ record }, place) => record !== 'checkpoint' || place === last)
}

/** These records of another bundle in place of the own. */
function grafted(names: readonly string[], from: 'older' | 'other'): Change {
  return (records, bundles) => {
    const [kept, given] = [records, bundles[from]].map((all) =>
      Object.groupBy(all, ({ record }) => (names.includes(textOf(record)) ? 'meant' : 'rest')),
    )
    const place = records.indexOf(kept?.meant?.[0] ?? {})
    return (kept?.rest ?? []).toSpliced(place, 0, ...(given?.meant ?? []))
  }
}

const ENDS = [4, 12, 20, 28, 36].flatMap((from): readonly (readonly [string, Change])[] =>
  ['w', 'x', 'wx', 'gwx'].flatMap((classes) => {
    const change = hidden(classes, from)
    const name = `the end of ${classes} from ${String(from)} on is hidden`
    return [
      [name, change],
      [`${name}, and all checkpoints but one`, (...given) => newestAlone(change(...given))],
    ]
  }),
)

/** Changes to the whole bundle. */
export const BUNDLE_CHANGES: readonly (readonly [string, Change])[] = [
  ['created: a year before', headed(() => ({ created: NOW - 31_536_000 }))],
  ['created: a year later', headed(() => ({ created: NOW + 31_536_000 }))],
  ['created: 0', headed(() => ({ created: 0 }))],
  ['purpose: another', headed(() => ({ purpose: 'prosecution' }))],
  ['log: the other one', headed(() => ({ log: 'ne.anltp-tim/amana/audit/1' }))],
  ['log: the next one', headed(() => ({ log: 'ng.naptip/amana/audit/2' }))],
  ['policy: another', headed(() => ({ policy: digest('another') }))],
  ['v: 2', headed(() => ({ v: 2 }))],
  ['size: one less', headed((size) => ({ size: size - 1 }))],
  ['size: one more', headed((size) => ({ size: size + 1 }))],
  ['range: from 4', headed((size) => ({ range: [4, size] }))],
  ['range: to one less', headed((size) => ({ range: [0, size - 1] }))],
  [
    'range: from 4, and hidden before',
    headed(
      (size) => ({ range: [4, size] }),
      hiding(({ index }) => Number(index) < 4),
    ),
  ],
  [
    'range: to 20, and hidden after',
    headed(
      () => ({ range: [0, 20] }),
      hiding(({ index }) => Number(index) >= 20),
    ),
  ],
  ['classes: x alone', showing(['x'])],
  ['classes: w alone', showing(['w'])],
  ['classes: g and w', showing(['g', 'w'])],
  ['classes: g and x', showing(['g', 'x'])],
  ['classes: also a', headed(() => ({ classes: ['a', 'g', 'w', 'x'] }))],
  ['classes: not x', headed(() => ({ classes: ['g', 'w'] }))],
  ...['w', 'x', 'g', 'wx', 'gwx'].map(
    (classes) => [`all of ${classes} is hidden`, hidden(classes, 0)] as const,
  ),
  ...ENDS,
  ['an older copy', (_, { older }) => older],
  [
    'an older copy with the evidence of now',
    (records, bundles) =>
      grafted(['evidence'], 'other')(bundles.older, { ...bundles, other: records }),
  ],
  ['the evidence of the older copy', grafted(['evidence'], 'older')],
  ['the evidence of the other agency', grafted(['evidence'], 'other')],
  [
    'the evidence of both',
    (records, { other }) => [...records, ...other.filter(({ record }) => record === 'evidence')],
  ],
  ['the checkpoints of the older copy', grafted(['checkpoint'], 'older')],
  ['the checkpoints of the other agency', grafted(['checkpoint'], 'other')],
  ['the leaves of the other agency', grafted(['hash', 'leaf', 'node'], 'other')],
  ['the leaves of the older copy', grafted(['hash', 'leaf', 'node'], 'older')],
  ['the header of the other agency', grafted(['bundle'], 'other')],
  ['the header of the older copy', grafted(['bundle'], 'older')],
  ['the other agency’s bundle', (_, { other }) => other],
  ['no evidence', (records) => records.filter(({ record }) => record !== 'evidence')],
  [
    'the evidence twice',
    (records) => [...records, ...records.filter(({ record }) => record === 'evidence')],
  ],
  ['no checkpoint but the newest', newestAlone],
  [
    'every signature broken',
    (records) => records.map((record) => (isSigned(record) ? brokenSignature(record) : record)),
  ],
  ['nothing but the header', (records) => records.slice(0, 1)],
  ['the records in the opposite order', (records) => records.toReversed()],
]
