/**
 * The sites that no test needs to notice, each with its reason.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#the-list
 */
import { z } from 'zod'
import { readJson } from '../support/repository.ts'

const ListSchema = z.array(z.strictObject({ site: z.string(), reason: z.string().min(20) }))

/** A site and why it may go unnoticed. */
export type ListedSite = z.output<typeof ListSchema>[number]

/** Reads the list. */
export function readList(path: string): readonly ListedSite[] {
  return ListSchema.parse(readJson(path))
}
