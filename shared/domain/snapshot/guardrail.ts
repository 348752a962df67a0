import { unavailable } from './observation.ts';

/** For a scan that was not asked to read admission policies; scans of older versions never read them. */
export const GUARDRAILS_NOT_ASKED = unavailable(
  'not-asked',
  'Admission policies were not read: the policy did not turn on admission-guardrail.',
);

/** What a guardrail says that it was written from, beside the policy. */
export interface GuardrailOrigin {
  /** The RuntimeClasses that it knows, in its order. */
  readonly classes: readonly { readonly name: string; readonly handler: string }[];
  /** Ids of the rules whose findings it refuses. */
  readonly rules: readonly string[];
  /** Whether DaemonSets outside of a sandbox are refused too. */
  readonly daemonSets: boolean;
}

/** What puts an admission policy in force. */
export interface GuardrailBinding {
  readonly name: string;
  /** `Deny`, `Warn`, `Audit`; none on a policy that mutates. */
  readonly actions: readonly string[];
  /** Whether it holds for a part of the objects only. */
  readonly narrowed: boolean;
}

/** Admission policy in a cluster that has the name of one of Kataudit's policies. */
export interface Guardrail {
  readonly name: string;
  readonly kind: 'validating' | 'mutating';
  /** The digest of what it does, by `guardrailDigest`. */
  readonly digest: string;
  /** Absent if it has no readable annotation. */
  readonly origin?: GuardrailOrigin;
  readonly bindings: readonly GuardrailBinding[];
}
