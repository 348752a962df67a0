import { given } from '../domain/snapshot/given.ts';
import type { Namespace } from '../domain/snapshot/snapshot.ts';
import { toNamespace, toRuntimeClass } from '../kubernetes/objects.ts';
import { namespaceJson, runtimeClassJson } from '../kubernetes/wire/json.ts';
import {
  type ManifestClass,
  type ManifestEvidence,
  type ManifestRemark,
  type ManifestWorkload,
  type Place,
  type RemarkWeight,
  workloadKey,
} from '../ports/manifests.ts';
import type { ReadDocument } from './document.ts';
import { cutDocuments } from './documents.ts';
import { hiddenTemplate, isOwnKind, kindProblem, templatePaths, versionProblem } from './kinds.ts';
import { itemsOfLargeList, type Piece } from './large-list.ts';
import { Located, type ManifestFile, Source } from './located.ts';
import { groupOf, type ManifestObject, objectsOf } from './objects.ts';
import { at, isRecord, type Path, pathText } from './path.ts';
import { groupOfTemplate, isPlaceholder, readTemplate } from './pod-template.ts';
import { placeInClass, placeInTemplate } from './rule-places.ts';
import { unknownFields } from './unknown-fields.ts';
import { incompleteTemplate, isObjectName, isPatch, misplacedFields, unusableValues } from './unusual.ts';

/** ytt templates are comments to other YAML parsers, so the values that they set are empty. Source: carvel.dev/ytt/docs/latest/lang. */
const YTT = /(?<=^|\s)#@/m;
const YTT_MESSAGE =
  'It looks like a ytt template that was not rendered: kubectl reads the values that it sets as empty. Check what `ytt` writes instead.';

/** A manifest in plain text, such as one after a JavaScript comment. */
const LOOKS_LIKE_JSON = /"(?:apiVersion|kind)"\s*:/;
const TEXT_MESSAGE = 'kubectl refuses it: it reads the whole document as one text. JSON has no comments.';

/** The namespace of objects that set none. */
const DEFAULT_NAMESPACE = 'default';

/** The namespace that an object is created in. */
interface LandingPlace {
  readonly name: string;
  /** Whether the manifest sets it. */
  readonly isNamed: boolean;
}

/** Reads files one after another and collects their content. Of a parsed document, only counts and positions are kept. */
export class ManifestReader {
  readonly #namespace: string;
  readonly #workloads: ManifestWorkload[] = [];
  readonly #classes: ManifestClass[] = [];
  readonly #namespaces = new Map<string, Namespace>();
  readonly #remarks: ManifestRemark[] = [];
  #files = 0;
  #objects = 0;

  /** `namespace` applies to objects that set none. */
  constructor(namespace: string | undefined) {
    this.#namespace = namespace ?? DEFAULT_NAMESPACE;
  }

