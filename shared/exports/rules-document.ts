import type { Rule } from '../domain/rule/rule.ts';
import type { EvidenceKey } from '../domain/snapshot/snapshot.ts';

const EVIDENCE: Readonly<Record<EvidenceKey, string>> = {
  settings: "the cluster's settings (Azure)",
  nodePools: 'the node pools (Azure)',
  latestImages: 'the newest node images (Azure)',
  nodes: 'the nodes (Kubernetes)',
  runtimeClasses: 'the RuntimeClasses (Kubernetes)',
  namespaces: 'the namespaces (Kubernetes)',
  workloads: 'the pods (Kubernetes)',
  templates: 'the pod templates (Kubernetes, an optional right)',
  isolationProofs: 'the isolation probe (opt-in)',
  guardrails: 'the admission policies (Kubernetes, opt-in)',
};

/** Writes the page that describes every rule, in Markdown; each rule's heading is its id, which is also its anchor. */
export function rulesDocument(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ id, severity, title, optIn }) => `| [${id}](#${id}) | ${severity} | ${markdown(title)}${optIn === true ? ' (opt-in)' : ''} |`,
  );
  return `# Rules

Written by \`npm run documents\`; a test fails when this page and the code differ.

A rule gives each subject one of four verdicts: \`pass\`, \`fail\`, \`unknown\` when the evidence it needs is missing, and
\`not-applicable\`. The severity below is the default: evidence may raise or lower it, and the policy may
set another one, or turn the rule off.

| rule | severity | what complies |
| --- | --- | --- |
${rows.join('\n')}

${rules.map(section).join('\n')}`;
}

function section({ id, title, severity, optIn, rationale, remediation, references, requires, consults }: Rule): string {
  const needs = requires.map((key) => EVIDENCE[key]);
  const uses = consults.filter((key) => !requires.includes(key)).map((key) => EVIDENCE[key]);
  const lines = [
    `## ${id}`,
    `**${markdown(title)}.**`,
    `Severity: ${severity}.${optIn === true ? ' Off unless the policy turns it on.' : ''}`,
    markdown(rationale),
    `What to do: ${markdown(remediation)}`,
    ...(needs.length === 0 ? [] : [`Cannot be judged without: ${needs.join(', ')}.`]),
    ...(uses.length === 0 ? [] : [`Also uses: ${uses.join(', ')}.`]),
    references.map((reference) => `- <${reference}>`).join('\n'),
  ];
  return `${lines.join('\n\n')}\n`;
}

/** Escapes characters with a meaning in Markdown. */
function markdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#]/g, '\\$&');
}
