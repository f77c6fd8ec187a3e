/**
 * JSON with its members in their order and as often as they stand there, and what stands in base64url opened: so that a
 * hostile hand can change the inside of a payload and put it back.
 *
 * @module
 * @spec docs/spec/01-bytes.md#canonical-json
 */
import { decodeBase64url, decodeUtf8, encodeBase64url, encodeUtf8 } from '@amana/core'

/** A value: members, elements, a text that carries another value, or anything else as it is spelled. */
export type Tree =
  | { readonly type: 'members'; readonly members: readonly Member[] }
  | { readonly type: 'elements'; readonly elements: readonly Tree[] }
  | { readonly type: 'encoded'; readonly inside: Tree }
  | { readonly type: 'spelled'; readonly text: string }

/** A member: its name and its value. */
export interface Member {
  readonly name: string
  readonly value: Tree
}

/** One change at one place. */
export interface TreeEdit {
  /** Which place: counted over all of them, round and round. */
  readonly place: number
  readonly how: (typeof EDITS)[number]
  /** What is put there where something is put. */
  readonly put: string
  /** The name that a member is given. */
  readonly name: string
}

/** How a place is changed. */
export const EDITS = ['delete', 'duplicate', 'rename', 'put', 'wrap', 'swap'] as const

/** The tree of a value of JSON. */
export function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) {
    return { type: 'elements', elements: value.map((element: unknown) => treeOf(element)) }
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => ({ name, value: treeOf(member) }))
    return { type: 'members', members }
  }
  const inside = typeof value === 'string' ? carried(value) : undefined
  if (inside !== undefined) return { type: 'encoded', inside }
  return { type: 'spelled', text: JSON.stringify(value) ?? 'null' }
}

/** The text of a tree, exactly as its parts are spelled. */
export function textOf(tree: Tree): string {
  switch (tree.type) {
    case 'members':
      return `{${tree.members.map(({ name, value }) => `${JSON.stringify(name)}:${textOf(value)}`).join(',')}}`
    case 'elements':
      return `[${tree.elements.map((element) => textOf(element)).join(',')}]`
    case 'encoded':
      return JSON.stringify(encodeBase64url(encodeUtf8(textOf(tree.inside))))
    case 'spelled':
  }
  return tree.text
}

/** The tree after one change. */
export function changeTree(tree: Tree, edit: TreeEdit): Tree {
  const count = countPlaces(tree)
  return changeAt(tree, edit, edit.place % count)
}

/** An object that stands in base64url; most texts are none. */
function carried(text: string): Tree | undefined {
  if (!text.startsWith('ey') && !text.startsWith('W')) return undefined
  try {
    const value: unknown = JSON.parse(decodeUtf8(decodeBase64url(text)))
    return typeof value === 'object' && value !== null ? treeOf(value) : undefined
  } catch {
    return undefined
  }
}

/** The value itself and everything in it. */
function countPlaces(tree: Tree): number {
  return partsOf(tree).reduce((count, part) => count + countPlaces(part), 1)
}

function partsOf(tree: Tree): readonly Tree[] {
  if (tree.type === 'members') return tree.members.map(({ value }) => value)
  if (tree.type === 'elements') return tree.elements
  return tree.type === 'encoded' ? [tree.inside] : []
}

function changeAt(tree: Tree, edit: TreeEdit, place: number): Tree {
  if (place === 0) return changed(tree, edit)
  let rest = place - 1
  for (const [index, part] of partsOf(tree).entries()) {
    const count = countPlaces(part)
    if (rest >= count) {
      rest -= count
    } else {
      return rest === 0
        ? changePart(tree, edit, index)
        : replaced(tree, index, [changeAt(part, edit, rest)])
    }
  }
  return tree
}

/** A change that only whoever holds the part can make. */
function changePart(tree: Tree, edit: TreeEdit, index: number): Tree {
  const part = partsOf(tree)[index]
  if (part === undefined) return tree
  if (edit.how === 'delete' && tree.type !== 'encoded') return replaced(tree, index, [])
  if (edit.how === 'duplicate' && tree.type !== 'encoded')
    return replaced(tree, index, [part, part])
  if (edit.how === 'rename' && tree.type === 'members') {
    const members = tree.members.map((member, at) =>
      at === index ? { ...member, name: edit.name } : member,
    )
    return { type: 'members', members }
  }
  return replaced(tree, index, [changed(part, edit)])
}

function changed(tree: Tree, edit: TreeEdit): Tree {
  const put: Tree = { type: 'spelled', text: edit.put }
  if (edit.how === 'wrap') return { type: 'elements', elements: [tree] }
  if (edit.how !== 'swap') return put
  if (tree.type === 'members') {
    return { type: 'members', members: tree.members.toReversed() }
  }
  if (tree.type === 'elements') {
    return { type: 'elements', elements: tree.elements.toReversed() }
  }
  return tree.type === 'encoded' ? { type: 'encoded', inside: put } : put
}

function replaced(tree: Tree, index: number, parts: readonly Tree[]): Tree {
  if (tree.type === 'elements') {
    return { type: 'elements', elements: tree.elements.toSpliced(index, 1, ...parts) }
  }
  if (tree.type === 'members') {
    const name = tree.members[index]?.name ?? ''
    const members = parts.map((value) => ({ name, value }))
    return { type: 'members', members: tree.members.toSpliced(index, 1, ...members) }
  }
  const [inside = tree] = parts
  return { type: 'encoded', inside }
}
