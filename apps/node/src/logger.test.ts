import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'

const LOGGER = new URL('logger.ts', import.meta.url).href

interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly signal: unknown
}

/** A process that logs, then runs `last`. */
async function logging(statements: string): Promise<Run> {
  const script = `import { createLogger } from ${JSON.stringify(LOGGER)}\nconst logger = createLogger()\n${statements}`
  const options = ['--conditions=@amana/source', '--input-type=module', '-e', script]
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const signal = await new Promise((resolve) => {
    child.once('exit', (_status, name) => {
      resolve(name)
    })
  })
  const [stdout, stderr] = await output
  return { stdout, stderr, signal }
}

describe('the node’s own log', () => {
  it('is lines of JSON on standard error with level, time, name and message', async () => {
    const { stdout, stderr } = await logging(
      `logger.info({ agency: 'ng.naptip' }, 'listening')\nlogger.debug('too much')`,
    )
    expect(stdout).toBe('')
    expect(stderr.endsWith('\n')).toBe(true)
    const lines = stderr.trimEnd().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(
      /^\{"level":30,"time":\d{13},"name":"amana","agency":"ng\.naptip","msg":"listening"\}$/,
    )
  })

  it('is written before anything else happens, also to a process that is killed', async () => {
    const { stderr, signal } = await logging(
      `logger.error('last words')\nprocess.kill(process.pid, 'SIGKILL')`,
    )
    expect(signal).toBe('SIGKILL')
    expect(stderr).toContain('"msg":"last words"')
  })
})
