import { Composer, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { finders, type PlaceTable, type ReadDocument, repeated, tooDeep, unread } from './document.ts';
import type { Remark } from './documents.ts';
import { lex } from './lexed.ts';
import { isObject } from './path.ts';
import { type JsonScalar, keyText, scalarValue } from './scalars.ts';

/** Line breaks of YAML 1.1 in addition to `\n`. YAML 1.2 reads the text after one of these as part of a comment. */
const OTHER_BREAKS = /\r(?!\n)|[\u0085\u2028\u2029]/g;
/** Characters that YAML does not allow. Source: go.yaml.in/yaml/v2 readerc.go. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern searches for them.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/** A line that begins with `%` before any content. */
const DIRECTIVE = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*%/;

/** Reads one document of a stream. */
export function readYaml(text: string): ReadDocument {
  const forbidden = text.search(FORBIDDEN);
  if (forbidden >= 0) return unread(forbidden, `A control character (${codePoint(text, forbidden)}) is not allowed in YAML.`);
  const directive = DIRECTIVE.exec(text)?.[0].length;
  if (directive !== undefined) return unread(directive - 1, 'kubectl refuses a directive (a line that begins with %): leave it out.');
  const lexed = lex(text.replace(OTHER_BREAKS, '\n'));
  if ('deepAt' in lexed) return tooDeep(lexed.deepAt);
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, keepSourceTokens: false });
  const [document, second] = [...composer.compose(lexed.tokens, true, text.length)];
  if (document === undefined) return unread(0, 'It contains no document.');
  const errors = document.errors.map(({ pos, message }) => ({
    offset: Math.min(pos[0], text.length),
    message: `${message.replace(/(['"])quote$/, '$1 quote')}.`,
  }));
  if (errors.length > 0) return { ...unread(0, ''), refused: errors.slice(0, 1) };
  const read = valued(document, second);
  return { ...read, doubtful: lexed.tabs };
}