  /** The content read so far. */
  evidence(): ManifestEvidence {
    return {
      files: this.#files,
      objects: this.#objects,
      workloads: this.#workloads,
      runtimeClasses: this.#classes,
      namespaces: [...this.#namespaces.values()],
      remarks: this.#remarks,
    };
  }

  /** Reports a path that could not be read. */
  unreadable(file: string, message: string): void {
    this.#tell('not-judged', { file, line: 1, column: 1 }, message);
  }

  /** Reads every document of a file. */
  add(file: ManifestFile): void {
    this.#files += 1;
    if (file.patch) return;
    const source = new Source(file);
    const { documents, refused } = cutDocuments(file.text);
    for (const { offset, message } of refused) this.#tell('not-judged', source.place(offset), message);
    for (const document of documents) {
      for (const piece of itemsOfLargeList(document) ?? [document]) this.#piece(source, piece);
    }
  }

  #piece(source: Source, piece: Piece): void {
    const document = source.document(piece);
    if (document.refused.length > 0) {
      this.#refused(source, piece, document);
      return;
    }
    const held = objectsOf(document.value, [], piece.list);
    if (held.length === 0) {
      if (typeof document.value === 'string' && LOOKS_LIKE_JSON.test(document.value))
        this.#tell('not-judged', source.place(piece.offset), TEXT_MESSAGE);
      return;
    }
    for (const { offset, message } of document.doubtful ?? []) this.#tell('not-judged', source.place(piece.offset + offset), message);
    const ytt = piece.isJson ? -1 : piece.text.search(YTT);
    if (ytt >= 0) this.#tell('not-judged', source.place(piece.offset + ytt), YTT_MESSAGE);
    for (const { offset, message } of document.remarks) this.#tell('told', source.place(piece.offset + offset), message);
    for (const one of held) {
      if (one.state === 'object') this.#object(one.object, new Located(source, piece, one.object.path));
      else new Located(source, piece, []).tell(this.#remarks, one.state === 'refused' ? 'not-judged' : 'told', one.path, one.message);
    }
  }

  /** An unreadable file that does not look like a manifest is ignored, unless the user named it. */
  #refused(source: Source, { text, offset }: Piece, { refused }: ReadDocument): void {
    const looksLikeManifest =
      /^[\s-]*["']?(?:apiVersion|kind)["']?\s*:/m.test(text.slice(0, 1_000_000)) || /"(?:apiVersion|kind)"\s*:/.test(text.slice(0, 10_000));
    const isTemplate = /\{\{|\{%|<%/.test(text);
    for (const one of refused) {
      const advice = isTemplate
        ? ' It looks like a template that was not rendered: check what `helm template` or its like writes instead.'
        : '';
      const weight = source.file.named || looksLikeManifest ? 'not-judged' : 'told';
      this.#tell(weight, source.place(offset + one.offset), `Cannot be read as YAML: ${one.message}${advice}`);
    }
  }

  #object(object: ManifestObject, located: Located): void {
    this.#objects += 1;
    const group = groupOf(object);
    if (group === '' && object.kind === 'Namespace') this.#namespaceObject(object, located);
    else if (group === 'node.k8s.io' && object.kind === 'RuntimeClass') this.#runtimeClass(object, located);
    else this.#workload(object, located);
  }

  #namespaceObject(object: ManifestObject, located: Located): void {
    const { metadata } = object.value;
    const name = at(metadata, ['name']);
    const labels = at(metadata, ['labels']) ?? {};
    const parsed = namespaceJson.safeParse({ metadata: { name, labels: isRecord(labels) ? withoutNulls(labels) : labels } });
    if (!parsed.success || typeof name !== 'string') {
      located.tell(this.#remarks, 'not-judged', ['metadata'], 'kubectl refuses this Namespace: its name and labels must be text.');
      return;
    }
    const { labels: own } = toNamespace(parsed.data);
    // The API server gives every namespace this label. Source: kubernetes.io/docs/reference/labels-annotations-taints.
    this.#namespaces.set(name, { name, labels: { 'kubernetes.io/metadata.name': name, ...own } });
  }

  #runtimeClass(object: ManifestObject, located: Located): void {
    const { metadata, handler = at(object.value, ['spec', 'runtimeHandler']), overhead, scheduling } = object.value;
    const parsed = runtimeClassJson.safeParse({ metadata: { name: at(metadata, ['name']) }, handler, overhead, scheduling });
    const gone = versionProblem(object);
    if (gone !== undefined) located.tell(this.#remarks, 'told', [], gone);
    if (!parsed.success || !parsed.data.handler || !parsed.data.metadata?.name) {
      const [issue] = parsed.error?.issues ?? [];
      const wrong = issue === undefined ? 'its name and handler are required' : `${pathText(issue.path.map(String))} is of another type`;
      located.tell(this.#remarks, 'not-judged', [], `kubectl refuses this RuntimeClass: ${wrong}.`);
      return;
    }
    const runtimeClass = toRuntimeClass(parsed.data);
    this.#classes.push({ runtimeClass, placeOf: (ruleId) => located.place(placeInClass(ruleId)) });
  }

  #workload(object: ManifestObject, located: Located): void {
    const templates = templatePaths(object);
    const problem = kindProblem(object);
    if (problem !== undefined) located.tell(this.#remarks, 'not-judged', ['kind'], problem);
    else if (templates === undefined) this.#unknownKind(object, located);
    else if (!isPatch(object.value)) this.#templates(object, located, templates);
  }

  #unknownKind(object: ManifestObject, located: Located): void {
    const path = hiddenTemplate(object);
    if (path === undefined || isPatch(object.value)) return;
    const { apiVersion, kind } = object;
    const message = `${kind} (${apiVersion}) has a pod template in ${pathText(path)}, and Kataudit does not know how this kind uses it, so it was not judged.`;
    located.tell(this.#remarks, 'not-judged', path, message);
  }

  #templates(object: ManifestObject, located: Located, templates: readonly Path[]): void {
    const gone = versionProblem(object);
    if (gone !== undefined) located.tell(this.#remarks, 'told', ['apiVersion'], gone);
    if (isOwnKind(object)) {
      if (templates.length === 0)
        located.tell(this.#remarks, 'not-judged', [], `kubectl refuses this ${object.kind}: it has no pod template.`);
      const misplaced = misplacedFields(object.value, templates);
      for (const { path, message } of misplaced) located.tell(this.#remarks, 'not-judged', path, message);
      const isTold = (path: Path) => misplaced.some((one) => path.every((step, index) => one.path[index] === step));
      const unknown = unknownFields(object, templates).filter(({ path }) => !isTold(path));
      for (const { path, message } of unknown) located.tell(this.#remarks, 'told', path, message);
    }
    if (!isMetadata(object.value.metadata)) {
      const message = `kubectl refuses this ${object.kind}: its metadata is not a map.`;
      located.tell(this.#remarks, 'not-judged', ['metadata'], message);
      return;
    }
    const named = nameProblem(object);
    if (named !== undefined) located.tell(this.#remarks, 'told', ['metadata', 'name'], named);
    const namespace = this.#namespaceOf(object, located);
    if (namespace === undefined) return;
    for (const path of templates) this.#template(object, located, path, namespace);
  }

  /** The namespace of an object; `undefined` when it cannot be known. */
  #namespaceOf(object: ManifestObject, located: Located): LandingPlace | undefined {
    const written = at(object.value, ['metadata', 'namespace']);
    if (written === undefined || written === null || written === '') return { name: this.#namespace, isNamed: false };
    if (typeof written === 'string' && !isPlaceholder(written)) return { name: written, isNamed: true };
    const message = `kubectl refuses the namespace ${JSON.stringify(written)}, so it is unknown what the policy requires of it, and it was not judged.`;
    located.tell(this.#remarks, 'not-judged', ['metadata', 'namespace'], message);
    return undefined;
  }

  #template(object: ManifestObject, located: Located, path: Path, namespace: LandingPlace): void {
    const template = at(object.value, path);
    const incomplete = incompleteTemplate(template, path);
    if (incomplete !== undefined) {
      located.tell(this.#remarks, 'not-judged', incomplete.path, incomplete.message);
      return;
    }
    const unusable = unusableValues(template, path);
    const read = readTemplate(template, path);
    for (const one of [...unusable, ...read.refused]) located.tell(this.#remarks, 'not-judged', one.path, one.message);
    // An invalid class name means an unknown class: to judge the template as if it had none would be a guess.
    const isClassKnown = ![...unusable, ...read.refused].some((one) => one.path.at(-1) === 'runtimeClassName');
    if (!isClassKnown) return;
    const name = nameOf(object);
    const owner = ownerKey(object, namespace.name);
    this.#workloads.push({
      group: groupOfTemplate(read, namespace.name, object.kind, name),
      namesNamespace: namespace.isNamed,
      ...given({ owner }),
      placeOf: (ruleId) => located.place([...path, ...placeInTemplate(ruleId, located.valueAt(path))]),
    });
  }

  #tell(weight: RemarkWeight, place: Place, message: string): void {
    this.#remarks.push({ weight, place, message });
  }
}

function withoutNulls(labels: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(labels).map(([label, value]) => [label, value ?? '']));
}

function nameOf({ value }: ManifestObject): string {
  const name = at(value, ['metadata', 'name']);
  const generated = at(value, ['metadata', 'generateName']);
  if (name !== undefined && name !== null && name !== '') return String(name);
  return typeof generated === 'string' ? `${generated}*` : '';
}

function isMetadata(metadata: unknown): boolean {
  return metadata === undefined || metadata === null || isRecord(metadata);
}

/** The name does not change the verdict, so that the object is judged all the same. */
function nameProblem({ kind, value }: ManifestObject): string | undefined {
  const name = at(value, ['metadata', 'name']);
  const isGiven = name !== undefined && name !== null && name !== '';
  if (!isGiven) return at(value, ['metadata', 'generateName']) ? undefined : `kubectl refuses this ${kind}: it has no name.`;
  if (typeof name !== 'string') return `kubectl refuses the name ${JSON.stringify(name)}: it must be text.`;
  if (isObjectName(name)) return undefined;
  return `kubectl refuses the name ${JSON.stringify(name.slice(0, 80))}.${isPlaceholder(name) ? ' It looks like a placeholder that was not filled in.' : ''}`;
}

function ownerKey({ value }: ManifestObject, namespace: string): string | undefined {
  const owners = at(value, ['metadata', 'ownerReferences']);
  const owner: unknown = Array.isArray(owners) ? owners.find((one) => at(one, ['controller']) === true) : undefined;
  const [kind, name] = [at(owner, ['kind']), at(owner, ['name'])];
  return typeof kind === 'string' && typeof name === 'string' ? workloadKey(namespace, kind, name) : undefined;
}
