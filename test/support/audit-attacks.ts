/**
 * What an insider, an operator or a stranger does to a log or its bundle: each builder gives the files that an auditor is
 * handed then. Signatures are real; who forges has the keys that the attack says.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#verifier
 */
import {
  decodeBase64url,
  decodeUtf8,
  digest,
  discloseField,
  encodeUtf8,
  formatAnchor,
  LEAF_CLASSES,
  signCheckpoint,
} from '@amana/core'
import { type FileSource, type VerifyOptions } from '@amana/verify'
import { NOW, seededRandom } from './agencies.ts'
import {
  beginExchange,
  buildExchange,
  cosign,
  type Exchange,
  send,
  type Sending,
} from './built-exchange.ts'
import { type Seal, withoutReadings } from './renumbered-log.ts'
import {
  forgeBundle,
  leafText,
  type NodeEvent,
  type RawRecord,
  recordsOf,
  withText,
} from './test-log.ts'

/** What the auditor is handed. */
export interface Handed extends Partial<VerifyOptions> {
  readonly files: readonly FileSource[]
}

const FIRST: Sending = { from: 'naptip', sequence: 1, kinds: ['jtwg.minutes/1'], at: 60 }
const OFFICER = 'u_aaaaaaaaaaaaaaaa'
const SECOND = 'u_bbbbbbbbbbbbbbbb'
const BACK: Sending = { ...FIRST, from: 'anltp', at: 70 }
const HOUR = 3600
const DAY = 86_400

interface HandIn {
  readonly naptip: Uint8Array
  readonly anltp?: Uint8Array
}

function handed(exchange: Exchange, bundles: HandIn, more: Partial<VerifyOptions> = {}): Handed {
  const { anltp, naptip } = bundles
  const files: FileSource[] = [{ name: 'naptip.bundle.jsonl', bytes: naptip }]
  if (anltp !== undefined) files.push({ name: 'anltp.bundle.jsonl', bytes: anltp })
  return { files, policy: exchange.policyText, now: NOW + HOUR, ...more }
}

async function ofNaptip({ naptip, policyText }: Exchange): Promise<Uint8Array> {
  return naptip.log.bundle({ policyText, classes: LEAF_CLASSES })
}

async function ofAnltp(exchange: Exchange): Promise<Uint8Array> {
  return exchange.anltp.log.bundle(exchange)
}

/** NAPTIP's bundle with its records changed, under the right last line. */
async function forged(
  change: (records: readonly RawRecord[]) => readonly RawRecord[],
): Promise<Handed> {
  const exchange = await buildExchange()
  const bundle = await ofNaptip(exchange)
  const records = change(recordsOf(bundle))
  return handed(exchange, { naptip: forgeBundle(records) })
}

/** The bundle with one leaf, the first of that event, spelled another way. */
function respelled(event: string, change: (text: string) => string): () => Promise<Handed> {
  return async () =>
    forged((records) => {
      const at = indexOfEvent(records, event)
      return records.with(at, withText(records[at], change(leafText(records[at]))))
    })
}

function indexOfEvent(records: readonly RawRecord[], event: string): number {
  return records.findIndex((record) => leafText(record).includes(`"event":"${event}"`))
}

/** The bundle with the newest note changed. */
function renoted(change: (note: string) => string): () => Promise<Handed> {
  return async () =>
    forged((records) => {
      const at = records.findLastIndex(({ record }) => record === 'checkpoint')
      const note = noteOf(records[at])
      return records.with(at, {
        ...records[at],
        note: change(typeof note === 'string' ? note : ''),
      })
    })
}

function noteOf(record: RawRecord | undefined): string {
  const note = record?.['note']
  return typeof note === 'string' ? note : ''
}

/** Lines of a note by their signer's name, without those that are refused. */
function lines(note: string, isKept: (line: string) => boolean): string {
  const all = note.split('\n')
  return all.filter((line) => !line.startsWith('— ') || isKept(line)).join('\n')
}

/** A log in which these events happened between two messages, all of it cosigned. */
async function happened(
  events: readonly NodeEvent[] | ((index: number) => readonly NodeEvent[]),
  { at = 80, until = 300 }: { readonly at?: number; readonly until?: number } = {},
): Promise<Exchange> {
  const exchange = await beginExchange()
  await send(exchange, FIRST)
  const { size } = exchange.naptip.log.cursor.range
  exchange.naptip.log.append(at, typeof events === 'function' ? events(size) : events)
  exchange.naptip.log.append(until, [{ event: 'w.scrub', data: { from: 0, ok: true, to: 1 } }])
  await cosign(exchange, until)
  return exchange
}

function telling(events: readonly NodeEvent[], until = 300): () => Promise<Handed> {
  return async () => {
    const exchange = await happened(events, { until })
    return handed(exchange, { naptip: await ofNaptip(exchange) }, { now: NOW + until })
  }
}

