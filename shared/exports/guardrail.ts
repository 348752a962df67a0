import { stringify } from 'yaml';
import { GUARDED_RULES } from '../domain/guardrail/checks.ts';
import { kyvernoObject, mutatingObjects, validatingObjects } from '../domain/guardrail/objects.ts';
import type { GuardrailTerms, NamedHandler } from '../domain/guardrail/terms.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { isRuleOn, ruleSeverity } from '../domain/policy/rule-setting.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import type { RuleFacts } from './export.ts';
import type { GuardrailFormat } from './guardrail-formats.ts';

/** Input of a guardrail. */
export interface GuardrailInput {
  readonly policy: Policy;
  /** The RuntimeClasses of the clusters. */
  readonly classes: readonly NamedHandler[];
  readonly rules: readonly RuleFacts[];
  /** Minimum severity of the findings that are prevented. */
  readonly failOn: Severity;
  /** Whether objects are rejected instead of only warned about and logged in the audit log. */
  readonly enforce: boolean;
  /** Whether workloads of node agents (DaemonSets) must be sandboxed too. */
  readonly daemonSets: boolean;
}

/** Writes a guardrail that rejects, warns about, or changes pods that would become findings; YAML for `kubectl apply`. */
export function guardrail(format: GuardrailFormat, input: GuardrailInput): string {
  const { policy, classes, daemonSets, enforce } = input;
  const inForce = input.rules.filter((rule) => isInForce(rule, input));
  const rules = GUARDED_RULES.filter((id) => inForce.some((rule) => rule.id === id));
  const terms: GuardrailTerms = { policy, classes, rules, daemonSets };
  const words = { enforce, messageOf: (ruleId: string) => messageOf(inForce.find(({ id }) => id === ruleId)) };
  switch (format) {
    case 'vap':
      return written(validatingObjects(terms, words));
    case 'kyverno':
      return written([kyvernoObject(terms, words)]);
    case 'map':
      return written(mutatingObjects(terms));
  }
}

function written(documents: readonly object[]): string {
  return documents.map((one) => stringify(one, { lineWidth: 0, version: '1.1' })).join('---\n');
}

/** Whether a rule is on and severe enough, according to the policy. */
function isInForce(rule: RuleFacts, { policy, failOn }: GuardrailInput): boolean {
  if (!isRuleOn(rule, policy)) return false;
  return SEVERITIES.indexOf(ruleSeverity(rule, policy)) <= SEVERITIES.indexOf(failOn);
}

/** Returns the message in one line, as the API server requires. */
function messageOf(rule: RuleFacts | undefined): string {
  if (rule === undefined) throw new Error('there is a message for each rule in force');
  return `Kataudit ${rule.id}: ${rule.title}. ${rule.remediation}`.replaceAll(/\s+/g, ' ');
}
