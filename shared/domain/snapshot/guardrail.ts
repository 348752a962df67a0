import { unavailable } from './observation.ts';

/** For a scan that was not asked to read admission policies; scans of older versions never read them. */
export const GUARDRAILS_NOT_ASKED = unavailable(
  'not-asked',
  'Admission policies were not read: the policy did not turn on admission-guardrail.',
);

/** What a guardrail was generated from, besides the policy. */
export interface GuardrailOrigin {
  /** The RuntimeClasses that it allows, in its order. */
  readonly classes: readonly { readonly name: string; readonly handler: string }[];
  /** Ids of the rules whose violations it denies. */
  readonly rules: readonly string[];
  /** Whether it also denies DaemonSets without a sandbox. */
  readonly daemonSets: boolean;
}

/** A binding of an admission policy. */
export interface GuardrailBinding {
  readonly name: string;
  /** `Deny`, `Warn`, `Audit`; empty for a mutating policy. */
  readonly actions: readonly string[];
  /** Whether it applies to only some of the objects. */
  readonly narrowed: boolean;
}

/** An admission policy in a cluster with the name of one of Kataudit's policies. */
export interface Guardrail {
  readonly name: string;
  readonly kind: 'validating' | 'mutating';
  /** The digest of its effective content, by `guardrailDigest`. */
  readonly digest: string;
  /** Absent if it has no readable annotation. */
  readonly origin?: GuardrailOrigin;
  readonly bindings: readonly GuardrailBinding[];
}
