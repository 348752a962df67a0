import type { RuleRun } from '../domain/rule/rule.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';

/** The newest look at a cluster and what every rule said of it: the evidence behind its findings. */
export interface ClusterAssessment {
  readonly snapshot: ClusterSnapshot;
  readonly runs: readonly RuleRun[];
  readonly policyHash: string;
}

/** One assessment per cluster; an older one never replaces a newer one. */
export interface AssessmentStore {
  /** `recordedAt` is what it is ordered by; absent: when the look began. */
  put(assessment: ClusterAssessment, recordedAt?: string): Promise<void>;
  get(clusterId: string): Promise<ClusterAssessment | undefined>;
}
