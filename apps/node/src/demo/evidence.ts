/**
 * Last chapter of the demonstration: both logs exported, a redacted copy, and all of it verified together as an auditor
 * verifies it.
 *
 * @module
 * @spec docs/spec/08-exchange.md#demonstration
 */
import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { AmanaError } from '@amana/core'
import { renderReport, type Report, verifyFiles } from '@amana/verify'
import { type Language } from '@amana/vocabulary'
import { presentAs } from '../agency/reading.ts'
import { type UnlockedOfficer } from '../agency/signing.ts'
import { writeText } from '../cli/files.ts'
import { systemClock } from '../system.ts'
import { type DemoNodes } from './demo-nodes.ts'
import { type DemoFolder } from './demo-folder.ts'
import { SIDES } from './story.ts'

/** What an auditor gets. */
export const EVIDENCE_FILES = {
  niamey: 'niamey.bundle.jsonl',
  abuja: 'abuja.bundle.jsonl',
  policy: 'policy.txt',
  redacted: 'redacted.sd-jwt',
  report: 'report.html',
} as const

/** The message of which a redacted copy is made. */
export interface Redacted {
  /** Who reads it in Abuja. */
  readonly by: UnlockedOfficer
  readonly digest: string
  readonly disclose: readonly string[]
}

/** Both bundles, the policy and a redacted copy, written into the folder of the evidence. @throws CLI_FILE */
export async function exportEvidence(
  folder: DemoFolder,
  nodes: DemoNodes,
  { by, digest, disclose }: Redacted,
): Promise<void> {
  const { evidence: to } = folder
  const abuja = nodes.services('abuja')
  const purpose = 'audit'
  const made = await presentAs(abuja, by, { digest, disclose, purpose })
  if (made === undefined) throw new AmanaError('CLI_UNEXPECTED', { what: 'at rest' })
  const { presentation } = await abuja.presentation({ digest, presentation: made, purpose })
  await writeText(join(to, EVIDENCE_FILES.redacted), presentation)
  await nodes.witnessed()
  // so that neither log grows after the other’s was written
  nodes.cut()
  for (const side of SIDES) {
    const { file } = await nodes.services(side).exportBundle({ to })
    await rename(file, join(to, EVIDENCE_FILES[side]))
  }
  await nodes.services('niamey').exportPolicy({ to })
}

/** Verifies the files as they lie there, and writes the report. */
export async function verifyEvidence(folder: DemoFolder, language: Language): Promise<Report> {
  const names = [EVIDENCE_FILES.niamey, EVIDENCE_FILES.abuja, EVIDENCE_FILES.redacted]
  const files = await Promise.all(
    names.map(async (name) => ({
      name,
      bytes: new Uint8Array(await readFile(join(folder.evidence, name))),
    })),
  )
  const policy = await readFile(join(folder.evidence, EVIDENCE_FILES.policy), 'utf8')
  const report = await verifyFiles(files, { now: systemClock.now(), policy })
  const languages: readonly Language[] = language === 'fr' ? ['fr', 'en'] : ['en', 'fr']
  await writeText(join(folder.evidence, EVIDENCE_FILES.report), renderReport(report, languages))
  return report
}
