import type { RuleRun } from '../domain/rule/rule.ts';
import type { FaultCode } from '../domain/snapshot/fault.ts';

/** Something that a rule was to judge and could not. */
export interface JudgementGap {
  readonly ruleId: string;
  readonly message: string;
  /** This way of looking never asks for what is missing: a kubeconfig alone tells nothing that only Azure knows. */
  readonly byDesign: boolean;
}

const BY_DESIGN: readonly (FaultCode | undefined)[] = ['no-azure-access', 'not-asked'];

/** Everything that rules were to judge and could not: what was unavailable, unknown or cut short, and rules that failed. */
export function judgementGaps(runs: readonly RuleRun[]): readonly JudgementGap[] {
  return runs.flatMap(gapsOf);
}

function gapsOf(run: RuleRun): readonly JudgementGap[] {
  const { ruleId } = run;
  switch (run.state) {
    case 'off':
      return [];
    case 'error':
      return [{ ruleId, message: `The rule failed: ${run.message}`, byDesign: false }];
    case 'unavailable': {
      const message = run.missing.map(({ evidence, reason }) => `${evidence}: ${reason.message}`).join('; ');
      return [{ ruleId, message, byDesign: run.missing.every(({ reason }) => BY_DESIGN.includes(reason.code)) }];
    }
    case 'judged': {
      const cut = run.coverage.kind === 'truncated' ? [{ ruleId, message: run.coverage.message, byDesign: false }] : [];
      const unknown = run.judgements.flatMap((one) =>
        one.verdict === 'unknown' ? [{ ruleId, message: one.message, byDesign: BY_DESIGN.includes(one.reason) }] : [],
      );
      return [...cut, ...unknown];
    }
  }
}
