import type { RuleRun } from '../domain/rule/rule.ts';
import type { FaultCode } from '../domain/snapshot/fault.ts';

/** Something that a rule should have judged and could not. */
export interface JudgementGap {
  readonly ruleId: string;
  readonly message: string;
  /** This mode never reads the missing evidence: a kubeconfig alone gives no data from Azure. */
  readonly byDesign: boolean;
}

const BY_DESIGN: readonly (FaultCode | undefined)[] = ['no-azure-access', 'not-asked'];

/** Returns everything that rules could not judge: evidence that was unavailable, unknown or truncated, and rules that failed. */
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
