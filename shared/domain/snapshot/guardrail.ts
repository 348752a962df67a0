import { unavailable } from './observation.ts';

/** Of a look that did not set out to read admission policies; looks of older versions never did. */
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

/** One admission policy of a cluster that bears the name of one of Kataudit's. */
export interface Guardrail {
  readonly name: string;
  readonly kind: 'validating' | 'mutating';
  /** The digest of what it does, by `guardrailDigest`. */
  readonly digest: string;
  /** Absent where it bears no note that can be read. */
  readonly origin?: GuardrailOrigin;
  readonly bindings: readonly GuardrailBinding[];
}
