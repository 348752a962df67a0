import { Command } from '@commander-js/extra-typings';
import { GUARDRAIL_FORMATS } from '../../exports/guardrail-formats.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { failOn, gather, OUTPUT, POLICY } from '../frame/options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit policy guardrail`. */
export const policyGuardrailCommand: CliCommand = {
  path: 'policy guardrail',
  group: 'Policy',
  command: new Command()
    .description(
      'Write admission policies that refuse objects that would be findings: a ValidatingAdmissionPolicy (vap), a Kyverno policy, or a MutatingAdmissionPolicy that sets the class (map, Kubernetes 1.36).',
    )
    .addOption(POLICY)
    .option('--classes <path>', 'RuntimeClass manifests of the clusters, or "-"; repeatable; default: the classes of AKS', gather)
    .option('--enforce', 'refuse objects; without it the API server only warns and writes to the audit log')
    .option('--daemonsets', 'also refuse DaemonSets that are not sandboxed; by default node agents are left out')
    .addOption(failOn('leave out rules that are less severe than this'))
    .addOption(formatOption(GUARDRAIL_FORMATS))
    .addOption(OUTPUT)
    .action(
      act(async (here, options) => {
        const { policyGuardrail } = await import('../policy-guardrail.ts');
        return policyGuardrail(here, { stdin: process.stdin }, options);
      }),
    ),
  examples: [
    ['kataudit policy guardrail --policy policy.yaml | kubectl apply -f -', 'warns about objects that the audit would report'],
    [
      'kubectl get runtimeclass -o yaml | kataudit policy guardrail --classes - --enforce',
      'refuses such objects, with the classes of a cluster',
    ],
    ['kataudit policy guardrail -o map', 'sets the class of pods that must be sandboxed but name none'],
  ],
  exitCodes: DONE,
};
