/**
 * The two ends of the hand-over of a group held against each other: who arrived, who did not, and who is nowhere. Nobody
 * is lost because a list was short, and one bad line does not lose the rest.
 *
 * @module
 * @spec docs/spec/06-messages-and-referral.md#group-manifests
 */
import { type z } from 'zod'
import { type CodeOf } from '../messages/code-lists.ts'
import { type Manifest, ManifestMemberSchema } from '../messages/manifest.ts'

/** One thing that is wrong, about one person where it is about one. */
export interface ManifestFinding {
  readonly finding: CodeOf<'manifestFinding'>
  readonly referral?: string
}

/** A person of either list, and what became of her. */
export interface ManifestLine {
  readonly referral: string
  readonly status: 'arrived' | 'unaccounted' | CodeOf<'manifestDiscrepancy'>
}

/** Every person of both lists once, and everything that does not fit. */
export interface ManifestComparison {
  readonly lines: readonly ManifestLine[]
  readonly findings: readonly ManifestFinding[]
}

/** A line that was taken, or the number of one that was not and the path in it. */
export interface ManifestReading {
  readonly members: readonly z.output<typeof ManifestMemberSchema>[]
  /** Lines count from 1; a reference that stood before is `referral`. */
  readonly refused: readonly { readonly line: number; readonly path: string }[]
}

/** The release of a group beside its receipt. */
export function compareManifests(release: Manifest, receipt: Manifest): ManifestComparison {
  const listed = release.custody.members.map(({ referral }) => referral)
  const here = receipt.custody.members.map(({ referral }) => referral)
  const extras = here.filter((referral) => !listed.includes(referral))
  const told = toldOf(receipt)
  const lines = [
    ...listed.map((referral) => lineOf(referral, here, told)),
    ...extras.map((referral): ManifestLine => ({ referral, status: 'extra' })),
  ]
  return {
    lines,
    findings: [
      ...endFindings(release, receipt),
      ...lines
        .filter(({ status }) => status === 'unaccounted')
        .map(({ referral }) => ({ finding: 'unaccounted', referral }) as const),
      ...extras
        .filter((referral) => told.get(referral) !== 'extra')
        .map((referral) => ({ finding: 'extra_unnamed', referral }) as const),
      ...differenceFindings({ listed, here, told }),
    ],
  }
}

/** The lines of a list that can be read, and which cannot; nothing that was typed is lost. */
export function readManifestLines(lines: readonly unknown[]): ManifestReading {
  const members: z.output<typeof ManifestMemberSchema>[] = []
  const known = new Set<string>()
  const refused: { line: number; path: string }[] = []
  for (const [index, value] of lines.entries()) {
    const parsed = ManifestMemberSchema.safeParse(value)
    if (parsed.success && !known.has(parsed.data.referral)) {
      known.add(parsed.data.referral)
      members.push(parsed.data)
    } else
      refused.push({ line: index + 1, path: parsed.success ? 'referral' : pathOf(parsed.error) })
  }
  return { members, refused }
}

function pathOf({ issues }: z.ZodError): string {
  return (issues[0]?.path ?? []).join('.')
}

type Told = ReadonlyMap<string, CodeOf<'manifestDiscrepancy'>>

function toldOf({ custody }: Manifest): Told {
  return new Map(
    (custody.discrepancies ?? []).flatMap(({ referral, kind }) =>
      referral === undefined ? [] : [[referral, kind] as const],
    ),
  )
}

function lineOf(referral: string, here: readonly string[], told: Told): ManifestLine {
  if (here.includes(referral)) return { referral, status: 'arrived' }
  const kind = told.get(referral)
  return { referral, status: kind === undefined || kind === 'extra' ? 'unaccounted' : kind }
}

/** Each end counts heads; at the receiving one also those who have no reference yet. */
function endFindings(release: Manifest, receipt: Manifest): readonly ManifestFinding[] {
  const nameless = (receipt.custody.discrepancies ?? []).filter(
    ({ kind, referral }) => kind === 'extra' && referral === undefined,
  ).length
  const findings: ManifestFinding[] = []
  if (!isSameHandOver(release, receipt)) findings.push({ finding: 'other_manifest' })
  if (release.statistics.headcount !== release.custody.members.length) {
    findings.push({ finding: 'released_differs' })
  }
  if (receipt.statistics.headcount !== receipt.custody.members.length + nameless) {
    findings.push({ finding: 'received_differs' })
  }
  return findings
}

function isSameHandOver({ routing: first }: Manifest, { routing: second }: Manifest): boolean {
  return (
    first.act === 'release' &&
    second.act === 'receipt' &&
    first.manifest === second.manifest &&
    first.from === second.from &&
    first.to === second.to
  )
}

interface Ends {
  readonly listed: readonly string[]
  readonly here: readonly string[]
  readonly told: Told
}

/** Who is here is not absent, and who is not on the list cannot be missed. */
function differenceFindings({ listed, here, told }: Ends): readonly ManifestFinding[] {
  return [...told].flatMap(([referral, kind]): readonly ManifestFinding[] => {
    if (kind === 'extra') {
      return listed.includes(referral) ? [{ finding: 'contradiction', referral }] : []
    }
    if (here.includes(referral)) return [{ finding: 'contradiction', referral }]
    return listed.includes(referral) ? [] : [{ finding: 'not_on_list', referral }]
  })
}
