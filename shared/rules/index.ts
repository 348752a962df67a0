import type { Rule } from '../domain/rule.ts';
import { clusterAssessed } from './cluster-assessed.ts';
import { kataPoolImage } from './kata-pool-image.ts';
import { kataPoolPresent } from './kata-pool-present.ts';
import { nodeImageCurrent } from './node-image-current.ts';
import { runtimeClassHandler } from './runtime-class-handler.ts';
import { runtimeClassPresent } from './runtime-class-present.ts';
import { workloadSandboxed } from './workload-sandboxed.ts';

/** The catalogue, in the order of reports. */
export const RULES: readonly Rule[] = [
  kataPoolPresent,
  kataPoolImage,
  nodeImageCurrent,
  runtimeClassPresent,
  runtimeClassHandler,
  workloadSandboxed,
  clusterAssessed,
];
