/**
 * Finds the places where the sources refuse: by syntax and types, so that a refusal behind a helper is one as well.
 *
 * @module
 * @spec docs/decisions/0006-refusals-are-switched-off.md#what-a-site-is
 */
import { join, relative } from 'node:path'
import ts from 'typescript'
import { listFiles, ROOT } from '../support/repository.ts'

/** How a place refuses, and so how it is switched off. */
export type SiteKind = 'throw' | 'never' | 'assert' | 'reject' | 'refine' | 'issue' | 'finding'

/** One place that refuses; `start` and `end` are positions in the file's text. */
export interface Site {
  /** `file function what number`: it stays the same while the lines around it move. */
  readonly id: string
  readonly file: string
  readonly line: number
  readonly kind: SiteKind
  readonly start: number
  readonly end: number
}

type Found = Pick<Site, 'kind' | 'start' | 'end'> & {
  readonly node: ts.Node
  readonly what: string
}

/** The folders whose refusals are switched off. */
export const SOURCES = ['packages/core/src', 'packages/verify/src', 'apps/node/src'] as const

/** Every site of the sources, in the order of files and lines. */
export function findSites(): readonly Site[] {
  const files = SOURCES.flatMap((folder) => listFiles(folder, ['.ts'])).filter(
    (file) => !file.endsWith('.test.ts'),
  )
  const program = ts.createProgram(
    files.map((file) => join(ROOT, file)),
    compilerOptions(),
  )
  const checker = program.getTypeChecker()
  return files.flatMap((file) => {
    const source = program.getSourceFile(join(ROOT, file))
    return source === undefined ? [] : sitesOf(source, checker)
  })
}

const CONFIG_HOST: ts.ParseConfigFileHost = {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
    throw new TypeError(ts.flattenDiagnosticMessageText(messageText, ' '))
  },
}

function compilerOptions(): ts.CompilerOptions {
  const path = join(ROOT, 'tsconfig.json')
  return ts.getParsedCommandLineOfConfigFile(path, {}, CONFIG_HOST)?.options ?? {}
}

function sitesOf(source: ts.SourceFile, checker: ts.TypeChecker): readonly Site[] {
  const found: Found[] = []
  const visit = (node: ts.Node): void => {
    const site = siteAt(node, checker)
    if (site !== undefined) {
      const at = site.at ?? node
      found.push({ ...site, node, start: at.getStart(source), end: at.getEnd() })
    }
    node.forEachChild(visit)
  }
  visit(source)
  return named(found, source)
}

function named(found: readonly Found[], source: ts.SourceFile): readonly Site[] {
  const file = relative(ROOT, source.fileName)
  const counts = new Map<string, number>()
  return found.map(({ node, what, kind, start, end }) => {
    const name = `${file} ${ownerOf(node)} ${what}`
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    const line = source.getLineAndCharacterOfPosition(start).line + 1
    return { id: count === 1 ? name : `${name} ${String(count)}`, file, line, kind, start, end }
  })
}

/** The functions around a place, the outermost first. */
function ownerOf(node: ts.Node): string {
  const names: string[] = []
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    const name = nameOf(at)
    if (name !== undefined) names.unshift(name)
  }
  return names.length === 0 ? '-' : names.join('.')
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isFunctionLike(node) || ts.isVariableDeclaration(node) || ts.isClassLike(node)) {
    return node.name?.getText()
  }
  return undefined
}

interface Seen {
  readonly kind: SiteKind
  readonly what: string
  /** The part that is switched, where it is not the whole. */
  readonly at?: ts.Node
}

function siteAt(node: ts.Node, checker: ts.TypeChecker): Seen | undefined {
  if (ts.isThrowStatement(node)) return throwSite(node, checker)
  if (ts.isCallExpression(node)) return callSite(node, checker)
  if (ts.isStringLiteral(node)) return findingSite(node, checker)
  return undefined
}

/** A throw of ours; one that only passes on what was caught is none, and one in a helper is counted where that is called. */
function throwSite(node: ts.ThrowStatement, checker: ts.TypeChecker): Seen | undefined {
  const { expression } = node
  if (!isRefusal(checker.getTypeAtLocation(expression)) || isCaught(expression, checker)) {
    return undefined
  }
  const around = ts.findAncestor(node, ts.isFunctionLike)
  if (around !== undefined && helperKind(around) !== undefined) return undefined
  return { kind: 'throw', what: codesIn(expression, checker) }
}

function callSite(node: ts.CallExpression, checker: ts.TypeChecker): Seen | undefined {
  return rejectSite(node, checker) ?? helperSite(node, checker) ?? schemaSite(node)
}

