import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A control plane with its controllers, and kwok, which simulates the kubelets. */
const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kwok'] as const;
export type Program = (typeof PROGRAMS)[number];

/** The folder into which `setup-envtest` and similar tools unpack Kubernetes' programs, by the convention of controller-runtime. */
const FOLDER = process.env.KUBEBUILDER_ASSETS ?? '';

/** Whether a real control plane can be started here. */
export const isThere = absentPrograms(PROGRAMS).length === 0;

/** The title of a suite on a real control plane, or why it is skipped. */
export const TITLE = isThere
  ? 'on a real control plane'
  : `on a real control plane (skipped: KUBEBUILDER_ASSETS names no folder with ${PROGRAMS.join(', ')})`;

/** Those of some programs that are not there: who needs an API server alone does with fewer. */
export function absentPrograms(wanted: readonly Program[]): readonly Program[] {
  return wanted.filter((name) => FOLDER === '' || !existsSync(join(FOLDER, name)));
}

/** The path of one of the programs. */
export function program(name: Program): string {
  return join(FOLDER, name);
}
