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
  const value = conversion.convert(document.contents);
  const refused = conversion.refused.slice(0, 1);
  const dropped = second?.contents?.range?.[0] ?? document.range[2];
  const remarks =
    second?.contents === null || second === undefined
      ? conversion.remarks
      : [...conversion.remarks, { offset: dropped, message: 'kubectl reads one document up to the next --- and drops what follows here.' }];
  return {
    value: refused.length > 0 ? undefined : value.json,
    refused,
    remarks,
    ...finders(value.json, conversion.places),
  };
}

/** A converted node, with its number of nodes after alias expansion. */
interface Converted {
  readonly json: unknown;
  readonly nodes: number;
  readonly aliased: number;
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
  readonly #anchors = new Map<string, Node>();
  readonly #done = new Map<Node, Converted>();
  readonly #open = new Set<Node>();
  readonly places: PlaceTable = new WeakMap();

  convert(node: unknown): Converted {
    if (isAlias(node)) return this.#alias(node.source, node.range?.[0] ?? 0);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return { json: null, nodes: 1, aliased: 0 };
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#keep(node, { json: jsonOf(node), nodes: 1, aliased: 0 });
    this.#open.add(node);
    const converted = isMap(node) ? this.#map(node) : this.#seq(node);
    this.#open.delete(node);
    return this.#keep(node, converted);
  }

  #keep(node: Node, converted: Converted): Converted {
    if (node.anchor !== undefined) this.#done.set(node, converted);
    return converted;
  }

  #alias(name: string, offset: number): Converted {
    const node = this.#anchors.get(name);
    if (node === undefined) return this.#refuse(offset, `The alias *${name} has no anchor before it in this document.`);
    if (this.#open.has(node)) return this.#refuse(offset, `The anchor &${name} contains itself.`);
    const { json, nodes } = this.#done.get(node) ?? { json: null, nodes: 1 };
    return { json, nodes: nodes + 1, aliased: nodes + 1 };
  }

  #refuse(offset: number, message: string): Converted {
    this.refused.push({ offset, message });
    return { json: null, nodes: 1, aliased: 0 };
  }

  #seq(node: YAMLSeq): Converted {
    const items = node.items.map((item) => this.convert(item));
    const json = items.map((item) => item.json);
    const entries = node.items.flatMap((item, index) => {
      const offset = startOf(item);
      return offset === undefined ? [] : [[index, offset] as const];
    });
    this.#place(json, node, entries);
    return this.#sum(json, items, node);
  }

  #map(node: YAMLMap): Converted {
    const open: OpenMap = { entries: new Map(), offsets: new Map(), written: new Set() };
    const parts = node.items.map((pair) => this.#pair(pair, open));
    const json = Object.fromEntries(open.entries);
    this.#place(json, node, open.offsets);
    return this.#sum(json, parts, node);
  }

  #pair({ key, value }: Pair, open: OpenMap): Converted {
    const offset = startOf(key) ?? startOf(value) ?? 0;
    const part = this.convert(value);
    if (isMergeKey(key)) this.#merge(part.json, offset, open);
    else this.#entry(this.#keyOf(key, offset), part.json, offset, open);
    return part;
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
    const value = isAlias(key) ? this.convert(key).json : isScalar(key) ? jsonOf(key) : undefined;
    if (value === undefined || isObject(value)) {
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

  /** go-yaml refuses documents that consist almost entirely of expanded aliases. Source: go.yaml.in/yaml/v2 decode.go, allowedAliasRatio. */
  #sum(json: unknown, parts: readonly Converted[], node: Node): Converted {
    const nodes = parts.reduce((sum, part) => sum + part.nodes, 1);
    const aliased = parts.reduce((sum, part) => sum + part.aliased, 0);
    if (aliased > 100 && nodes > 1_000 && aliased / nodes > allowedRatio(nodes)) {
      this.#refuse(node.range?.[0] ?? 0, 'Its aliases stand for far more than is written (an alias bomb).');
    }
    return { json, nodes, aliased };
  }
}

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
