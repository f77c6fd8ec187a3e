import { describe, expect, it } from 'vitest'
import { NOW, twoAgencies } from '../../../../test/support/agencies.ts'
import { refusalOf } from '../../../../test/support/refusals.ts'
import { encodeBase64 } from '../bytes/base64.ts'
import { digest, sha256 } from '../crypto/digest.ts'
import { encodeUtf8 } from '../bytes/utf8.ts'
import { buildNextRoster } from './build-roster.ts'
import { formatPolicy, parsePolicy, policyOf } from './policy.ts'
import { type RosterLog } from './roster.ts'
import { signRoster, verifyRoster } from './verified-roster.ts'

const pair = await twoAgencies()
const { naptip, anltp, charter } = pair
const rosters = [naptip.roster, anltp.roster]
const text = formatPolicy(charter, rosters)
const own = logOf(naptip.roster.payload.nodes[0]?.log)
const peer = logOf(anltp.roster.payload.nodes[0]?.log)
const lines = text.split('\n')
const policyLine = (line: number): unknown => ({ code: 'TRUST_POLICY', details: { line } })

describe('the policy file of a charter', () => {
  it('is these lines and no others', () => {
    expect(lines).toEqual([
      '#amana policy 1',
      `#amana charter ${charter.digest}`,
      `log ${peer.log[0]}`,
      `log ${peer.log[1]}`,
      `log ${own.log[0]}`,
      `log ${own.log[1]}`,
      `witness ne.anltp-tim/ed25519 ${peer.witness[0]}`,
      `witness ne.anltp-tim/ml-dsa-44 ${peer.witness[1]}`,
      'group ne.anltp-tim all ne.anltp-tim/ed25519 ne.anltp-tim/ml-dsa-44',
      `witness ng.naptip/ed25519 ${own.witness[0]}`,
      `witness ng.naptip/ml-dsa-44 ${own.witness[1]}`,
      'group ng.naptip all ng.naptip/ed25519 ng.naptip/ml-dsa-44',
      'group peers any ne.anltp-tim ng.naptip',
      'quorum peers',
      `#amana genesis ne.anltp-tim/amana/audit/1 ${genesisOf('ne.anltp-tim')}`,
      `#amana genesis ng.naptip/amana/audit/1 ${genesisOf('ng.naptip')}`,
      '',
    ])
  })

  it('is the same in whatever order the rosters are given', () => {
    expect(formatPolicy(charter, rosters.toReversed())).toBe(text)
  })

  it('is that of the newest rosters', async () => {
    const next = buildNextRoster(naptip.roster, NOW, { nodes: [] })
    const jws = await signRoster(next, naptip.rosterKey)
    const second = await verifyRoster(jws, { authority: charter, previous: naptip.roster })
    for (const order of [
      [...rosters, second],
      [second, ...rosters],
    ]) {
      expect(await refusalOf(() => formatPolicy(charter, order))).toEqual({
        code: 'TRUST_NO_ROSTER',
        details: { agency: 'ng.naptip' },
      })
    }
  })

  it('is none without a roster of every agency', async () => {
    expect(await refusalOf(() => formatPolicy(charter, [naptip.roster]))).toEqual({
      code: 'TRUST_NO_ROSTER',
      details: { agency: 'ne.anltp-tim' },
    })
  })

  it('reads back as what it was made from', () => {
    const policy = parsePolicy(text)
    expect(policy).toEqual(policyOf(charter, rosters))
    expect(policy).toEqual({
      charterDigest: charter.digest,
      logs: [
        { agency: 'ne.anltp-tim', origin: peer.origin, genesis: peer.genesis, keys: peer.log },
        { agency: 'ng.naptip', origin: own.origin, genesis: own.genesis, keys: own.log },
      ],
      witnesses: [
        { agency: 'ne.anltp-tim', keys: peer.witness },
        { agency: 'ng.naptip', keys: own.witness },
      ],
      quorum: 1,
    })
  })
})

