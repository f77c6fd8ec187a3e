/**
 * The repository as the gates see it: its root, and the files in it that are ours.
 *
 * @module
 * @spec docs/spec/00-overview.md#how-this-is-kept-true
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** The root of the repository, without a slash at its end. */
export const ROOT = new URL('../..', import.meta.url).pathname.replace(/\/$/, '')

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git'])

/** Paths, from the root, of the files under `folder` that end in one of `endings`; sorted. */
export function listFiles(folder: string, endings: readonly string[]): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter((entry) => !NOT_OURS.has(entry.name))
    .flatMap((entry) => {
      const path = relative(ROOT, join(ROOT, folder, entry.name))
      if (entry.isDirectory()) return listFiles(path, endings)
      return endings.some((ending) => path.endsWith(ending)) ? [path] : []
    })
    .toSorted()
}

/** The text of a file of the repository. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** The JSON of a file of the repository; nothing is known of it yet. */
export function readJson(path: string): unknown {
  return JSON.parse(readText(path))
}