function opening(data: Readonly<Record<string, unknown>>, sd: readonly string[] = []): NodeEvent {
  const std = digest('statement')
  return {
    event: 'a.open',
    actor: OFFICER,
    data: { bg: false, purpose: 'referral', std, ...data },
    sd,
  }
}

const REASON = discloseField('a.open', { name: 'reason', value: 'a reason' }, seededRandom('one'))
const OTHER = discloseField('a.open', { name: 'reason', value: 'another' }, seededRandom('two'))

/** An opening with a reason, of which the file shows this text. */
async function shown(
  events: (index: number) => readonly NodeEvent[],
  disclosure?: string,
): Promise<Handed> {
  const opened = opening({}, [REASON.digest])
  const exchange = await happened((index) => [opened, ...events(index + 1)])
  const records = recordsOf(await ofNaptip(exchange))
  const at = indexOfEvent(records, 'a.open')
  const index = records[at]?.['index'] ?? 0
  const open: RawRecord = { disclosure: disclosure ?? '', index, record: 'open' }
  const forgedRecords = disclosure === undefined ? records : records.toSpliced(at + 1, 0, open)
  return handed(exchange, { naptip: forgeBundle(forgedRecords) })
}

function erasure(approvers: readonly string[], digests: readonly string[]): NodeEvent {
  return {
    event: 'g.erasure',
    actor: OFFICER,
    data: { approvers, basis: 'retention', digests, keys: [] },
  }
}

/** Two histories of one log under the same keys: what really happened, and what is told. */
async function histories(): Promise<{ readonly real: Exchange; readonly told: Exchange }> {
  const real = await happened([opening({})])
  const told = await happened([{ event: 'a.logout', data: { session: 'aaaaaaaaaaaaaaaa' } }])
  return { real, told }
}

/** The other log as it would be without the message from NAPTIP, and as long. */
async function silent(): Promise<Exchange> {
  const exchange = await beginExchange()
  await send(exchange, BACK)
  await cosign(exchange, 300)
  return exchange
}

/** Without the readings, behind the back of the peer: see `withoutReadings`. */
async function readingsDropped(seal: Seal): Promise<Handed> {
  const exchange = await happened([opening({})])
  const records = recordsOf(await ofNaptip(exchange))
  const naptip = await withoutReadings(records, exchange.naptip.agency, seal)
  return handed(exchange, { naptip, anltp: await ofAnltp(exchange) })
}

async function clocks(at: number, witnessAt: number): Promise<Handed> {
  const exchange = await beginExchange()
  const { anltp, naptip } = exchange
  await naptip.log.checkpoint(at, anltp.log, witnessAt)
  naptip.log.append(at + 1, [opening({})])
  await naptip.log.checkpoint(at + 2, anltp.log, witnessAt + 2)
  return handed(exchange, { naptip: await ofNaptip(exchange) })
}

async function underOtherKeys(): Promise<Handed> {
  const exchange = await buildExchange()
  const { anltp, naptip } = exchange
  const records = recordsOf(await ofNaptip(exchange))
  const at = records.findLastIndex(({ record }) => record === 'checkpoint')
  const [origin = '', size = '', root = ''] = noteOf(records[at]).split('\n')
  const head = { origin, size: Number(size), root: Buffer.from(root, 'base64') }
  const [first, second] = anltp.agency.logSigners
  const named = [
    { ...first, name: naptip.agency.origin },
    { ...second, name: naptip.agency.origin },
  ] as const
  const note = await signCheckpoint(head, [named[0], named[1]], NOW + 240)
  return handed(exchange, { naptip: forgeBundle(records.with(at, { note, record: 'checkpoint' })) })
}

