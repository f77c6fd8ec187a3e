/**
 * One request to a worker of the page, from its start to its answer or its end.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { type Answer, type Request } from './worker.ts'

/** Who is told of answers. */
export type Listener = (answer: Answer) => void

/** A request under way. */
export interface Task {
  /** Ends the worker; no answer comes any more. */
  stop(): void
}

/**
 * Starts a worker of this page's own script and asks it. One answer that is not `read` ends it; an error that the worker
 * could not tell is told as `unexpected`.
 */
export function startTask(script: string, request: Request, listener: Listener): Task {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
  const worker = new Worker(url)
  const stop = (): void => {
    worker.terminate()
    URL.revokeObjectURL(url)
  }
  worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
    if (data.kind !== 'read') stop()
    listener(data)
  })
  worker.addEventListener('error', (event) => {
    stop()
    listener({ kind: 'problem', problem: 'unexpected', detail: event.message })
  })
  worker.postMessage(request, [])
  return { stop }
}
