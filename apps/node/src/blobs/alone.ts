/**
 * One at a time for each file that is coming: who finds somebody at it goes on with something else.
 *
 * @module
 * @spec docs/spec/10-attachments.md#ranges
 */

/** Runs a step alone for a name; nothing where somebody else is at it. */
export type Alone = <T>(name: string, step: () => Promise<T>) => Promise<T | undefined>

/** For the files of one folder. */
export function createAlone(): Alone {
  const busy = new Set<string>()
  return async (name, step) => {
    if (busy.has(name)) return undefined
    busy.add(name)
    try {
      return await step()
    } finally {
      busy.delete(name)
    }
  }
}
