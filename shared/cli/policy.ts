import { z } from 'zod';
import { auditSaved } from '../compose/command-line/kubeconfig.ts';
import { knownRules, policySchemaText } from '../compose/command-line/policy-tools.ts';
import { auditExemptions } from '../domain/policy/exemption.ts';
import { type EntryExplanation, explainPolicy, type PolicyExplanation } from '../domain/policy/explain-policy.ts';
import type { LabelSelector } from '../domain/policy/policy.ts';
import { given } from '../domain/snapshot/given.ts';
import { counted } from '../domain/text/counted.ts';
import { starterPolicy } from '../exports/starter-policy.ts';
import { RULES } from '../rules/index.ts';
import { type AppOptions, askApi } from './client/connection.ts';
import { readText, sourceName, writeText } from './frame/files.ts';
import { plain, table } from './frame/table.ts';
import { UsageError } from './frame/usage-error.ts';
import { policyOf } from './policy-option.ts';

type Print = (text: string) => void;

/** What `kataudit policy explain` is asked, as typed. */
export interface ExplainOptions {
  readonly policy?: string;
  readonly cluster: string;
  readonly tag?: readonly string[];
  readonly namespace?: string;
  readonly namespaceLabel?: readonly string[];
  readonly podLabel?: readonly string[];
}

/** What `kataudit policy audit` looks at, as typed: saved snapshots, or else a running app. */
export interface PolicyAuditOptions extends AppOptions {
  readonly policy?: string;
  readonly snapshot?: readonly string[];
}

/** `kataudit policy check`: lists every mistake of a policy file; 0 when there is none. */
export async function policyCheck(file: string, print: Print): Promise<number> {
  const { policy } = await policyOf(file);
  const { clusters, workloads, exemptions, rules } = policy;
  const parts = [
    counted(clusters.length, 'entry for clusters', 'entries for clusters'),
    `${workloads.length} for workloads`,
    `${counted(Object.keys(rules).length, 'rule')} changed`,
    counted(exemptions.length, 'exemption'),
  ];
  print(`${plain(sourceName(file))} is a policy: ${parts.join(', ')}.`);
  return 0;
}

/** `kataudit policy explain`: tells which entries decide about a cluster and a namespace, and why. */
export async function policyExplain(options: ExplainOptions, now: Date, print: Print): Promise<number> {
  const { policy } = await policyOf(options.policy);
  const { cluster, namespace, namespaceLabel, podLabel } = options;
  const question = {
    cluster,
    tags: pairs('--tag', options.tag ?? []),
    ...given({ namespace }),
    ...(namespaceLabel === undefined ? {} : { namespaceLabels: pairs('--namespace-label', namespaceLabel) }),
    ...(podLabel === undefined ? {} : { podLabels: pairs('--pod-label', podLabel) }),
  };
  print(explanationText(explainPolicy(policy, question, now), cluster, namespace));
  return 0;
}

/** `kataudit policy init`: writes a commented policy to begin with. */
export async function policyInit(options: { readonly output?: string }): Promise<number> {
  await writeText(options.output, starterPolicy(RULES));
  return 0;
}

/** `kataudit policy schema`: writes the JSON Schema that lets editors complete a policy. */
export async function policySchema(options: { readonly output?: string }): Promise<number> {
  await writeText(options.output, await policySchemaText());
  return 0;
}

/** `kataudit policy audit`: tells how every exemption stands; 1 when one is unused, expired or invalid. */
export async function policyAudit(options: PolicyAuditOptions, now: Date, print: Print): Promise<number> {
  const { snapshot = [] } = options;
  const uses = snapshot.length > 0 ? await usesInSnapshots(snapshot, options.policy, now) : await usesInApp(options);
  if (uses.length === 0) {
    print('There is no exemption.');
    return 0;
  }
  const rows = uses.map(({ id, state, rule, findings, expiresOn }) => [state, id, rule, String(findings), expiresOn]);
  print(table(['STATE', 'EXEMPTION', 'RULE', 'FINDINGS', 'EXPIRES'], rows));
  return uses.every(({ state }) => state === 'live') ? 0 : 1;
}

const Uses = z.object({
  value: z.array(z.object({ id: z.string(), rule: z.string(), state: z.string(), findings: z.number(), expiresOn: z.string() })),
});
type Use = z.output<typeof Uses>['value'][number];

async function usesInApp(options: PolicyAuditOptions): Promise<readonly Use[]> {
  if (options.policy !== undefined) {
    throw new UsageError('--policy goes with --snapshot; a running app has its own policy.');
  }
  const body = await new Response(await askApi(options, 'exemption-uses', new URLSearchParams())).text();
  return Uses.parse(JSON.parse(body)).value;
}

async function usesInSnapshots(files: readonly string[], policyFile: string | undefined, now: Date): Promise<readonly Use[]> {
  const { policy } = await policyOf(policyFile);
  const audits = await Promise.all(files.map(async (one) => auditSaved(await readText(one), sourceName(one), policy)));
  const findings = audits.flatMap((audit) => audit.findings);
  return auditExemptions(policy.exemptions, findings, knownRules(), now).map(({ exemption, ...use }) => ({
    id: exemption.id,
    rule: exemption.rule,
    expiresOn: exemption.expiresOn,
    ...use,
  }));
}

/** `name=value`, several times. */
function pairs(option: string, texts: readonly string[]): LabelSelector {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`${option} is name=value, not ${JSON.stringify(text)}`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

const MARKS: Readonly<Record<EntryExplanation['holds'], string>> = { yes: 'holds', no: 'does not hold', depends: 'may hold' };

function explanationText(explained: PolicyExplanation, cluster: string, namespace: string | undefined): string {
  const { inScope, scope, kataPool, workloads, exemptions } = explained;
  const entry = ({ entry: at, name, why }: EntryExplanation) => `${at} "${name}"${why === '' ? '' : `: ${why}`}`;
  const lines = [
    `Cluster ${cluster} is ${inScope ? 'audited' : 'not audited'}: ${scope}.`,
    kataPool === undefined
      ? 'It needs no Kata pool: no entry of clusters matches.'
      : `It ${kataPool.required ? 'must have a' : 'needs no'} Kata pool, by ${entry(kataPool)}.`,
    namespace === undefined ? 'Pods that must be sandboxed:' : `Pods of the namespace ${namespace} that must be sandboxed:`,
    ...workloads.map((one) => `  ${MARKS[one.holds]}: ${entry(one)}`),
    ...(workloads.length === 0 ? ['  none: the policy has no entry of workloads'] : []),
    ...(exemptions.length === 0 ? ['No exemption reaches there.'] : ['Exemptions that reach there:']),
    ...exemptions.map(
      ({ exemption, live }) =>
        `  ${live ? 'live' : 'expired'}: ${exemption.id} of ${exemption.rule}, ${live ? 'until' : 'since'} ${exemption.expiresOn}`,
    ),
  ];
  return lines.map(plain).join('\n');
}
