/**
 * A reader of what strangers send, as the fuzz tests see it: what it takes, something that it accepts, and the call.
 *
 * @module
 * @spec docs/spec/01-bytes.md#canonical-json
 */

/** What a reader takes: bytes, a text, or a value that a JSON parser gave. */
export type Input =
  | { readonly form: 'bytes'; readonly bytes: Uint8Array }
  | { readonly form: 'text'; readonly text: string }
  | { readonly form: 'value'; readonly value: unknown }

/** A reader under test. */
export interface Reader {
  /** The function's name; where it is tried in two ways, a space and the way. */
  readonly name: string
  /** What it accepts: the changed inputs are made of it. */
  readonly sample: Input
  /** Gives whatever it gives, or a promise, or throws. */
  readonly read: (input: Input) => unknown
  /** One run in so many: for readers that are slow by intention. */
  readonly oneIn: number
}

/** An input that costs most of all of its size. */
export interface Worst {
  readonly name: string
  readonly reader: string
  readonly make: () => Input
}

/** The readers of one package. */
export interface ReaderTable {
  readonly readers: readonly Reader[]
  readonly worst: readonly Worst[]
}

/** A reader of bytes. */
export function ofBytes(
  name: string,
  sample: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
): Reader {
  return {
    name,
    oneIn: 1,
    sample: { form: 'bytes', bytes: sample },
    read: (input) => (input.form === 'bytes' ? read(input.bytes) : wrongForm(name)),
  }
}

/** A reader of text. */
export function ofText(name: string, sample: string, read: (text: string) => unknown): Reader {
  return {
    name,
    oneIn: 1,
    sample: { form: 'text', text: sample },
    read: (input) => (input.form === 'text' ? read(input.text) : wrongForm(name)),
  }
}

/** A reader of values of unknown origin. */
export function ofValue(name: string, sample: unknown, read: (value: unknown) => unknown): Reader {
  return {
    name,
    oneIn: 1,
    sample: { form: 'value', value: sample },
    read: (input) => (input.form === 'value' ? read(input.value) : wrongForm(name)),
  }
}

/** The same reader, tried less often. */
export function seldom(reader: Reader, oneIn: number): Reader {
  return { ...reader, oneIn }
}

/** A worst input of bytes. */
export function worstBytes(name: string, reader: string, make: () => Uint8Array): Worst {
  return { name, reader, make: () => ({ form: 'bytes', bytes: make() }) }
}

/** A worst input of text. */
export function worstText(name: string, reader: string, make: () => string): Worst {
  return { name, reader, make: () => ({ form: 'text', text: make() }) }
}

/** A worst value. */
export function worstValue(name: string, reader: string, make: () => unknown): Worst {
  return { name, reader, make: () => ({ form: 'value', value: make() }) }
}

function wrongForm(name: string): never {
  throw new TypeError(`${name} takes another form`)
}
