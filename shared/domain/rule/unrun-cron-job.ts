import { sandboxRequirementOf, unreadLabel } from '../policy/sandbox-requirement.ts';
import { given } from '../snapshot/given.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { PodTemplate } from '../snapshot/pod-template.ts';
import { subjectKey } from '../snapshot/subject.ts';
import { namesOf, type RequiredEvidence, severityOf, standingOf, unseenLabels, wayOf } from './required-sandbox.ts';
import { JUDGED_BY_TEMPLATE, type Judgement } from './rule.ts';
import { sandboxRemedy } from './sandbox-remedy.ts';
import { type Workload, workloadSubject } from './workload-groups.ts';

/** Judges CronJobs without pods by their pod templates. Returns nothing for one without requirements. */
export function judgeUnrunCronJobs(seen: readonly Workload[], evidence: RequiredEvidence): readonly Judgement[] {
  const keys = new Set(seen.map(({ subject }) => subjectKey(subject)));
  return [...evidence.templates].flatMap(([key, template]) =>
    template.ownerKind === 'CronJob' && !keys.has(key) ? judgeTemplate(template, evidence) : [],
  );
}

function judgeTemplate(template: PodTemplate, evidence: RequiredEvidence): readonly Judgement[] {
  const group = nextPodOf(template);
  const subject = workloadSubject(group);
  const standing = standingOf(group, evidence);
  const { required, podClass, place } = standing;
  const facts = { ...JUDGED_BY_TEMPLATE, requirement: namesOf([standing]) };
  if (required.length === 0) {
    const message = place === 'inside' ? undefined : doubtOf(group, evidence);
    return message === undefined ? [] : [{ verdict: 'unknown', subject, message, facts: JUDGED_BY_TEMPLATE }];
  }
  if (podClass.state !== 'none' && podClass.state !== 'resolved') {
    const message = `It has no pod, and its pod template names the RuntimeClass ${podClass.name}, which does not exist: its next run cannot start, and its runtime is unknown.`;
    return [{ verdict: 'unknown', subject, message, facts }];
  }
  if (place !== 'outside') {
    const message = `It has no pod. Its pod template names the RuntimeClass ${template.runtimeClassName ?? ''}.`;
    return [{ verdict: 'pass', subject, message, facts }];
  }
  const way = wayOf(standing, evidence.policy);
  const isSuspended = template.held === 'suspended';
  const message = [
    `Its next run must run in a pod VM (${namesOf([standing]).join('; ')}) and would not: ${way.text}.`,
    `It has no pod and is judged by its pod template.${isSuspended ? ' It is suspended and does not run until it is resumed.' : ''}`,
  ].join(' ');
  const { cluster, runtimeClasses: classes, nodes } = evidence;
  const severity = isSuspended ? ({ severity: 'medium' } as const) : severityOf([way]);
  const remedy = sandboxRemedy({ cluster, subject, outside: [group], classes, requirements: required, nodes });
  return [{ verdict: 'fail', subject, message, facts: { ...facts, runtime: [way.text] }, ...severity, ...remedy }];
}

/** Why it is unknown whether a template without a sandbox violates the policy. */
function doubtOf(group: PodGroup, { policy, labels }: RequiredEvidence): string | undefined {
  if (sandboxRequirementOf(policy, group, labels).possible.length > 0) return unseenLabels(group, labels);
  const unread = unreadLabel(policy, group, labels);
  if (unread === undefined) return undefined;
  const where = unread.on === 'pods' ? 'Its pod template has the label' : `Its namespace ${group.namespace} has the label`;
  return `${where} kataudit.io/sandbox=${unread.value}, a value that the policy does not use, and its next run would run without a sandbox. Set it to required or none.`;
}

/** The next pod of a template as a group of pods, of which there is none yet. */
function nextPodOf({
  namespace,
  ownerKind,
  ownerName,
  labels,
  labelsCut,
  runtimeClassName,
  nodeSelector,
  hostNamespaces = [],
}: PodTemplate): PodGroup {
  const shares = (one: (typeof hostNamespaces)[number]) => (hostNamespaces.includes(one) ? 1 : 0);
  return {
    namespace,
    ownerKind,
    ownerName,
    labels,
    ...given({ labelsCut, runtimeClassName, nodeSelector }),
    pods: 0,
    phases: { pending: 0, running: 0, succeeded: 0, failed: 0, unknown: 0 },
    waiting: 0,
    placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0 },
    features: {
      hostPath: 0,
      hostNetwork: shares('hostNetwork'),
      hostPid: shares('hostPid'),
      hostIpc: shares('hostIpc'),
      privileged: 0,
      noMemoryLimit: 0,
      noOverhead: 0,
    },
    podsByNodePool: {},
    examples: [],
  };
}
