const BARE = /^[A-Za-z0-9_./:=-]+$/;
/** Characters that both shells read literally within single quotes. PowerShell also ends a string at typographic quotes. */
const QUOTABLE = /^[\p{L}\p{N} !#$%&()*+,./:;<=>?@[\]^_{|}~-]+$/u;

/**
 * One word of a command line, quoted if a shell would interpret it; `undefined` for a word that cannot be quoted for both
 * POSIX shells and PowerShell (whose older versions drop double quotes and backslashes).
 */
export function shellWord(word: string): string | undefined {
  if (BARE.test(word)) return word;
  return QUOTABLE.test(word) ? `'${word}'` : undefined;
}

/** Joins the words of a command line; `undefined` if a word is missing or cannot be quoted for both shells. */
export function commandLine(words: readonly (string | undefined)[]): string | undefined {
  const quoted = words.map((word) => (word === undefined ? undefined : shellWord(word)));
  return quoted.includes(undefined) ? undefined : quoted.join(' ');
}
