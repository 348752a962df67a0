import { type Node, parseTree } from 'jsonc-parser';
import { finders, MAX_DEPTH, type PlaceTable, type ReadDocument, repeated, tooDeep, unread } from './document.ts';
import { endOfString, type Remark } from './documents.ts';

/** Reads one JSON value whose brackets are known to match; about ten times as fast as a YAML parser. */
export function readJson(text: string): ReadDocument {
  const deep = firstTooDeep(text);
  if (deep !== undefined) return tooDeep(deep);
  const root = parseTree(text, [], { disallowComments: true });
  if (root === undefined) return unread(0, 'It contains no value.');
  const remarks: Remark[] = [];
  const places: PlaceTable = new WeakMap();
  const value = convert(root, places, remarks);
  return { value, refused: [], remarks, ...finders(value, places) };
}

function convert(node: Node, places: PlaceTable, remarks: Remark[]): unknown {
  const { type, children = [], offset, length } = node;
  const range = { start: offset, end: offset + length };
  if (type === 'array') {
    const items = children.map((child) => convert(child, places, remarks));
    places.set(items, { range, entries: new Map(children.map((child, index) => [index, child.offset])) });
    return items;
  }
  if (type !== 'object') return node.value;
  const values = new Map<string, unknown>();
  const entries = new Map<string, number>();
  for (const { children: [key, child] = [] } of children) {
    if (key === undefined || child === undefined) continue;
    const name = String(key.value);
    if (values.has(name)) remarks.push(repeated(name, key.offset));
    values.set(name, convert(child, places, remarks));
    entries.set(name, key.offset);
  }
  const json = Object.fromEntries(values);
  places.set(json, { range, entries });
  return json;
}

function firstTooDeep(text: string): number | undefined {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') at = endOfString(text, at);
    else if (letter === '}' || letter === ']') depth -= 1;
    else if (letter === '{' || letter === '[') {
      depth += 1;
      if (depth > MAX_DEPTH) return at;
    }
  }
  return undefined;
}
