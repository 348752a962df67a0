import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import { closeGroup, countPod, openGroup } from '../kubernetes/pods/pod-group.ts';
import { stableLabels } from '../kubernetes/pods/pod-owner.ts';
import { podJson } from '../kubernetes/wire/json.ts';
import type { WirePod } from '../kubernetes/wire/messages.ts';
import { at, isRecord, type Path, pathText } from './path.ts';

/** A message about a value of a template. */
export interface FieldProblem {
  readonly path: Path;
  readonly message: string;
}

/** A pod template, read as the pods that it creates. */
export interface ReadTemplate {
  readonly pod: WirePod;
  /** Fields that kubectl refuses; they are omitted from the pod. */
  readonly refused: readonly FieldProblem[];
}

/** Maps whose null values the API server reads as empty text or as a zero quantity. */
const TEXT_MAPS = ['labels', 'nodeSelector'];

/** Reads a template with the schema for pods of a cluster; a field of a wrong type affects only itself. */
export function readTemplate(template: unknown, path: Path): ReadTemplate {
  const refused: FieldProblem[] = [];
  const [metadata, spec] = [at(template, ['metadata']), at(template, ['spec'])];
  const labels = isRecord(metadata) ? metadata.labels : undefined;
  const kept = structuredClone({ metadata: { labels }, spec });
  dropWrongLabels(kept, path, refused);
  fillEmpty(kept);
  for (;;) {
    const parsed = podJson.safeParse(kept);
    if (parsed.success) return { pod: parsed.data, refused };
    for (const { path: place, ...issue } of parsed.error.issues) {
      const steps = place.map((step) => (typeof step === 'number' ? step : String(step)));
      refused.push({ path: [...path, ...steps], message: typeProblem([...path, ...steps], at(kept, steps), expectedOf(issue)) });
      drop(kept, steps);
    }
  }
}

/** The workload group of a template: one pod that is not scheduled yet. */
export function groupOfTemplate({ pod }: ReadTemplate, namespace: string, kind: string, name: string): PodGroup {
  const labels = stableLabels(pod.metadata?.labels ?? {});
  const runtimeClassName = pod.spec?.runtimeClassName || undefined;
  const group = openGroup({ namespace, owner: { kind, name }, labels, runtimeClassName, finished: false });
  countPod(group, { ...pod, status: { phase: 'Running' } }, name, undefined, 'not allowed');
  const { marked: _, ...made } = closeGroup(group);
  return { ...made, examples: [] };
}

/** A label whose value is not text makes kubectl refuse the object; the other labels of the template are still read. */
function dropWrongLabels(kept: { metadata: { labels: unknown } }, path: Path, refused: FieldProblem[]): void {
  const { labels } = kept.metadata;
  if (!isRecord(labels)) return;
  const wrong = Object.entries(labels).filter(([, value]) => value !== null && typeof value !== 'string');
  for (const [label, value] of wrong) {
    const place = [...path, 'metadata', 'labels', label];
    refused.push({ path: place, message: typeProblem(place, value, 'text in quotes') });
  }
  kept.metadata.labels = Object.fromEntries(Object.entries(labels).filter(([label]) => !wrong.some(([one]) => one === label)));
}

/** Go reads `null` in a map of strings as an empty string, and in a map of quantities as zero. */
function fillEmpty(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    if (TEXT_MAPS.includes(key)) fill(child, '');
    else if (key === 'limits' || key === 'overhead') fill(child, '0');
    else fillEmpty(child);
  }
}

function fill(map: unknown, empty: string): void {
  if (typeof map !== 'object' || map === null) return;
  for (const [key, value] of Object.entries(map)) if (value === null) Reflect.set(map, key, empty);
}

function expectedOf(issue: object): string {
  const expected = 'expected' in issue ? String(issue.expected) : '';
  return EXPECTED[expected] ?? 'a map of texts';
}

const EXPECTED: Readonly<Record<string, string>> = {
  boolean: 'true or false',
  string: 'text',
  array: 'a list',
  object: 'a map',
};

/** Reports a value of the wrong type. */
function typeProblem(path: Path, value: unknown, expected: string): string {
  const shown = JSON.stringify(value) ?? 'nothing';
  const hint = isPlaceholder(value) ? ' It looks like a placeholder that was not filled in.' : '';
  return `kubectl refuses ${pathText(path)}: it takes ${expected}, not ${shown.length > 60 ? `${shown.slice(0, 59)}…` : shown}.${hint}`;
}

/** Whether a value is a placeholder that a template engine should have replaced. */
export function isPlaceholder(value: unknown): boolean {
  return typeof value === 'string' && /\$\{|\$\(|\{\{|\{%|^<.*>$|^__.*__$|^@.*@$|^%.*%$|^\$[A-Za-z_]/.test(value);
}

function drop(root: unknown, path: Path): void {
  const parent = at(root, path.slice(0, -1));
  const last = path.at(-1);
  if (typeof parent !== 'object' || parent === null || last === undefined)
    throw new Error(`The pod schema refuses ${pathText(path)} itself.`);
  if (Array.isArray(parent)) Reflect.set(parent, last, {});
  else Reflect.deleteProperty(parent, last);
}
