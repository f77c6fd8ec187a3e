/**
 * Entry of the program `amana`. Everything that belongs to the process stands here and nowhere else.
 *
 * @module
 * @spec docs/spec/08-exchange.md#command-line
 */
import { systemLanguage } from './config/load.ts'
import { runCli } from './cli/program.ts'

process.on('uncaughtException', (error) => {
  process.stderr.write(`amana: ${error.name} [CLI_UNEXPECTED]\n`)
  process.exitCode = 1
  process.kill(process.pid, 'SIGTERM')
})

process.exitCode = await runCli(process.argv.slice(2), {
  streams: process,
  systemLanguage: systemLanguage(),
})
