/**
 * Breaks the rules of `.dependency-cruiser.mjs` on purpose, in a copy: a rule that never fires is worse than none.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ROOT } from '../support/repository.ts'

const ResultSchema = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(
      z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) }),
    ),
  }),
})
type Violation = z.output<typeof ResultSchema>['summary']['violations'][number]

const NODE_PARTS =
  'audit blobs exchange http inbox link outbox statements store trust vault witness'.split(' ')

/** Rule, the file that breaks it, what that file imports. */
const BROKEN: readonly (readonly [rule: string, file: string, imported: string])[] = [
  ['core-layer-0', 'packages/core/src/errors/broken.ts', '../bytes/utf8.ts'],
  ['core-layer-1', 'packages/core/src/bytes/broken.ts', '../crypto/digest.ts'],
  ['core-layer-2', 'packages/core/src/crypto/broken.ts', '../trust/charter.ts'],
  ['core-layer-3', 'packages/core/src/trust/broken.ts', '../messages/kinds.ts'],
  ['core-layer-4', 'packages/core/src/messages/broken.ts', '../referral/target.ts'],
  ['core-layer-5', 'packages/core/src/envelope/broken.ts', '../bundle/records.ts'],
  ['core-audit-sees-bytes-only', 'packages/core/src/audit/broken.ts', '../trust/charter.ts'],
  [
    'core-attachment-sees-bytes-only',
    'packages/core/src/attachment/broken.ts',
    '../trust/charter.ts',
  ],
  ['core-referral-sees-messages', 'packages/core/src/referral/broken.ts', '../trust/charter.ts'],
  ['core-is-offline', 'packages/core/src/bytes/broken-fs.ts', 'node:fs'],
  ['verify-has-no-network', 'packages/verify/src/broken.ts', 'node:net'],
  ['core-imports-core', 'packages/core/src/trust/broken-up.ts', '../../../vocabulary/src/index.ts'],
  ['vocabulary-imports-vocabulary', 'packages/vocabulary/src/broken.ts', '../../core/src/index.ts'],
  [
    'verify-imports-core-vocabulary',
    'packages/verify/src/broken-up.ts',
    '../../../apps/node/src/ports.ts',
  ],
  ['jose-only-in-crypto', 'packages/core/src/trust/broken-jose.ts', 'jose'],
  ['tweetnacl-only-in-crypto', 'packages/core/src/trust/broken-nacl.ts', 'tweetnacl'],
  ['hpke-only-in-crypto', 'packages/core/src/trust/broken-hpke.ts', 'hpke'],
  ['level-only-in-store', 'apps/node/src/outbox/broken-level.ts', 'level'],
  ['libp2p-only-in-link', 'apps/node/src/exchange/broken-libp2p.ts', 'libp2p'],
  ['libp2p-only-in-link', 'apps/node/src/exchange/broken-tcp.ts', '@libp2p/tcp'],
  ['hono-hono-node-server-only-in-http', 'apps/node/src/inbox/broken-hono.ts', 'hono'],
  ...NODE_PARTS.map(
    (part) =>
      [`node-part-${part}`, `apps/node/src/${part}/broken-part.ts`, '../cli/io.ts'] as const,
  ),
  ['no-junk-drawers', 'packages/core/src/bytes/broken-junk.ts', './utils.ts'],
  ['not-to-unresolvable', 'packages/core/src/bytes/broken-nowhere.ts', './nowhere.ts'],
  ['no-import-of-tests', 'packages/core/src/bytes/broken-test.ts', '../audit/leaf.test.ts'],
  ['no-dev-dependency-at-run-time', 'packages/core/src/bytes/broken-dev.ts', 'fast-check'],
]

describe('the layers', () => {
  const copy = mkdtempSync(join(tmpdir(), 'amana-layers-'))
  let before: readonly Violation[]
  let after: readonly Violation[]
  let modules = 0

  beforeAll(() => {
    copySources(copy)
    ;({ violations: before, totalCruised: modules } = cruise(copy))
    for (const [, file, imported] of BROKEN) write(copy, file, `import '${imported}'\n`)
    write(copy, 'packages/core/src/bytes/utils.ts', 'export const junk = 1\n')
    write(copy, 'packages/core/src/referral/target.ts', 'export const target = 1\n')
    after = cruise(copy).violations
  })

  afterAll(() => {
    rmSync(copy, { recursive: true, force: true })
  })

  it('are read from real modules, not from an empty list', () => {
    expect(modules).toBeGreaterThan(100)
  })

  it('are kept by the sources as they are', () => {
    expect(before.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([])
  })

  it.each(BROKEN)('%s refuses %s', (name, file) => {
    expect(after.some(({ rule, from }) => rule.name === name && from === file)).toBe(true)
  })
})

/** Sources and settings, with the links of the package manager; what is installed stays where it is. */
function copySources(copy: string): void {
  const settings = [
    '.dependency-cruiser.mjs',
    'tsconfig.json',
    'package.json',
    'pnpm-workspace.yaml',
  ]
  for (const path of [...settings, 'packages', 'apps', 'test', 'examples']) {
    cpSync(join(ROOT, path), join(copy, path), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (source) => !/\/(dist|coverage)(\/|$)/.test(source.slice(ROOT.length)),
    })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
}

function cruise(copy: string): z.output<typeof ResultSchema>['summary'] {
  const program = join(ROOT, 'node_modules/.bin/depcruise')
  const options = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json']
  const run = spawnSync(program, [...options, 'packages', 'apps'], {
    cwd: copy,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  return ResultSchema.parse(JSON.parse(run.stdout)).summary
}

function write(copy: string, path: string, text: string): void {
  mkdirSync(dirname(join(copy, path)), { recursive: true })
  writeFileSync(join(copy, path), text)
}
