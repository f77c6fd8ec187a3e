/**
 * What the tool hands to the test runner that it starts: one JSON file.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#how
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A site as the other process needs it. */
export const SiteSchema = z.strictObject({
  id: z.string(),
  file: z.string(),
  line: z.number(),
  kind: z.enum(['throw', 'never', 'assert', 'reject', 'refine', 'issue', 'finding']),
  start: z.number(),
  end: z.number(),
})

const SettingsSchema = z.strictObject({
  state: z.string(),
  sites: z.array(SiteSchema),
  /** Test files in the order in which they run. */
  files: z.array(z.string()),
  /** Sites to switch off; the others only refuse. */
  chosen: z.array(z.string()),
  workers: z.number(),
})

/** What one start of the test runner needs to know. */
export type Settings = z.output<typeof SettingsSchema>

/** Reads the settings that the tool wrote. */
export function readSettings(path: string): Settings {
  return SettingsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
}

/**
 * Whether a test should notice a site: one of its own package, or one beside all packages. Both begin with the path of
 * their file.
 */
export function isTestedIn(site: string, test: string): boolean {
  const [folder, name] = site.split('/')
  return test.startsWith('test/') || test.startsWith(`${folder ?? ''}/${name ?? ''}/`)
}
