/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- the sources are checked against the types of @scure/base itself */
/**
 * What the sources use of `@scure/base`, for the page: a browser that has ML-DSA has base64 too. Texts that are not the one
 * spelling of their value are refused by who decodes, who encodes again and compares.
 *
 * @module
 */

const URL_SAFE = { alphabet: 'base64url', omitPadding: true }
const DIGITS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

export const base64 = {
  encode: (bytes) => bytes.toBase64(),
  decode: (text) => Uint8Array.fromBase64(text),
}

export const base64urlnopad = {
  encode: (bytes) => bytes.toBase64(URL_SAFE),
  decode: (text) => Uint8Array.fromBase64(text, URL_SAFE),
}

/** Of the codes of a hand-over, which the page does not read: it is named by the sources, and left out of the page. */
export const base32nopad = {}

export const hex = { encode: (bytes) => bytes.toHex() }

/** A number in 58 digits; each byte of nought that begins it is a digit 1. */
export const base58 = {
  encode: (bytes) => {
    let text = ''
    for (let rest = BigInt(`0x0${bytes.toHex()}`); rest > 0n; rest /= 58n) {
      text = `${DIGITS[Number(rest % 58n)]}${text}`
    }
    const first = bytes.findIndex((byte) => byte > 0)
    return `${'1'.repeat(first < 0 ? bytes.length : first)}${text}`
  },
  decode: (text) => {
    let value = 0n
    for (const digit of text) {
      const at = DIGITS.indexOf(digit)
      if (at < 0) throw new Error('no digit of base58')
      value = value * 58n + BigInt(at)
    }
    const digits = value === 0n ? '' : value.toString(16)
    const noughts = text.length - text.replace(/^1+/, '').length
    return Uint8Array.fromHex(`${'00'.repeat(noughts)}${'0'.repeat(digits.length % 2)}${digits}`)
  },
}