/** Every attack by its name in `attacks-audit.json`. */
export const AUDIT_ATTACKS: Readonly<Record<string, () => Promise<Handed>>> = {
  editLeaf: respelled('x.sent', (text) => text.replace('"try":1', '"try":2')),
  rewriteHistory: async () => {
    const { real, told } = await histories()
    return handed(told, { naptip: await ofNaptip(told), anltp: await ofAnltp(real) })
  },
  dropReading: async () => readingsDropped('as it was'),
  dropReadingAndSeal: async () => {
    const { files, ...rest } = await readingsDropped('anew')
    return { ...rest, files: files.slice(0, 1) }
  },
  dropReadingBeforeWitness: async () => readingsDropped('anew'),
  cutNewest: async () => {
    const [short, whole] = [await beginExchange(), await buildExchange()]
    return handed(short, { naptip: await ofNaptip(short), anltp: await ofAnltp(whole) })
  },
  keepNewerNote: async () => {
    const [short, whole] = [await beginExchange(), await buildExchange()]
    const note = recordsOf(await ofNaptip(whole)).findLast(({ record }) => record === 'checkpoint')
    const records = recordsOf(await ofNaptip(short))
    return handed(short, { naptip: forgeBundle(records.toSpliced(1, 0, note ?? {})) })
  },
  backdate: respelled('x.sent', (text) => text.replace(/"time":"\d{4}/, '"time":"2019')),
  clockBehind: async () => clocks(60, 60 + HOUR),
  clockAhead: async () => clocks(60 + HOUR, 60),
  pasteLeaf: async () => {
    const exchange = await buildExchange()
    const records = recordsOf(await ofNaptip(exchange))
    const others = recordsOf(
      await exchange.anltp.log.bundle({ ...exchange, classes: LEAF_CLASSES }),
    )
    const at = records.findIndex(({ index, record }) => record === 'leaf' && index === 3)
    const other = others.find(({ index, record }) => record === 'leaf' && index === 3)
    return handed(exchange, { naptip: forgeBundle(records.with(at, other ?? {})) })
  },
  copyLeaf: async () =>
    forged((records) => {
      const at = indexOfEvent(records, 'x.delivered')
      return records.with(at, withText(records[at], leafText(records[at - 1])))
    }),
  respell: respelled('x.sent', (text) => text.replace('"try":1', '"try":1.0')),
  forgeWitnessLine: renoted((note) => {
    const at = note.lastIndexOf('amana/witness/1 ') + 60
    return `${note.slice(0, at)}${note[at] === 'A' ? 'B' : 'A'}${note.slice(at + 1)}`
  }),
  stripCosignatures: async () =>
    forged((records) =>
      records.map((record) =>
        record['record'] === 'checkpoint'
          ? {
              ...record,
              note: lines(noteOf(record), (line) => line.includes('/amana/audit/')),
            }
          : record,
      ),
    ),
  otherKeys: underOtherKeys,
  splitView: async () => {
    const { real, told } = await histories()
    const files = [
      { name: 'one.bundle.jsonl', bytes: await ofNaptip(told) },
      { name: 'two.bundle.jsonl', bytes: await ofNaptip(real) },
    ]
    return { files, policy: real.policyText, now: NOW + HOUR }
  },
  denyReceipt: async () => {
    const real = await happened([])
    return handed(real, { naptip: await ofNaptip(real), anltp: await ofAnltp(await silent()) })
  },
  dropSilently: async () => {
    const exchange = await beginExchange()
    await send(exchange, { ...FIRST, isLost: true })
    await cosign(exchange, 2 * HOUR)
    const bundles = { naptip: await ofNaptip(exchange), anltp: await ofAnltp(exchange) }
    return handed(exchange, bundles, { now: NOW + 2 * HOUR })
  },
  sendUnlogged: async () => {
    const exchange = await beginExchange()
    await send(exchange, { ...FIRST, isUnlogged: true })
    await cosign(exchange, 300)
    await cosign(exchange, 400)
    return handed(exchange, { naptip: await ofNaptip(exchange), anltp: await ofAnltp(exchange) })
  },
  otherOutcome: async () => {
    const exchange = await beginExchange()
    await send(exchange, { ...FIRST, lie: 'outcome' })
    await cosign(exchange, 300)
    return handed(exchange, { naptip: await ofNaptip(exchange), anltp: await ofAnltp(exchange) })
  },
  receiptOfNoLeaf: async () => {
    const exchange = await beginExchange()
    await send(exchange, { ...FIRST, lie: 'receipt' })
    await cosign(exchange, 300)
    return handed(exchange, { naptip: await ofNaptip(exchange), anltp: await ofAnltp(exchange) })
  },
  inventReceipt: async () =>
    forged((records) =>
      records.filter(({ kind, record }) => record !== 'evidence' || kind !== 'receipt'),
    ),
  openNothing: telling([opening({ env: digest('nothing') })]),
  openWithoutPurpose: async () => {
    const exchange = await happened([opening({})])
    const records = recordsOf(await ofNaptip(exchange))
    const at = indexOfEvent(records, 'a.open')
    const text = leafText(records[at]).replace('"purpose":"referral",', '')
    return handed(exchange, { naptip: forgeBundle(records.with(at, withText(records[at], text))) })
  },
  otherReason: async () => shown(() => [], OTHER.encoded),
  hideOne: async () => hide('x.delivered', 'first'),
  hideLast: async () => hide('x.delivered', 'last'),
  cutFile: async () => {
    const exchange = await buildExchange()
    const text = decodeUtf8(await ofNaptip(exchange))
    return handed(exchange, { naptip: encodeUtf8(`${text.split('\n').slice(0, -4).join('\n')}\n`) })
  },
  dropRecord: async () =>
    forged((records) => records.toSpliced(indexOfEvent(records, 'x.sent'), 1)),
  swapLeaves: async () =>
    forged((records) => {
      const at = indexOfEvent(records, 'x.sent')
      const [one, two] = [leafText(records[at]), leafText(records[at + 1])]
      return records
        .with(at, withText(records[at], two))
        .with(at + 1, withText(records[at + 1], one))
    }),
  refuseToCosign: renoted((note) => lines(note, (line) => line.includes('/amana/audit/'))),
  lastWeek: async () => {
    const exchange = await buildExchange()
    return handed(exchange, { naptip: await ofNaptip(exchange) }, { now: NOW + 7 * DAY })
  },
  eraseSilently: async () => shown(() => []),
  eraseAndKeep: async () =>
    shown(
      (index) => [
        erasure([OFFICER, SECOND], [REASON.digest]),
        { event: 'g.erased', data: { done: 'all', ref: index } },
      ],
      REASON.encoded,
    ),
  dropNote: async () =>
    forged((records) =>
      records.toSpliced(
        records.findIndex(({ note }) => note !== undefined),
        1,
      ),
    ),
  wrongLog: async () =>
    forged(([header, ...records]) => [{ ...header, log: 'ng.nis/amana/audit/1' }, ...records]),
  unknownEvent: respelled('x.sent', (text) => text.replace('"x.sent"', '"x.note"')),
  freeText: respelled('x.sealed', (text) => text.replace(/"kind":"[^"]*"/, '"kind":"a name"')),
  eraseAlone: telling([erasure([OFFICER], [digest('statement')])]),
  eraseHeld: telling([
    {
      event: 'g.hold',
      data: { approvers: [OFFICER], basis: 'prosecution', std: digest('statement') },
    },
    erasure([OFFICER, SECOND], [digest('statement')]),
  ]),
  reassign: telling([
    { event: 'g.actor', data: { officer: OFFICER, op: 'enroll', year: 2026 } },
    { event: 'g.actor', data: { officer: OFFICER, op: 'enroll', year: 2026 } },
  ]),
  neverReviewed: telling([opening({ bg: true }, [REASON.digest])], 2 * DAY),
  stealWitnessKey: async () => {
    const [real, other] = [await buildExchange(), await beginExchange()]
    other.anltp.log.append(400, [{ event: 'w.scrub', data: { from: 0, ok: true, to: 1 } }])
    await other.anltp.log.checkpoint(400, other.naptip.log)
    return handed(real, { naptip: await ofNaptip(real), anltp: await ofAnltp(other) })
  },
  rewriteBoth: async () => {
    const { real, told } = await histories()
    const [first, second] = [real.naptip, real.anltp].map(({ agency, log }) =>
      log.head(agency.origin),
    )
    if (first === undefined || second === undefined) throw new TypeError('no heads')
    const bundles = { naptip: await ofNaptip(told), anltp: await ofAnltp(told) }
    return handed(told, bundles, { anchor: formatAnchor(first, second) })
  },
  silentWeekend: async () => {
    const exchange = await beginExchange()
    await cosign(exchange, 2 * DAY)
    return handed(exchange, { naptip: await ofNaptip(exchange) }, { now: NOW + 2 * DAY })
  },
  endlessLine: async () => {
    const exchange = await beginExchange()
    return handed(exchange, { naptip: new Uint8Array(2_097_153) })
  },
  script: respelled('x.sealed', (text) =>
    text.replace(/"kind":"[^"]*"/, '"kind":"<script>=1+1</script>"'),
  ),
  ownPolicy: async () => {
    const exchange = await buildExchange()
    const file = { name: 'naptip.bundle.jsonl', bytes: await ofNaptip(exchange) }
    return { files: [file], now: NOW }
  },
  classicalOnly: renoted((note) => {
    const all = note.split('\n')
    const second = all.findIndex((line) => line.startsWith('— ')) + 1
    return all.toSpliced(second, 1).join('\n')
  }),
}

/** A bundle of class x in which one of its leaves is only a hash. */
async function hide(event: string, which: 'first' | 'last'): Promise<Handed> {
  const exchange = await buildExchange()
  const bundle = await exchange.naptip.log.bundle({ ...exchange, classes: ['w', 'x'] })
  const records = recordsOf(bundle)
  const at =
    which === 'first'
      ? indexOfEvent(records, event)
      : records.findLastIndex((record) => leafText(record).includes('"class":"x"'))
  const { bytes, index } = records[at] ?? {}
  const hash = digest(
    new Uint8Array([0, ...decodeBase64url(typeof bytes === 'string' ? bytes : '')]),
  )
  const hidden: RawRecord = { hash, index: index ?? 0, record: 'hash' }
  return handed(exchange, { naptip: forgeBundle(records.with(at, hidden)) })
}
