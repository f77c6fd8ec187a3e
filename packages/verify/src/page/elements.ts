/**
 * The few things that the page asks of the document, each with a type that was checked.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#page
 */

/** The element of that id. @throws when the page has none, which is an error of the page */
export function byId<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.querySelector(`#${id}`)
  if (found instanceof type) return found
  throw new Error(`no element ${id}`)
}

/** A new element with this text. */
export function element<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  text: string,
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag)
  made.textContent = text
  return made
}

/** A button with this text. */
export function button(text: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', text)
  made.type = 'button'
  made.addEventListener('click', onClick)
  return made
}

/** What the element `main` that this program wrote holds, as nodes. */
export function nodesOf(html: string): readonly Node[] {
  const parsed = new DOMParser().parseFromString(html, 'text/html')
  return [...(parsed.querySelector('main')?.childNodes ?? [])]
}
