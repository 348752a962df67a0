import { type Composer, Lexer, Parser } from 'yaml';
import { MAX_DEPTH } from './document.ts';
import type { Remark } from './documents.ts';
import { withJoinedFlow } from './flow.ts';

type Tokens = Parameters<Composer['compose']>[0] extends Iterable<infer T> ? T[] : never;

/** The tokens of a text and what kubectl refuses in its white space, or where it is nested too deep for the recursive composer. */
export type Lexed = { readonly tokens: Tokens; readonly tabs: readonly Remark[] } | { readonly deepAt: number };

/** Control tokens of the lexer. Source: eemeli/yaml src/parse/cst.ts. */
const [DOCUMENT, FLOW_ERROR, SCALAR] = ['\u0002', '\u0018', '\u001f'];
/** Collections that are joined in one document; a text with more is refused as it stands. */
const MAX_JOINED = 100;
const TAB =
  'kubectl refuses a tab where a line, an item or a key begins, even on a line without content or with only a comment: use spaces. It was read nevertheless.';

/** Splits a text into tokens as YAML 1.1 does, where the parser alone would be stricter or more lenient. */
export function lex(text: string, joined = 0): Lexed {
  const parser = new Parser();
  const lexed: { tokens: Tokens; tabs: Remark[] } = { tokens: [], tabs: [] };
  let offset = 0;
  let depth = 0;
  let opened = 0;
  let before = '\n';
  for (const source of new Lexer().lex(text)) {
    if (source === FLOW_ERROR && depth > 0 && joined < MAX_JOINED) {
      const whole = withJoinedFlow(text, opened);
      if (whole !== undefined) return lex(whole, joined + 1);
    }
    if (depth === 0 && isLeadingTab(source, before)) lexed.tabs.push({ offset, message: TAB });
    if (source === '[' || source === '{') {
      if (depth === 0) opened = offset;
      depth += 1;
    } else if (source === ']' || source === '}') depth -= 1;
    for (const token of parser.next(source)) lexed.tokens.push(token);
    if (parser.stack.length > MAX_DEPTH) return { deepAt: parser.offset };
    if (source === DOCUMENT || source === FLOW_ERROR || source === SCALAR) continue;
    offset += source.length;
    if (source.trim() !== '' || source.includes('\n')) before = source;
  }
  lexed.tokens.push(...parser.end());
  return { ...lexed, tabs: lexed.tabs.slice(0, 1) };
}

/** go-yaml skips tabs only where no key may begin. Source: go.yaml.in/yaml/v2 scannerc.go, yaml_parser_scan_to_next_token. */
function isLeadingTab(source: string, before: string): boolean {
  return /^ *\t[ \t]*$/.test(source) && (/\n$/.test(before) || before === '-' || before === '?');
}