describe('a policy file with one line changed', () => {
  it.each([
    ['another first line', 1, '#amana policy 2'],
    ['another quorum', 14, 'quorum none'],
    ['all in place of any', 13, 'group peers all ne.anltp-tim ng.naptip'],
    ['one peer less', 13, 'group peers any ng.naptip'],
    ['peers turned round', 13, 'group peers any ng.naptip ne.anltp-tim'],
    [
      'any in place of all',
      9,
      'group ne.anltp-tim any ne.anltp-tim/ed25519 ne.anltp-tim/ml-dsa-44',
    ],
    ['one key of a witness', 9, 'group ne.anltp-tim all ne.anltp-tim/ed25519'],
    ['another name of a witness', 7, `witness ne.anltp-tim/ed448 ${peer.witness[0]}`],
    ['a space at the end', 14, 'quorum peers '],
    ['a carriage return', 14, 'quorum peers\r'],
    ['a genesis with padding missing', 16, genesisLine(own).replace(/=$/, '')],
    ['a genesis in the other alphabet', 15, `#amana genesis ${peer.origin} ${peer.genesis}=`],
    ['a comment', 14, '# quorum peers'],
  ])('is refused by the number of that line: %s', async (_name, line, put) => {
    expect(await refusalOf(() => parsePolicy(withLine(line, put)))).toEqual(policyLine(line))
  })

  it.each([
    ['a charter that is no digest', 2, `#amana charter ${charter.digest.slice(1)}`],
    ['no charter', 2, '#amana'],
    ['a genesis that is no digest', 15, `#amana genesis ${peer.origin} AAAA`],
  ])('is refused by the number of that line: %s', async (_name, line, put) => {
    expect(await refusalOf(() => parsePolicy(withLine(line, put)))).toEqual(policyLine(line))
  })

  it.each(lines.slice(0, -1).map((line, index) => [index + 1, line.split(' ')[0]] as const))(
    'is refused without line %i (%s)',
    async (line) => {
      const less = lines.filter((_, index) => index !== line - 1).join('\n')
      expect((await refusalOf(() => parsePolicy(less)))?.code).toMatch(/^(TRUST_POLICY|WIRE_KEY)$/)
    },
  )

  it.each([
    ['no newline at the end', text.slice(0, -1), lines.length],
    ['an empty line at the end', `${text}\n`, lines.length + 1],
    ['a line more', `${text}#\n`, lines.length],
    ['an empty line first', `\n${text}`, 1],
    ['a byte order mark', `\uFEFF${text}`, 1],
    ['nothing', '', 2],
  ])('is refused with %s', async (_name, changed, line) => {
    expect(await refusalOf(() => parsePolicy(changed))).toEqual(policyLine(line))
  })
})

describe('the keys of a policy file', () => {
  it.each([
    [
      'the log keys of an agency turned round',
      [
        [3, `log ${peer.log[1]}`],
        [4, `log ${peer.log[0]}`],
      ],
      'type or length of a log key',
    ],
    [
      'the logs of both agencies turned round',
      [
        [3, `log ${own.log[0]}`],
        [4, `log ${own.log[1]}`],
        [5, `log ${peer.log[0]}`],
        [6, `log ${peer.log[1]}`],
      ],
      'name of a log key',
    ],
    [
      'another id',
      [[5, `log ${own.log[0].replace(/\+[0-9a-f]{8}\+/, '+00000000+')}`]],
      'id of a log key',
    ],
    [
      'an origin of another agency',
      [[15, genesisLine({ ...peer, origin: 'ne.anltp-tim/x' })]],
      'origin of the log',
    ],
    [
      'an origin in capitals',
      [[16, genesisLine({ ...own, origin: 'NG.naptip/amana/audit/1' })]],
      undefined,
    ],
  ] as const)('are judged: %s', async (_name, changes, reason) => {
    const refusal = await refusalOf(() => parsePolicy(withLines(changes)))
    expect(refusal).toEqual(
      reason === undefined ? policyLine(3) : { code: 'WIRE_KEY', details: { reason } },
    )
  })

  it('are in base64 of one spelling', async () => {
    const refusal = await refusalOf(() => parsePolicy(withLine(5, `log ${own.log[0]}=`)))
    expect(refusal?.code).toBe('WIRE_B64')
  })
})

