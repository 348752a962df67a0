/** What a rule is, as Microsoft Defender for Cloud describes an assessment. */
export interface AssessedRule {
  readonly displayName: string;
  readonly severity: 'Low' | 'Medium' | 'High' | 'Critical';
  readonly description: string;
  readonly remediation: string;
}

/** How one cluster stands by one rule, as Microsoft Defender for Cloud shows it. */
export interface RuleAssessment {
  readonly code: 'Healthy' | 'Unhealthy' | 'NotApplicable';
  /** One word; why it is not applicable. */
  readonly cause: string;
  readonly description: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Custom assessments of Microsoft Defender for Cloud. Each call is harmless twice, and throws `Fault`. */
export interface Defender {
  describeRule(subscriptionId: string, name: string, rule: AssessedRule, abortSignal: AbortSignal): Promise<void>;
  /** Deletes a rule's description, and with it every assessment by it in the subscription; `left` where Azure does not allow it. */
  forgetRule(subscriptionId: string, name: string, abortSignal: AbortSignal): Promise<'gone' | 'left'>;
  assess(clusterId: string, name: string, assessment: RuleAssessment, abortSignal: AbortSignal): Promise<void>;
  /** Deletes an assessment; where Azure does not allow it, it says that it no longer applies, and is `left`. */
  withdraw(clusterId: string, name: string, abortSignal: AbortSignal): Promise<'gone' | 'left'>;
}
