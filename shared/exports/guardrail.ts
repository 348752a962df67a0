import { stringify } from 'yaml';
import { GUARDED_RULES } from '../domain/guardrail/checks.ts';
import { kyvernoObject, mutatingObjects, validatingObjects } from '../domain/guardrail/objects.ts';
import type { GuardrailTerms, NamedHandler } from '../domain/guardrail/terms.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { isRuleOn, ruleSeverity } from '../domain/policy/rule-setting.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import type { RuleFacts } from './export.ts';
import type { GuardrailFormat } from './guardrail-formats.ts';

/** What a guardrail is made of. */
export interface GuardrailInput {
  readonly policy: Policy;
  /** The RuntimeClasses of the clusters. */
  readonly classes: readonly NamedHandler[];
  readonly rules: readonly RuleFacts[];
  /** Only findings at least this severe are refused. */
  readonly failOn: Severity;
  /** Whether objects are refused, rather than warned of and written to the audit log. */
  readonly enforce: boolean;
  /** Whether workloads of node agents (DaemonSets) must be sandboxed too. */
  readonly daemonSets: boolean;
}

/** Writes what refuses, warns of, or fixes pods that would be findings; YAML for `kubectl apply`. */
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
  return documents.map((one) => stringify(one, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' })).join('---\n');
}

/** Whether a rule is on, and severe enough, by the policy. */
function isInForce(rule: RuleFacts, { policy, failOn }: GuardrailInput): boolean {
  if (!isRuleOn(rule, policy)) return false;
  return SEVERITIES.indexOf(ruleSeverity(rule, policy)) <= SEVERITIES.indexOf(failOn);
}

/** One line, as the API server wants it. */
function messageOf(rule: RuleFacts | undefined): string {
  if (rule === undefined) throw new Error('there is a message for each rule in force');
  return `Kataudit ${rule.id}: ${rule.title}. ${rule.remediation}`.replaceAll(/\s+/g, ' ');
}
