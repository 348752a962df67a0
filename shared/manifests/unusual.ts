import { at, isRecord, type Path, pathText } from './path.ts';
import { type FieldProblem, isPlaceholder } from './pod-template.ts';

/** The fields that are judged, by lower-case name without dashes, with their place in a pod template. */
const JUDGED: Readonly<Record<string, { readonly name: string; readonly stands: RegExp; readonly belongs: string }>> = {
  runtimeclassname: { name: 'runtimeClassName', stands: /^spec$/, belongs: 'spec' },
  hostnetwork: { name: 'hostNetwork', stands: /^spec$/, belongs: 'spec' },
  hostpid: { name: 'hostPID', stands: /^spec$/, belongs: 'spec' },
  hostipc: { name: 'hostIPC', stands: /^spec$/, belongs: 'spec' },
  hostpath: { name: 'hostPath', stands: /^spec\.volumes\[\d+\]$/, belongs: 'spec.volumes[]' },
  privileged: {
    name: 'privileged',
    stands: /^spec\.(?:initC|c|ephemeralC)ontainers\[\d+\]\.securityContext$/,
    belongs: 'spec.containers[].securityContext',
  },
};

/** Maps with arbitrary keys. */
const FREE: ReadonlySet<string> = new Set([
  'annotations',
  'labels',
  'matchLabels',
  'nodeSelector',
  'data',
  'stringData',
  'status',
  'managedFields',
]);

/** A DNS subdomain: the format of class names and of nearly all object names. */
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
/** Source: k8s.io/apimachinery pkg/api/resource/quantity.go; a limit is not negative. */
const QUANTITY = /^\+?(?:\d+\.?\d*|\.\d+)(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;

/** Whether a text is a valid object name. */
export function isObjectName(name: string): boolean {
  return name.length <= 253 && SUBDOMAIN.test(name);
}

/**
 * Judged fields in a wrong place or with a wrong spelling: they have no effect, and kubectl refuses the object
 * (strict field validation is its default since 1.25). Only for kinds whose fields are known.
 */
export function misplacedFields(object: unknown, templates: readonly Path[]): readonly FieldProblem[] {
  const found: FieldProblem[] = [];
  const [first] = templates;
  const visit = (value: unknown, path: Path): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, [...path, index]);
    } else if (isRecord(value)) {
      for (const [key, child] of Object.entries(value)) {
        const problem = first === undefined ? undefined : misplaced(key, path, templates, first);
        if (problem !== undefined) found.push({ path: [...path, key], message: problem });
        else if (!FREE.has(key) && (path.length > 0 || key === 'spec' || key === 'template')) visit(child, [...path, key]);
      }
    }
  };
  visit(object, []);
  return found;
}

function misplaced(key: string, parent: Path, templates: readonly Path[], first: Path): string | undefined {
  const name = key.toLowerCase().replaceAll(/[-_]/g, '');
  const field = Object.hasOwn(JUDGED, name) ? JUDGED[name] : undefined;
  if (field === undefined) return undefined;
  const inside = templates.find((template) => template.every((step, index) => parent[index] === step));
  const stands = inside === undefined ? undefined : pathText(parent.slice(inside.length));
  if (stands !== undefined && field.stands.test(stands) && key === field.name) return undefined;
  const where = parent.length === 0 ? 'the top level' : pathText(parent);
  const prefix = first.length === 0 ? '' : `${pathText(inside ?? first)}.`;
  return `kubectl refuses ${key} in ${where}, where there is no such field: ${field.name} belongs in ${prefix}${field.belongs}. It was not taken into account.`;
}

/** Values that no API server accepts, mostly placeholders, so that they cannot be judged. */
export function unusableValues(template: unknown, path: Path): readonly FieldProblem[] {
  const className = at(template, ['spec', 'runtimeClassName']);
  const labels = at(template, ['metadata', 'labels']);
  return [
    ...(typeof className === 'string' && !isObjectName(className)
      ? [
          {
            path: [...path, 'spec', 'runtimeClassName'],
            message: `kubectl refuses the runtimeClassName ${quoted(className)}: it is not a valid name.${hint(className)}`,
          },
        ]
      : []),
    ...Object.entries(isRecord(labels) ? labels : {})
      .filter(([, value]) => typeof value === 'string' && (value.length > 63 || !LABEL_VALUE.test(value)))
      .map(([label, value]) => ({
        path: [...path, 'metadata', 'labels', label],
        message: `kubectl refuses the value ${quoted(String(value))} of the label ${label}.${hint(value)}`,
      })),
    ...limitsOf(template)
      .filter(({ value }) => (typeof value === 'string' && !QUANTITY.test(value)) || (typeof value === 'number' && value < 0))
      .map(({ place, value }) => ({
        path: [...path, ...place],
        message: `kubectl refuses the memory limit ${quoted(String(value))}: it is not a quantity such as 512Mi.${hint(value)}`,
      })),
  ];
}

function limitsOf(template: unknown): readonly { readonly place: Path; readonly value: unknown }[] {
  const lists = ['containers', 'initContainers'].flatMap((list) => {
    const containers = at(template, ['spec', list]);
    return Array.from({ length: Array.isArray(containers) ? containers.length : 0 }, (_, index): Path => ['spec', list, index]);
  });
  const places = [['spec'], ...lists].map((holder): Path => [...holder, 'resources', 'limits', 'memory']);
  return places.map((place) => ({ place, value: at(template, place) }));
}

function hint(value: unknown): string {
  return isPlaceholder(value) ? ' It looks like a placeholder that was not filled in.' : '';
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}

/** Why a template is only partial, as Kustomize patches are; `undefined` when it is complete. */
export function incompleteTemplate(template: unknown, path: Path): FieldProblem | undefined {
  const spec = at(template, ['spec']);
  const containers = at(spec, ['containers']);
  const place = [...path, 'spec'];
  if (!isRecord(spec) || !Array.isArray(containers) || containers.length === 0) {
    return { path: place, message: `kubectl refuses it: ${pathText([...place, 'containers'])} is missing. ${PATCH}` };
  }
  const index = containers.findIndex((one) => isRecord(one) && (one.image === undefined || one.image === null || one.image === ''));
  if (index < 0) return undefined;
  return {
    path: [...place, 'containers', index],
    message: `kubectl refuses it: ${pathText([...place, 'containers', index])} has no image. ${PATCH}`,
  };
}

const PATCH = 'If it is a patch, check what `kubectl kustomize` writes instead.';

/** Whether an object declares itself a strategic merge patch. */
export function isPatch(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isPatch);
  if (!isRecord(value)) return false;
  return (
    Object.keys(value).some((key) => /^\$(?:patch|retainKeys|deleteFromPrimitiveList|setElementOrder)/.test(key)) ||
    Object.values(value).some(isPatch)
  );
}
