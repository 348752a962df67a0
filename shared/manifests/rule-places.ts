import { isZeroQuantity } from '../domain/text/quantity.ts';
import { at, isRecord, type Path } from './path.ts';

/** The value that a rule's finding is about, inside a pod template; the first place to fix it. */
export function placeInTemplate(ruleId: string, template: unknown): Path {
  const spec = at(template, ['spec']);
  switch (ruleId) {
    case 'sandboxed-pod-host-path':
      return ['spec', 'volumes', ...indexOf(at(spec, ['volumes']), (volume) => isRecord(at(volume, ['hostPath'])), ['hostPath'])];
    case 'sandboxed-pod-host-namespaces':
      return ['spec', ['hostNetwork', 'hostPID', 'hostIPC'].find((name) => at(spec, [name]) === true) ?? 'hostNetwork'];
    case 'sandboxed-pod-privileged':
      return privileged(spec);
    case 'sandboxed-pod-memory-limit':
      return unlimited(spec);
    default:
      return at(spec, ['runtimeClassName']) === undefined ? ['spec'] : ['spec', 'runtimeClassName'];
  }
}

/** The value that a rule's finding is about, inside a RuntimeClass. */
export function placeInClass(ruleId: string): Path {
  if (ruleId === 'runtime-class-handler') return ['handler'];
  return ruleId === 'runtime-class-overhead' ? ['overhead'] : [];
}

function privileged(spec: unknown): Path {
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) {
    const found = indexOf(at(spec, [list]), (one) => at(one, ['securityContext', 'privileged']) === true, [
      'securityContext',
      'privileged',
    ]);
    if (found.length > 0) return ['spec', list, ...found];
  }
  return ['spec'];
}

/** The first container without a memory limit, or else the first such sidecar. */
function unlimited(spec: unknown): Path {
  const lacks = (one: unknown) => {
    const memory = at(one, ['resources', 'limits', 'memory']);
    return memory === undefined || memory === null || isZeroQuantity(String(memory));
  };
  const found = indexOf(at(spec, ['containers']), lacks, []);
  if (found.length > 0) return ['spec', 'containers', ...found];
  const isSidecar = (one: unknown) => at(one, ['restartPolicy']) === 'Always';
  return ['spec', 'initContainers', ...indexOf(at(spec, ['initContainers']), (one) => isSidecar(one) && lacks(one), [])];
}

function indexOf(list: unknown, is: (item: unknown) => boolean, rest: Path): Path {
  const index = Array.isArray(list) ? list.findIndex(is) : -1;
  return index < 0 ? [] : [index, ...rest];
}