function rejectSite(node: ts.CallExpression, checker: ts.TypeChecker): Seen | undefined {
  const [first] = node.arguments
  if (!/^(Promise\.)?reject$/.test(node.expression.getText())) return undefined
  if (first === undefined || !ts.isNewExpression(first)) return undefined
  if (!isRefusal(checker.getTypeAtLocation(first))) return undefined
  return { kind: 'reject', what: codesIn(first, checker) }
}

/** A call of a function of ours that always refuses, or refuses when its first argument does not hold. */
function helperSite(node: ts.CallExpression, checker: ts.TypeChecker): Seen | undefined {
  const declaration = checker.getResolvedSignature(node)?.declaration
  const kind = declaration === undefined ? undefined : helperKind(declaration)
  if (kind === undefined) return undefined
  const [first] = node.arguments
  const at = kind === 'assert' && first !== undefined ? { at: first } : {}
  return { kind, what: codesIn(node, checker), ...at }
}

function schemaSite(node: ts.CallExpression): Seen | undefined {
  const callee = node.expression.getText()
  const [first] = node.arguments
  if (callee.endsWith('.refine') && first !== undefined) {
    return { kind: 'refine', what: fieldOf(node), at: first }
  }
  return callee.endsWith('.addIssue') ? { kind: 'issue', what: 'issue' } : undefined
}

/** The code of a finding, where it is made; a table of codes that is made once is none. */
function findingSite(node: ts.StringLiteral, checker: ts.TypeChecker): Seen | undefined {
  if (!node.getSourceFile().fileName.includes('/packages/verify/')) return undefined
  if (ts.findAncestor(node, ts.isFunctionLike) === undefined) return undefined
  if (ts.isBinaryExpression(node.parent)) return undefined
  const isCode = isFindingCode(checker.getContextualType(node)) || isNamedCode(node)
  return isCode ? { kind: 'finding', what: node.text } : undefined
}

/** The type of a finding's code, known by what it takes. */
function isFindingCode(type: ts.Type | undefined): boolean {
  if (type?.isUnion() !== true) return false
  const values = type.types.map((member) => (member.isStringLiteral() ? member.value : ''))
  return values.includes('EQUIVOCATION') && values.includes('NOT_COMPARED')
}

/** `const code = …`, for a finding that is made below it. */
function isNamedCode(node: ts.StringLiteral): boolean {
  const variable = ts.findAncestor(node, ts.isVariableDeclaration)
  return variable?.name.getText() === 'code' && /^[A-Z][A-Z_]+$/.test(node.text)
}

function isRefusal(type: ts.Type): boolean {
  return type.symbol?.name === 'AmanaError'
}

function isCaught(expression: ts.Expression, checker: ts.TypeChecker): boolean {
  const declaration = checker.getSymbolAtLocation(expression)?.valueDeclaration
  return declaration !== undefined && ts.isCatchClause(declaration.parent)
}

function isOurs(declaration: ts.Node): boolean {
  const { fileName } = declaration.getSourceFile()
  return SOURCES.some((folder) => fileName.startsWith(join(ROOT, folder)))
}

function helperKind(
  declaration: ts.SignatureDeclaration | ts.JSDocSignature,
): 'never' | 'assert' | undefined {
  if (ts.isJSDocSignature(declaration) || !isOurs(declaration)) return undefined
  if (madeCodes(declaration).length === 0) return undefined
  if (declaration.type?.kind === ts.SyntaxKind.NeverKeyword) return 'never'
  return isAssertion(declaration) ? 'assert' : undefined
}

/** `assertX(holds: boolean, …)`. */
function isAssertion({ name, parameters: [first] }: ts.SignatureDeclaration): boolean {
  if (name?.getText().startsWith('assert') !== true) return false
  return first?.type?.kind === ts.SyntaxKind.BooleanKeyword
}

/** The codes that an expression makes, itself or in the function that it calls. */
function codesIn(expression: ts.Node, checker: ts.TypeChecker): string {
  const own = madeCodes(expression)
  if (own.length > 0) return own.join('|')
  const call = ts.isCallExpression(expression) ? expression : undefined
  const declaration =
    call === undefined ? undefined : checker.getResolvedSignature(call)?.declaration
  const called = declaration === undefined ? [] : madeCodes(declaration)
  return called.length > 0 ? called.join('|') : expression.getText().replaceAll(/\s+/g, '')
}

function madeCodes(within: ts.Node): readonly string[] {
  const codes = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'AmanaError') {
      const [code] = node.arguments ?? []
      codes.add(code !== undefined && ts.isStringLiteral(code) ? code.text : 'code')
    }
    node.forEachChild(visit)
  }
  visit(within)
  return [...codes]
}

/** The member or schema that a refinement belongs to. */
function fieldOf(node: ts.Node): string {
  const member = ts.findAncestor(node, ts.isPropertyAssignment)
  return member === undefined ? 'refine' : `refine:${member.name.getText()}`
}
