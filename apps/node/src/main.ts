/**
 * Entry of the program `amana`. Everything that belongs to the process stands here and nowhere else.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { systemLanguage } from './config/load.ts'
import { runCli } from './cli/program.ts'

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    ended.abort()
  })
}

// A reader that has seen enough, such as `head`, closes its end: what is said then goes nowhere, and the work goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

// What nobody expected may have left half a state in memory; what is on the disk is whole.
process.on('uncaughtException', (error) => {
  process.stderr.write(`amana: ${error.name} [CLI_UNEXPECTED]\n`)
  process.kill(process.pid, 'SIGKILL')
})

process.exitCode = await runCli(process.argv.slice(2), {
  streams: {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    terminal: { input: process.stdin, output: process.stderr },
  },
  systemLanguage: systemLanguage(),
  ended: ended.signal,
  program: {
    execPath: process.execPath,
    execArgv: process.execArgv,
    main: process.argv[1] ?? '',
  },
  outcome: { exit: 0 },
})
