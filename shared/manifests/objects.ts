import { isRecord, type Path } from './path.ts';

/** An object of a document. */
export interface ManifestObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly value: Readonly<Record<string, unknown>>;
  /** Its path in its document. */
  readonly path: Path;
}

/** The objects of a document, and problems by kind. */
export type Held =
  | { readonly state: 'object'; readonly object: ManifestObject }
  /** Looks like a manifest, but kubectl refuses it. */
  | { readonly state: 'refused'; readonly path: Path; readonly message: string }
  /** kubectl refuses it, but its content is clear. */
  | { readonly state: 'told'; readonly path: Path; readonly message: string };

/** The kind and version that a list gives to items without them. Source: k8s.io/apimachinery unstructured/helpers.go, decodeToList. */
interface ListType {
  readonly apiVersion: string;
  readonly kind: string;
}

/** The objects of a document. A list of any kind counts as its items; a document that is not a manifest has none. */
export function objectsOf(value: unknown, path: Path = [], list?: ListType): readonly Held[] {
  if (Array.isArray(value) && path.length === 0 && value.some(isManifest)) return [{ state: 'refused', path, message: BARE_LIST }];
  if (!isRecord(value)) return [];
  const { apiVersion, kind, items } = value;
  if (Array.isArray(items) && typeof kind === 'string' && typeof apiVersion === 'string') {
    const type = { apiVersion, kind: kind.replace(/List$/, '') };
    const held = items.flatMap((item, index) => itemsOf(item, [...path, 'items', index], type));
    return [...listProblems(kind, path, list), ...held];
  }
  if (kind === 'List' && apiVersion === 'v1')
    return [{ state: 'refused', path, message: 'kubectl refuses this List: its items are not a list.' }];
  if (Array.isArray(items) && items.some(isManifest)) return [{ state: 'refused', path, message: missing(apiVersion, kind) }];
  if (list !== undefined && apiVersion === undefined && kind === undefined) {
    return list.kind === '' ? [] : [{ state: 'object', object: { ...list, value, path } }];
  }
  if (typeof apiVersion === 'string' && typeof kind === 'string') return [{ state: 'object', object: { apiVersion, kind, value, path } }];
  const looksLikeManifest = isRecord(value.metadata) && (apiVersion !== undefined || kind !== undefined);
  return looksLikeManifest ? [{ state: 'refused', path, message: missing(apiVersion, kind) }] : [];
}

function itemsOf(item: unknown, path: Path, type: ListType): readonly Held[] {
  return isRecord(item)
    ? objectsOf(item, path, type)
    : [{ state: 'refused', path, message: 'kubectl refuses this List: the item is not an object.' }];
}

/** What kubectl refuses about a list whose items are still clear. */
function listProblems(kind: string, path: Path, outer: ListType | undefined): readonly Held[] {
  if (outer !== undefined)
    return [{ state: 'told', path, message: 'kubectl refuses a list within a List. Its items were judged nevertheless.' }];
  if (kind === 'List' || kind.toLowerCase() !== 'list') return [];
  return [
    {
      state: 'told',
      path,
      message: `kubectl finds no kind ${JSON.stringify(kind)}: it is written List. Its items were judged nevertheless.`,
    },
  ];
}

const BARE_LIST = 'kubectl refuses a list of objects by itself: they belong in the items of a List, or in documents of their own.';

function isManifest(value: unknown): boolean {
  return isRecord(value) && typeof value.apiVersion === 'string' && typeof value.kind === 'string';
}

function missing(apiVersion: unknown, kind: unknown): string {
  const [name, found] = typeof kind === 'string' ? ['apiVersion', apiVersion] : ['kind', kind];
  return found === undefined ? `kubectl refuses it: ${name} is missing.` : `kubectl refuses it: ${name} must be text.`;
}

/** The group of an object's API version; empty for the core group. */
export function groupOf({ apiVersion }: Pick<ManifestObject, 'apiVersion'>): string {
  const at = apiVersion.indexOf('/');
  return at < 0 ? '' : apiVersion.slice(0, at);
}
