const BARE = /^[A-Za-z0-9_./:=-]+$/;
/** Both shells take these as they stand between single quotes; PowerShell also ends a string at typographic quotes. */
const QUOTABLE = /^[\p{L}\p{N} !#$%&()*+,./:;<=>?@[\]^_{|}~-]+$/u;

/**
 * One word of a command line, quoted where a shell would read more than the word itself; `undefined` for a word that no
 * quotes keep whole in a POSIX shell and in PowerShell (whose older versions lose double quotes and backslashes).
 */
export function shellWord(word: string): string | undefined {
  if (BARE.test(word)) return word;
  return QUOTABLE.test(word) ? `'${word}'` : undefined;
}

/** Joins the words of a command line; `undefined` when one of them is none, or cannot be written for both shells. */
export function commandLine(words: readonly (string | undefined)[]): string | undefined {
  const quoted = words.map((word) => (word === undefined ? undefined : shellWord(word)));
  return quoted.includes(undefined) ? undefined : quoted.join(' ');
}
