import { endOfString } from './documents.ts';

/**
 * Joins the lines of a flow collection, and blanks its comments, without moving anything: go-yaml accepts `]` and `{` at any
 * indentation, and YAML 1.2 does not. `undefined` where the collection does not end.
 */
export function withJoinedFlow(text: string, from: number): string | undefined {
  const parts = [text.slice(0, from)];
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const letter = text.charAt(at);
    const end = endOfRun(text, at);
    if (end > at) {
      parts.push(letter === '#' ? ' '.repeat(end - at) : text.slice(at, end));
      at = end - 1;
      continue;
    }
    parts.push(letter === '\n' || letter === '\r' ? ' ' : letter);
    if (letter === '[' || letter === '{') depth += 1;
    else if (letter === ']' || letter === '}') depth -= 1;
    if (depth === 0) return `${parts.join('')}${text.slice(at + 1)}`;
  }
  return undefined;
}

/** The offset after a quoted text or comment that starts here; otherwise the same offset. */
function endOfRun(text: string, at: number): number {
  const letter = text.charAt(at);
  const before = text.charAt(at - 1);
  if (letter === '#' && /\s/.test(before)) {
    const end = text.indexOf('\n', at);
    return end < 0 ? text.length : end;
  }
  if (!/[\s[{,:]/.test(before)) return at;
  if (letter === '"') return endOfString(text, at) + 1;
  if (letter !== "'") return at;
  const end = text.indexOf("'", at + 1);
  return end < 0 ? text.length : end + 1;
}
