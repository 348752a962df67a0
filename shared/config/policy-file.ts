import { isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { Fault } from '../domain/fault.ts';
import { DEFAULT_POLICY, type Policy } from '../domain/policy.ts';
import { SEVERITIES } from '../domain/rule.ts';

const glob = z.string().min(1).max(253);
const globs = z.array(glob);
const selector = z.record(z.string().min(1), z.string());
const share = z.number().gt(0).lt(1);
const days = z.int().min(0).max(36_500);
const { scope, nodeImages, pods, probe, retention } = DEFAULT_POLICY;

const instant = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)) && /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(text), {
    error: 'expected a date such as 2027-01-31 or a time such as 2027-01-31T12:00:00Z',
  })
  .transform((text) => new Date(text).toISOString());

const workload = z.strictObject({
  name: z.string().min(1).describe('Shown as the reason.'),
  namespaces: globs.exactOptional().describe('Globs over namespace names; absent means every namespace.'),
  podLabels: selector.exactOptional(),
  namespaceLabels: selector.exactOptional(),
  acceptedHandlers: z
    .array(z.string().min(1))
    .min(1)
    .exactOptional()
    .describe('Handlers that count as a sandbox; absent means kata, kata-cc and kata-preview.'),
});

const cluster = z.strictObject({
  name: z.string().min(1),
  clusters: globs.exactOptional().describe('Globs over cluster names.'),
  tags: selector.exactOptional(),
  kataPool: z.enum(['required', 'not-required']),
});

const exemption = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens'),
  rule: z.string().min(1),
  cluster: glob.exactOptional(),
  namespace: glob.exactOptional(),
  workload: glob.exactOptional(),
  category: z.enum(['waiver', 'mitigated']),
  reason: z.string().min(1).max(2_000),
  approvedBy: z.string().min(1).max(200),
  expiresOn: instant.describe('Live before this instant, gone from it on.'),
});

/** The policy file's schema; what is left out keeps its default. */
export const PolicyFile = z.strictObject({
  version: z.literal(1),
  scope: z
    .strictObject({
      subscriptions: z.array(z.guid()).default([...scope.subscriptions]),
      managementGroups: z.array(z.string().min(1)).default([...scope.managementGroups]),
      include: globs.default([...scope.include]).describe('Globs over cluster names.'),
      exclude: globs.default([...scope.exclude]),
      includeTags: selector.default({ ...scope.includeTags }),
      excludeTags: selector.default({ ...scope.excludeTags }),
    })
    .prefault({}),
  clusters: z
    .array(cluster)
    .default(
      DEFAULT_POLICY.clusters.map(
        (one) => ({ ...one, ...(one.clusters === undefined ? {} : { clusters: [...one.clusters] }) }) as z.output<typeof cluster>,
      ),
    )
    .describe('Which clusters must have a Kata pool; the first entry that matches decides.'),
  workloads: z
    .array(workload)
    .default(DEFAULT_POLICY.workloads.map((one) => ({ ...one }) as z.output<typeof workload>))
    .describe('What must be sandboxed; every entry that matches holds.'),
  nodeImages: z
    .strictObject({
      graceDays: days.default(nodeImages.graceDays),
      staleDays: days.default(nodeImages.staleDays),
      unsupportedDays: days.default(nodeImages.unsupportedDays),
    })
    .prefault({}),
  pods: z
    .strictObject({
      mode: z.enum(['auto', 'census', 'sample']).default(pods.mode),
      confidence: share.default(pods.confidence),
      toleratedRate: share.default(pods.toleratedRate),
      budgetPods: z.int().min(1).default(pods.budgetPods),
      budgetSeconds: z.int().min(1).max(3_600).default(pods.budgetSeconds),
      maxWorkloads: z.int().min(1).max(1_000_000).default(pods.maxWorkloads),
    })
    .prefault({}),
  probe: z
    .strictObject({
      namespace: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'expected the name of a namespace')
        .default(probe.namespace),
      image: z.string().default(probe.image),
      podsPerPool: z.int().min(1).max(100).default(probe.podsPerPool),
      renewAfterDays: z.int().min(1).max(3_650).default(probe.renewAfterDays),
      includeSystemNamespaces: z.boolean().default(probe.includeSystemNamespaces),
      clusters: globs.default([...probe.clusters]),
    })
    .prefault({}),
  rules: z
    .record(z.string(), z.enum([...SEVERITIES, 'off', 'on']))
    .default({})
    .describe('Severity of a rule, or off, or on for an opt-in rule.'),
  exemptions: z.array(exemption).default([]),
  retention: z
    .strictObject({ historyDays: days.default(retention.historyDays), resolvedDays: days.default(retention.resolvedDays) })
    .prefault({}),
  staleAfterAudits: z.int().min(1).max(1_000).default(DEFAULT_POLICY.staleAfterAudits),
});

/** Reads a policy; throws one `Fault` that lists every mistake with its line and what was expected. */
export function parsePolicy(text: string, source = 'the policy', knownRules?: readonly string[]): Policy {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  const broken = document.errors.map(({ message, pos }) => `line ${lines.linePos(pos[0]).line}: ${message}`);
  if (broken.length > 0) throw mistakes(source, broken);
  const lineOf = (path: readonly PropertyKey[]) => {
    for (let length = path.length; length >= 0; length--) {
      const at = path.slice(0, length);
      const node = length === 0 ? document.contents : document.getIn(at, true);
      if (isNode(node) && node.range !== null && node.range !== undefined)
        return lines.linePos(keyOffset(document, at) ?? node.range[0]).line;
    }
    return 1;
  };
  const result = PolicyFile.safeParse(document.toJS() ?? {});
  const wrong = result.success ? [] : result.error.issues.flatMap(problemsOf);
  const unknown = result.success ? unknownRules(result.data, knownRules) : [];
  const problems = [...wrong, ...unknown].map(({ path, message }) => `line ${lineOf(path)}: ${path.join('.') || 'policy'}: ${message}`);
  if (!result.success || problems.length > 0) throw mistakes(source, problems);
  return result.data;
}

interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** One mistake for each key that is none, at its own line. */
function problemsOf(issue: z.core.$ZodIssue): readonly Mistake[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'there is no such key' }));
}

function unknownRules({ rules, exemptions }: z.output<typeof PolicyFile>, known: readonly string[] | undefined): readonly Mistake[] {
  if (known === undefined) return [];
  const message = `there is no such rule; the rules are ${known.join(', ')}`;
  const named = Object.keys(rules).map((rule) => ({ path: ['rules', rule], rule }));
  const exempted = exemptions.map(({ rule }, at) => ({ path: ['exemptions', at, 'rule'], rule }));
  return [...named, ...exempted].filter(({ rule }) => !known.includes(rule)).map(({ path }) => ({ path, message }));
}

/** Where a key stands, rather than its value, which may begin on the next line. */
function keyOffset(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length < 2 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isNode(key) && String(key) === String(path.at(-1)));
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
}

function mistakes(source: string, problems: readonly string[]): Fault {
  return new Fault(
    'malformed',
    `${source} has ${problems.length} ${problems.length === 1 ? 'mistake' : 'mistakes'}:\n${problems.map((one) => `  - ${one}`).join('\n')}`,
  );
}
