import { type DocumentText, endOfJson, endOfString } from './documents.ts';

/** A document, or one item of a list that was split before it was parsed. */
export interface Piece extends DocumentText {
  /** The kind and version that the list gives to items without them. */
  readonly list?: { readonly apiVersion: string; readonly kind: string };
}

/** A shorter document is parsed as a whole; its tree takes about ten times its length. */
const LARGE = 1_048_576;

/** Splits a large list into its items, so that memory does not grow with it; `undefined` for anything else. */
export function itemsOfLargeList(document: DocumentText, large = LARGE): readonly Piece[] | undefined {
  if (document.text.length < large) return undefined;
  return document.isJson ? jsonItems(document) : yamlItems(document);
}

/** A list as `kubectl get -o json` writes it; only brackets and strings are read. */
function jsonItems({ text, offset }: DocumentText): readonly Piece[] | undefined {
  const begin = jsonItemsStart(text);
  if (begin === undefined) return undefined;
  const pieces: Piece[] = [];
  let end = begin;
  for (let at = text.indexOf('{', begin); at >= 0; at = text.indexOf('{', end)) {
    if (!/^[\s,]*$/.test(text.slice(end, at))) break;
    const after = endOfJson(text, at);
    if (after === undefined) return undefined;
    pieces.push({ text: text.slice(at, after), offset: offset + at, isJson: true });
    end = after;
  }
  return typed(pieces, `${text.slice(0, begin)}${text.slice(end)}`);
}

/** The offset after the bracket that opens the items of the outermost object. */
function jsonItemsStart(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    else if (letter === '"') {
      const end = endOfString(text, at);
      const opened = depth === 1 && text.slice(at, end + 1) === '"items"' ? /^\s*:\s*\[/.exec(text.slice(end + 1, end + 200)) : null;
      if (opened !== null) return end + 1 + opened[0].length;
      at = end;
    }
  }
  return undefined;
}

/** A list in block style: its items begin with a dash in one column, which nothing else in the list uses. */
function yamlItems({ text, offset }: DocumentText): readonly Piece[] | undefined {
  if (usesAliases(text)) return undefined;
  const head = /(?:^|\n)items:[ \t]*(?:#[^\n]*)?\r?\n(?=( *)- )/.exec(text);
  if (head === null) return undefined;
  const begin = head.index + head[0].length;
  const dash = `${head[1] ?? ''}- `;
  const pieces: Piece[] = [];
  let from = begin;
  let line = begin;
  for (; line < text.length; line = nextLine(text, line)) {
    const isItem = text.startsWith(dash, line);
    if (isItem && line > from) pieces.push(item(text, from, line, offset, dash.length));
    if (isItem) from = line;
    else if (!/[\s#-]/.test(text.charAt(line))) break;
  }
  pieces.push(item(text, from, line, offset, dash.length));
  return typed(pieces, `${text.slice(0, head.index + 1)}${text.slice(line)}`);
}

/** Whether an alias may refer to another item; then the list is parsed as a whole. */
function usesAliases(text: string): boolean {
  const names = new Set([...text.matchAll(/(?:^|[\s,[{:])&([^\s,[\]{}]+)/g)].map(([, name]) => name));
  return names.size > 0 && [...text.matchAll(/(?:^|[\s,[{:])\*([^\s,[\]{}]+)/g)].some(([, name]) => names.has(name));
}

/** Replaces the dash with blanks, so that the item is a separate document with the same columns. */
function item(text: string, from: number, to: number, offset: number, indent: number): Piece {
  return { text: `${' '.repeat(indent)}${text.slice(from + indent, to)}`, offset: offset + from, isJson: false };
}

function nextLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end + 1;
}

/** Sets the kind of the items from the rest of their list. */
function typed(pieces: readonly Piece[], rest: string): readonly Piece[] | undefined {
  const apiVersion = /(?:^|[\n{,])\s*"?apiVersion"?\s*:\s*"?([^\s",}]+)/.exec(rest)?.[1];
  const kind = /(?:^|[\n{,])\s*"?kind"?\s*:\s*"?([^\s",}]+)/.exec(rest)?.[1];
  if (apiVersion === undefined || kind === undefined) return undefined;
  const list = { apiVersion, kind: kind.replace(/List$/, '') };
  return pieces.map((piece) => ({ ...piece, list }));
}
