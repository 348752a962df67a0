import { at, isRecord } from './path.ts';
import { readYaml } from './yaml-document.ts';

/** The names that Kustomize looks for in a folder. Source: sigs.k8s.io/kustomize api/konfig/general.go. */
export const KUSTOMIZATION_FILES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/**
 * The files, by their paths in the folder, that a kustomization uses as patches. Inline patches are included, although they name no
 * file.
 */
export function patchesOf(text: string): readonly string[] {
  const { value } = readYaml(text);
  if (!isRecord(value)) return [];
  const listed = ['patches', 'patchesJson6902'].flatMap((key) => itemsOf(value[key]).map((patch) => at(patch, ['path'])));
  const other = ['patchesStrategicMerge', 'transformers', 'generators', 'configurations', 'crds'].flatMap((key) => itemsOf(value[key]));
  return [...listed, ...other].flatMap((path) => (typeof path === 'string' && !path.includes('\n') ? [path] : []));
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
