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

/** The options of `kataudit policy explain`. */
export interface ExplainOptions {
  readonly policy?: string;
  readonly cluster: string;
  readonly tag?: readonly string[];
  readonly namespace?: string;
  readonly namespaceLabel?: readonly string[];
  readonly podLabel?: readonly string[];
}

/** The input of `kataudit policy audit`: saved snapshots, or a running app. */
export interface PolicyAuditOptions extends AppOptions {
  readonly policy?: string;
  readonly snapshot?: readonly string[];
}

/** `kataudit policy check`: lists every error of a policy file; returns 0 if there is none. */
export async function policyCheck(file: string, print: Print): Promise<number> {
  const { policy } = await policyOf(file);
  const { clusters, workloads, exemptions, rules } = policy;
  const parts = [
    counted(clusters.length, 'entry for clusters', 'entries for clusters'),
    `${workloads.length} for workloads`,
    `${counted(Object.keys(rules).length, 'rule')} changed`,
    counted(exemptions.length, 'exemption'),
  ];
  print(`${plain(sourceName(file))} is a valid policy: ${parts.join(', ')}.`);
  return 0;
}

/** `kataudit policy explain`: shows which entries apply to a cluster and a namespace, and why. */
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

/** `kataudit policy init`: writes a commented starter policy. */
export async function policyInit(options: { readonly output?: string }): Promise<number> {
  await writeText(options.output, starterPolicy(RULES));
  return 0;
}

/** `kataudit policy schema`: writes the JSON Schema with which editors complete a policy. */
export async function policySchema(options: { readonly output?: string }): Promise<number> {
  await writeText(options.output, await policySchemaText());
  return 0;
}

/** `kataudit policy audit`: shows the state of every exemption; returns 1 if one is unused, expired or invalid. */
export async function policyAudit(options: PolicyAuditOptions, now: Date, print: Print): Promise<number> {
  const { snapshot = [] } = options;
  const uses = snapshot.length > 0 ? await usesInSnapshots(snapshot, options.policy, now) : await usesInApp(options);
  if (uses.length === 0) {
    print('There are no exemptions.');
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
    throw new UsageError('--policy needs --snapshot: a running app has its own policy.');
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

/** Parses repeated `name=value` options. */
function pairs(option: string, texts: readonly string[]): LabelSelector {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`${option} must be name=value, not ${JSON.stringify(text)}`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

const MARKS: Readonly<Record<EntryExplanation['holds'], string>> = { yes: 'applies', no: 'does not apply', depends: 'may apply' };

function explanationText(explained: PolicyExplanation, cluster: string, namespace: string | undefined): string {
  const { inScope, scope, kataPool, workloads, exemptions } = explained;
  const entry = ({ entry: at, name, why }: EntryExplanation) => `${at} "${name}"${why === '' ? '' : `: ${why}`}`;
  const lines = [
    `Cluster ${cluster} is ${inScope ? 'audited' : 'not audited'}: ${scope}.`,
    kataPool === undefined
      ? 'It needs no Kata pool: no entry under clusters matches.'
      : `It ${kataPool.required ? 'must have a' : 'needs no'} Kata pool, by ${entry(kataPool)}.`,
    namespace === undefined ? 'Pods that must be sandboxed:' : `Pods of the namespace ${namespace} that must be sandboxed:`,
    ...workloads.map((one) => `  ${MARKS[one.holds]}: ${entry(one)}`),
    ...(workloads.length === 0 ? ['  none: the policy has no entry under workloads'] : []),
    ...(exemptions.length === 0 ? ['No exemption applies here.'] : ['Exemptions that apply here:']),
    ...exemptions.map(
      ({ exemption, live }) =>
        `  ${live ? 'live' : 'expired'}: ${exemption.id} for ${exemption.rule}, ${live ? 'until' : 'since'} ${exemption.expiresOn}`,
    ),
  ];
  return lines.map(plain).join('\n');
}
