import { execFileSync } from 'node:child_process';

/** The words of a command without a pipe, as a real POSIX shell parses them. */
export function posixWords(line: string): readonly string[] {
  const script = `for word in ${line}; do printf '%s\\0' "$word"; done`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

/**
 * The words that PowerShell 7 would pass to a program, for the part of its grammar that is used here; throws at anything that it parses
 * differently, or that gets lost on the way to `az.cmd`. Source: about_Parsing, about_Quoting_Rules and about_Special_Characters of PowerShell 7;
 * azure-cli, doc/quoting-issues-with-powershell.md (double quotes within an argument are lost, and `az` is a script of cmd).
 */
export function powershellWords(line: string): readonly string[] {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== '') {
    const { word, length } = firstWord(rest);
    words.push(word);
    rest = rest.slice(length).trimStart();
  }
  return words;
}

/** Splatting, a script block, a comment, a comma as an operator, a redirection: only at the beginning of a bare word. */
const SPECIAL_FIRST = /^(?:[@{(#,<>]|--%)/;
/** Variables, escapes, expressions, separators, pipes, and typographic quotes, which PowerShell treats as plain ones. */
const SPECIAL_ANYWHERE = /[`$(){};|&<>"'\u2018\u2019\u201a\u201b\u201c\u201d\u201e]/;

function firstWord(text: string): { readonly word: string; readonly length: number } {
  const quoted = /^'([^'\u2018-\u201b]*)'(?=\s|$)/.exec(text) ?? /^"([^"\u201c-\u201e]*)"(?=\s|$)/.exec(text);
  if (quoted !== null) {
    const [whole, word = ''] = quoted;
    if (whole.startsWith('"') && /[$`]/.test(word)) throw new Error(`PowerShell expands ${whole}.`);
    if (word.includes('"')) throw new Error(`az.cmd loses the double quotes of ${whole}.`);
    if (/\\$/.test(word)) throw new Error(`The last backslash of ${whole} would escape the quote that az.cmd is given.`);
    return { word, length: whole.length };
  }
  const bare = /^\S+/.exec(text)?.[0] ?? '';
  if (SPECIAL_FIRST.test(bare) || SPECIAL_ANYWHERE.test(bare) || bare === '\\') throw new Error(`PowerShell reads ${bare} otherwise.`);
  if (/,$/.test(bare)) throw new Error(`PowerShell makes a list of ${bare} and the next word.`);
  return { word: bare, length: bare.length };
}