describe('the agencies of a policy file', () => {
  it('are written as a charter gives them', () => {
    expect(fileOf([peer, own], [peer, own])).toBe(text)
  })

  it.each([
    ['none', [], [], 3],
    ['one', [own], [own], 3],
    ['two out of order', [own, peer], [own, peer], 3],
    ['one twice', [own, own], [own, own], 3],
    ['a witness more than logs', [peer, own], [peer, own, own], 7],
    ['a witness less than logs', [peer, own], [peer], 7],
  ] as const)('are at least two, sorted, each with log and witness: not %s', async (...row) => {
    const [, logs, witnesses, line] = row
    expect(await refusalOf(() => parsePolicy(fileOf(logs, witnesses)))).toEqual(policyLine(line))
  })

  it('are the same for logs and witnesses', async () => {
    const other = fileOf([peer, own], [own, peer])
    expect(await refusalOf(() => parsePolicy(other))).toEqual({
      code: 'WIRE_KEY',
      details: { reason: 'witness of the log' },
    })
  })
})

describe('a policy file', () => {
  it('has at most 32,768 bytes, counted as UTF-8', async () => {
    const bytes = encodeUtf8(text).length
    const filled = `${text}é${'a'.repeat(32_768 - bytes - 2)}`
    expect(encodeUtf8(filled)).toHaveLength(32_768)
    expect(await refusalOf(() => parsePolicy(filled))).toEqual(policyLine(lines.length))
    expect(await refusalOf(() => parsePolicy(`${filled}a`))).toMatchObject({
      code: 'WIRE_SIZE',
      details: { sizeBytes: 32_769, limitBytes: 32_768 },
    })
  })

  it('names the charter by its digest', () => {
    const other = digest('another charter')
    expect(parsePolicy(withLine(2, `#amana charter ${other}`)).charterDigest).toBe(other)
  })
})

function genesisOf(agency: string): string {
  return encodeBase64(sha256(encodeUtf8(`${agency} genesis`)))
}

function blockOf(log: RosterLog, agency: string): readonly string[] {
  return [
    `witness ${agency}/ed25519 ${log.witness[0]}`,
    `witness ${agency}/ml-dsa-44 ${log.witness[1]}`,
    `group ${agency} all ${agency}/ed25519 ${agency}/ml-dsa-44`,
  ]
}

/** A policy file of these logs and witnesses, whether a charter could give them or not. */
function fileOf(logs: readonly RosterLog[], witnesses: readonly RosterLog[]): string {
  const names = witnesses.map(({ origin }) => origin.split('/')[0] ?? '')
  return [
    '#amana policy 1',
    `#amana charter ${charter.digest}`,
    ...logs.flatMap(({ log }) => log.map((key) => `log ${key}`)),
    ...witnesses.flatMap((log, index) => blockOf(log, names[index] ?? '')),
    `group peers any ${names.join(' ')}`,
    'quorum peers',
    ...logs.map(genesisLine),
    '',
  ].join('\n')
}

function withLine(line: number, put: string): string {
  return withLines([[line, put]])
}

function withLines(changes: readonly (readonly [number, string])[]): string {
  const puts = new Map(changes)
  return lines.map((line, index) => puts.get(index + 1) ?? line).join('\n')
}

function genesisLine({ origin, genesis }: RosterLog): string {
  const hash = Buffer.from(genesis, 'base64url').toString('base64')
  return `#amana genesis ${origin} ${hash}`
}

function logOf(log: RosterLog | undefined): RosterLog {
  if (log === undefined) throw new TypeError('the test agency has no log')
  return log
}
