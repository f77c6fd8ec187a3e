/** The part of nspell that the spelling gate uses; the package brings no types. */
declare module 'nspell' {
  interface Speller {
    correct(word: string): boolean
  }
  function nspell(dictionary: { readonly aff: Uint8Array; readonly dic: Uint8Array }): Speller
  export = nspell
}
