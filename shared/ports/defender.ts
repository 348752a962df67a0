/** A rule as the metadata of an assessment in Microsoft Defender for Cloud. */
export interface AssessedRule {
  readonly displayName: string;
  readonly severity: 'Low' | 'Medium' | 'High' | 'Critical';
  readonly description: string;
  readonly remediation: string;
}

/** The result of one rule for one cluster, as an assessment in Microsoft Defender for Cloud. */
export interface RuleAssessment {
  readonly code: 'Healthy' | 'Unhealthy' | 'NotApplicable';
  /** One word: why it is not applicable. */
  readonly cause: string;
  readonly description: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Custom assessments of Microsoft Defender for Cloud. Each call is safe to repeat, and throws `Fault` when it fails. */
export interface Defender {
  describeRule(subscriptionId: string, name: string, rule: AssessedRule, abortSignal: AbortSignal): Promise<void>;
  /** Deletes a rule's metadata and with it all of its assessments in the subscription; `left` when Azure does not allow it. */
  forgetRule(subscriptionId: string, name: string, abortSignal: AbortSignal): Promise<'gone' | 'left'>;
  assess(clusterId: string, name: string, assessment: RuleAssessment, abortSignal: AbortSignal): Promise<void>;
  /** Deletes an assessment; when Azure does not allow it, marks it as no longer applicable and returns `left`. */
  withdraw(clusterId: string, name: string, abortSignal: AbortSignal): Promise<'gone' | 'left'>;
}
