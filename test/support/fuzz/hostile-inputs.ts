/**
 * Inputs for readers: anything at all, anything that is JSON, and what they accept with a few changes. A run is drawn as
 * a short description of the change, so that what fast-check prints can be read.
 *
 * @module
 * @spec docs/spec/01-bytes.md#canonical-json
 */
import { concatBytes, decodeUtf8, encodeUtf8 } from '@amana/core'
import fc from 'fast-check'
import { changeTree, EDITS, textOf, type Tree, type TreeEdit, treeOf } from './json-tree.ts'
import { type Input, type Reader } from './reader.ts'

/** The three kinds of input. */
export const INPUT_KINDS = ['anything', 'any JSON', 'a changed sample'] as const
/** A kind of input. */
export type InputKind = (typeof INPUT_KINDS)[number]

/** A drawn input: how it is printed, and how it is made. */
export interface Drawn {
  readonly make: () => Input
  readonly toString: () => string
}

/** Inputs of a kind for a reader. */
export function inputsFor({ sample }: Reader, kind: InputKind): fc.Arbitrary<Drawn> {
  if (kind === 'anything') return anything(sample.form)
  if (kind === 'any JSON') return anyJson(sample.form)
  const tree = treeIn(sample)
  const bytewise = byteEdits.map((edits) => drawn(edits, () => withBytes(sample, edits)))
  if (tree === undefined) return bytewise
  const treewise = fc.array(treeEdit, { minLength: 1, maxLength: 3 })
  const changed = treewise.map((edits) =>
    drawn(edits.map(shortened), () => withTree(sample.form, tree, edits)),
  )
  return sample.form === 'value' ? changed : fc.oneof({ weight: 3, arbitrary: changed }, bytewise)
}

function anything(form: Input['form']): fc.Arbitrary<Drawn> {
  if (form === 'bytes') {
    return fc
      .uint8Array({ maxLength: 300 })
      .map((bytes) => drawn(bytes, () => ({ form, bytes: new Uint8Array(bytes) })))
  }
  if (form === 'text') {
    return codeUnits.map((text) => drawn(text, () => ({ form, text })))
  }
  const values = fc.anything({ withNullPrototype: true, withBigInt: true, maxDepth: 4 })
  return values.map((value) => drawn(value, () => ({ form, value })))
}

/** Any UTF-16 code units, halves of surrogate pairs among them. */
const codeUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0, max: 0x7f })), {
    maxLength: 200,
  })
  .map((units) => String.fromCharCode(...units))

function anyJson(form: Input['form']): fc.Arbitrary<Drawn> {
  const spelled = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc.constantFrom(...PUTS),
    fc.string({ unit: fc.constantFrom(...PIECES), maxLength: 40 }),
  )
  return spelled.map((text) => drawn(text.slice(0, SHOWN_CHARS), () => inForm(form, text)))
}

const SHOWN_CHARS = 100

function shortened(edit: TreeEdit): TreeEdit {
  return { ...edit, put: edit.put.slice(0, SHOWN_CHARS) }
}

/** Pieces of texts that look like JSON, notes or policies, parted by spaces; and what has a space in it. */
const PIECES = [
  ...'{ } [ ] , : " \\ \\u0061 0 - 1e .5 null "a": "v":1 ~ . + / = \u0000 \uD800 e\u0301 __proto__'.split(
    ' ',
  ),
  ' ',
  '\n',
  '— ',
]

/** Values that are put where others were. */
const PUTS = [
  ...'null true 0 -1 -0 1.0 0.5 1e999 9007199254740993 9007199254740991 253402300800 8.64e15'.split(
    ' ',
  ),
  ...'[] {} "" "\\ud800" "e\\u0301" "\\u0000" "constructor" "ng.naptip" {"__proto__":{}}'.split(
    ' ',
  ),
  '[[[[[[[[[[[[[[]]]]]]]]]]]]]]',
  '"2026-02-30T00:00:00.000Z"',
  `"${'A'.repeat(43)}"`,
  `"${'A'.repeat(70_000)}"`,
  `"${'é'.repeat(2000)}"`,
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `${'{"a":'.repeat(20_000)}0${'}'.repeat(20_000)}`,
  `[${'0,'.repeat(5000)}0]`,
  `{${Array.from({ length: 2000 }, (_, n) => `"a${String(n)}":0`).join(',')}}`,
]

const NAMES = [
  '',
  'v',
  'payload',
  'alg',
  'crit',
  'constructor',
  '__proto__',
  'toString',
  '_sd',
  '0',
]

const treeEdit: fc.Arbitrary<TreeEdit> = fc.record({
  place: fc.nat({ max: 100_000 }),
  how: fc.constantFrom(...EDITS),
  put: fc.constantFrom(...PUTS),
  name: fc.constantFrom(...NAMES),
})

/** One change of the bytes: where, and what. */
interface ByteEdit {
  readonly place: number
  readonly how: 'flip' | 'cut' | 'remove' | 'repeat' | 'insert'
  readonly count: number
  readonly bit: number
  readonly put: readonly number[]
}

const byteEdits = fc.array(
  fc.record<ByteEdit>({
    place: fc.nat({ max: 10_000_000 }),
    how: fc.constantFrom('flip', 'cut', 'remove', 'repeat', 'insert'),
    count: fc.integer({ min: 1, max: 80 }),
    bit: fc.integer({ min: 0, max: 7 }),
    put: fc.constantFrom([0x0a], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0], [0x7e], [0x20]),
  }),
  { minLength: 1, maxLength: 3 },
)

function drawn(described: unknown, make: () => Input): Drawn {
  return { make, toString: () => fc.stringify(described) }
}

function withBytes(sample: Input, edits: readonly ByteEdit[]): Input {
  const bytes = edits.reduce(editBytes, bytesIn(sample))
  return inForm(sample.form, bytes)
}

function editBytes(bytes: Uint8Array, edit: ByteEdit): Uint8Array {
  const at = bytes.length === 0 ? 0 : edit.place % bytes.length
  const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)]
  switch (edit.how) {
    case 'flip':
      return bytes.map((byte, index) => (index === at ? byte ^ (1 << edit.bit) : byte))
    case 'cut':
      return before
    case 'remove':
      return concatBytes(before, after.subarray(edit.count))
    case 'repeat':
      return concatBytes(before, after.subarray(0, edit.count), after)
    case 'insert':
  }
  return concatBytes(before, Uint8Array.from(edit.put), after)
}

function withTree(form: Input['form'], tree: Tree, edits: readonly TreeEdit[]): Input {
  return inForm(form, textOf(edits.reduce(changeTree, tree)))
}

function treeIn(sample: Input): Tree | undefined {
  if (sample.form === 'value') return treeOf(sample.value)
  try {
    return treeOf(JSON.parse(decodeUtf8(bytesIn(sample))))
  } catch {
    return undefined
  }
}

function bytesIn(sample: Input): Uint8Array {
  if (sample.form === 'bytes') return sample.bytes
  return encodeUtf8(sample.form === 'text' ? sample.text : JSON.stringify(sample.value))
}

/** A text of JSON, or bytes, in the form that a reader takes; what is no JSON is a text to readers of values. */
function inForm(form: Input['form'], content: string | Uint8Array): Input {
  const bytes = typeof content === 'string' ? encodeUtf8(content) : content
  if (form === 'bytes') return { form, bytes }
  const text = typeof content === 'string' ? content : LENIENT.decode(content)
  if (form === 'text') return { form, text }
  try {
    return { form, value: JSON.parse(text) }
  } catch {
    return { form, value: text }
  }
}

const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true })
