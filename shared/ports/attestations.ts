/** Whether a cluster complies with a manual policy of Azure, with the evidence. */
export interface Attestation {
  /** ARM id of the assignment of the policy. */
  readonly policyAssignmentId: string;
  readonly complianceState: 'Compliant' | 'NonCompliant' | 'Unknown';
  /** All times are RFC 3339. The state falls back to the policy's default after `expiresOn`. */
  readonly assessmentDate: string;
  readonly expiresOn: string;
  readonly comments: string;
  readonly evidence: { readonly description: string; readonly sourceUri: string };
  readonly metadata: Readonly<Record<string, string>>;
}

/** Attestations of Azure Policy. Each call is safe to repeat, and throws `Fault` when it fails. */
export interface Attestations {
  attest(clusterId: string, name: string, attestation: Attestation, abortSignal: AbortSignal): Promise<void>;
  withdraw(clusterId: string, name: string, abortSignal: AbortSignal): Promise<'gone'>;
}