function codePoint(text: string, at: number): string {
  return `U+${(text.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function valued(document: Document.Parsed, second: Document.Parsed | undefined): ReadDocument {
  const conversion = new Conversion();
  const json = conversion.convert(document.contents);
  const refused = conversion.refused.slice(0, 1);
  const dropped = second?.contents?.range?.[0] ?? document.range[2];
  const remarks =
    second?.contents === null || second === undefined
      ? conversion.remarks
      : [...conversion.remarks, { offset: dropped, message: 'kubectl reads one document up to the next --- and drops what follows here.' }];
  return {
    value: refused.length > 0 ? undefined : json,
    refused,
    remarks,
    ...finders(json, conversion.places),
  };
}

/** The value of a node with an anchor, and its number of nodes with all aliases expanded; `undefined` until the node has ended. */
interface Anchored {
  value?: { readonly json: unknown; readonly nodes: number };
}

/** A map while its keys are read. */
interface OpenMap {
  readonly entries: Map<string, unknown>;
  readonly offsets: Map<string, number>;
  /** Keys that were written here and not merged. */
  readonly written: Set<string>;
}

/** Converts nodes to plain JSON and records the position of each key. */
class Conversion {
  readonly refused: Remark[] = [];
  readonly remarks: Remark[] = [];
  readonly places: PlaceTable = new WeakMap();
  readonly #anchors = new Map<string, Anchored>();
  /** Number of nodes so far, those of expanded aliases included. */
  #nodes = 1;
  #aliased = 0;

  convert(node: unknown): unknown {
    if (isAlias(node)) return this.#alias(node.source, node.range?.[0] ?? 0);
    const before = this.#nodes;
    this.#nodes += 1;
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    const anchored: Anchored = {};
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, anchored);
    const json = isScalar(node) ? jsonOf(node) : isMap(node) ? this.#map(node) : this.#seq(node);
    anchored.value = { json, nodes: this.#nodes - before };
    return json;
  }

  #alias(name: string, offset: number): unknown {
    const anchored = this.#anchors.get(name);
    if (anchored === undefined) return this.#refuse(offset, `The alias *${name} has no anchor before it in this document.`);
    if (anchored.value === undefined) return this.#refuse(offset, `The anchor &${name} contains itself.`);
    const { json, nodes } = anchored.value;
    this.#nodes += nodes + 1;
    this.#aliased += nodes;
    return this.#isBomb() ? this.#refuse(offset, 'Its aliases expand to far more than the text contains (an alias bomb).') : json;
  }

  /** go-yaml refuses documents that consist almost entirely of expanded aliases. Source: go.yaml.in/yaml/v2 decode.go, unmarshal. */
  #isBomb(): boolean {
    return this.#aliased / this.#nodes > allowedRatio(this.#nodes);
  }

  #refuse(offset: number, message: string): null {
    this.refused.push({ offset, message });
    return null;
  }

  #seq(node: YAMLSeq): unknown {
    const json = node.items.map((item) => this.convert(item));
    const entries = node.items.flatMap((item, index) => {
      const offset = startOf(item);
      return offset === undefined ? [] : [[index, offset] as const];
    });
    this.#place(json, node, entries);
    return json;
  }

  #map(node: YAMLMap): unknown {
    const open: OpenMap = { entries: new Map(), offsets: new Map(), written: new Set() };
    for (const pair of node.items) this.#pair(pair, open);
    const json = Object.fromEntries(open.entries);
    this.#place(json, node, open.offsets);
    return json;
  }

  #pair({ key, value }: Pair, open: OpenMap): void {
    const offset = startOf(key) ?? startOf(value) ?? 0;
    if (isMergeKey(key)) {
      this.#merge(this.convert(value), offset, open);
      return;
    }
    const name = this.#keyOf(key, offset);
    this.#entry(name, this.convert(value), offset, open);
  }

  #entry(name: string | undefined, json: unknown, offset: number, { entries, offsets, written }: OpenMap): void {
    if (name === undefined) return;
    if (written.has(name)) {
      this.remarks.push(repeated(name, offset));
    }
    written.add(name);
    entries.set(name, json);
    offsets.set(name, offset);
  }

  #keyOf(key: unknown, offset: number): string | undefined {
    const value = this.convert(key);
    if (isObject(value)) {
      this.#refuse(offset, 'A key is a map or a list, which no manifest has.');
      return undefined;
    }
    return keyText(typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value));
  }

  /** Unlike in the YAML specification, a merge overrides earlier keys, because go-yaml v2 applies keys in text order. */
  #merge(value: unknown, offset: number, { entries, offsets, written }: OpenMap): void {
    // In a list of maps the first one wins.
    for (const map of Array.isArray(value) ? value.toReversed() : [value]) {
      if (!isObject(map) || Array.isArray(map)) {
        this.#refuse(offset, 'A merge key (<<) takes a map or a list of maps.');
        return;
      }
      for (const [name, merged] of Object.entries(map)) {
        if (written.delete(name)) {
          const message = `The merge key (<<) overrides ${JSON.stringify(name)}, which stands before it: kubectl takes the merged value.`;
          this.remarks.push({ offset, message });
        }
        entries.set(name, merged);
        offsets.set(name, this.places.get(map)?.entries.get(name) ?? offset);
      }
    }
  }

  #place(json: object, node: Node, entries: Iterable<readonly [string | number, number]>): void {
    const [start = 0, end = start] = node.range ?? [];
    this.places.set(json, { range: { start, end }, entries: new Map(entries) });
  }
}

/** Source: go.yaml.in/yaml/v2 decode.go, allowedAliasRatio. */
function allowedRatio(nodes: number): number {
  if (nodes <= 400_000) return 0.99;
  if (nodes >= 4_000_000) return 0.1;
  return 0.99 - (0.89 * (nodes - 400_000)) / 3_600_000;
}

function jsonOf(node: Scalar): JsonScalar {
  if (node.value instanceof Uint8Array) return Buffer.from(node.value).toString('utf8');
  const text = typeof node.value === 'string' ? node.value : String(node.source ?? '');
  return scalarValue(text, node.type === Scalar.PLAIN || node.type === undefined, node.tag);
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && (key.tag === 'tag:yaml.org,2002:merge' || (key.value === '<<' && key.type === Scalar.PLAIN));
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}
