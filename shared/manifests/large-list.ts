import { type DocumentText, endOfJson, endOfString } from './documents.ts';

/** A document, or one item of a list that was cut before it was read. */
export interface Piece extends DocumentText {
  /** What the list says of items that name neither kind nor version. */
  readonly list?: { readonly apiVersion: string; readonly kind: string };
}

/** A document shorter than this is read whole: its tree takes some ten times its length. */
const LARGE = 1_048_576;

/** Cuts a large list into its items, so that memory does not grow with it; `undefined` for what is no large list. */
export function itemsOfLargeList(document: DocumentText, large = LARGE): readonly Piece[] | undefined {
  if (document.text.length < large) return undefined;
  return document.isJson ? jsonItems(document) : yamlItems(document);
}

/** A list as `kubectl get -o json` writes it; only brackets and strings are looked at. */
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

/** The offset behind the bracket that opens the items of the outermost object. */
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

/** A list in block style: its items begin with a dash in one column, and nothing else of it stands there. */
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

/** Whether an alias may lead from one item to another: then the list is read whole. */
function usesAliases(text: string): boolean {
  const names = new Set([...text.matchAll(/(?:^|[\s,[{:])&([^\s,[\]{}]+)/g)].map(([, name]) => name));
  return names.size > 0 && [...text.matchAll(/(?:^|[\s,[{:])\*([^\s,[\]{}]+)/g)].some(([, name]) => names.has(name));
}

/** The dash becomes blanks, so that the item is a document of its own with the same columns. */
function item(text: string, from: number, to: number, offset: number, indent: number): Piece {
  return { text: `${' '.repeat(indent)}${text.slice(from + indent, to)}`, offset: offset + from, isJson: false };
}

function nextLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end + 1;
}

/** Gives the items the kind of their list, by what is left of it without them. */
function typed(pieces: readonly Piece[], rest: string): readonly Piece[] | undefined {
  const apiVersion = /(?:^|[\n{,])\s*"?apiVersion"?\s*:\s*"?([^\s",}]+)/.exec(rest)?.[1];
  const kind = /(?:^|[\n{,])\s*"?kind"?\s*:\s*"?([^\s",}]+)/.exec(rest)?.[1];
  if (apiVersion === undefined || kind === undefined) return undefined;
  const list = { apiVersion, kind: kind.replace(/List$/, '') };
  return pieces.map((piece) => ({ ...piece, list }));
}
