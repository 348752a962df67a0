import type { RuleRun } from '../domain/rule/rule.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';

/** The newest snapshot of a cluster with the result of every rule: the evidence behind its findings. */
export interface ClusterAssessment {
  readonly snapshot: ClusterSnapshot;
  readonly runs: readonly RuleRun[];
  readonly policyHash: string;
}

/** One assessment per cluster; an older one never replaces a newer one. */
export interface AssessmentStore {
  /** Assessments are ordered by `recordedAt`; by default, the start of the scan. */
  put(assessment: ClusterAssessment, recordedAt?: string): Promise<void>;
  get(clusterId: string): Promise<ClusterAssessment | undefined>;
}
