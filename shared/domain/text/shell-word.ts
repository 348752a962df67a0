/** A text as one word of a POSIX shell, quoted where it has to be: what is printed is pasted, and ids and names come from elsewhere. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
