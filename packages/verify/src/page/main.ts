/**
 * The one script of `verify.html`: in the document it is the window, in a worker it verifies.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */
import { startWindow } from './window.ts'
import { startWorker } from './worker.ts'

if (typeof document === 'undefined') startWorker()
else startWindow(document.currentScript?.textContent ?? '')
