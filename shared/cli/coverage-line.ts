import type { RuleRun } from '../domain/rule/rule.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { targetText } from '../domain/snapshot/targeted-coverage.ts';
import { counted } from '../domain/text/counted.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';

/** How many rules were judged and which pods were read, for example `22 of 27 rules judged; pods: all.` */
export function coverageLine({ runs, snapshot }: AuditedSnapshot): string {
  const on = runs.filter(({ state }) => state !== 'off');
  return `${on.filter(hasJudged).length} of ${counted(on.length, 'rule')} judged; pods: ${podsSeen(snapshot)}.`;
}

/** Whether a rule gave a verdict; "nothing to judge" counts as one. */
function hasJudged(run: RuleRun): boolean {
  return run.state === 'judged' && (run.judgements.length === 0 || run.judgements.some(({ verdict }) => verdict !== 'unknown'));
}

function podsSeen({ workloads }: ClusterSnapshot): string {
  if (workloads.state === 'unavailable') return `none, ${withoutStop(workloads.reason.message)}`;
  const { coverage } = workloads;
  switch (coverage.kind) {
    case 'full':
      return 'all';
    case 'truncated':
      return `not all, ${withoutStop(coverage.message)}`;
    case 'targeted':
      return targetText(coverage);
    case 'sample': {
      const { sampledPods, totalPods, sampledNodes, totalNodes, upperBound, confidence } = coverage;
      const of = totalPods === undefined ? '' : ` of ${totalPods}`;
      const bound = `if the sample has no violation, at most ${percent(upperBound)} of the nodes have one (confidence ${percent(confidence)})`;
      return `a sample of ${sampledPods}${of} on ${sampledNodes} of ${counted(totalNodes, 'node')}; ${bound}`;
    }
  }
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
