/**
 * Pieces of HTML that reports are made of; every value is escaped by who puts it in.
 *
 * @module
 * @spec docs/spec/07-bundle-and-verifier.md#report
 */
/** Escapes text for HTML content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** A heading and a table under it, cells as HTML. Without names of columns the table has no head. */
export function section(
  heading: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const header =
    head.length === 0
      ? ''
      : `<thead><tr>${head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')}</tr></thead>`
  const body = rows
    .map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`)
    .join('\n')
  return `<h2>${escapeHtml(heading)}</h2><div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(heading)}"><table>${header}<tbody>${body}</tbody></table></div>`
}
