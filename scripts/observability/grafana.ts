import { type Column, type Link, letter, lines, type Panel, stat, table } from './panels.ts';

/** A variable of Grafana: `${name}`, or `${name:format}`. */
const variable = (name: string): string => `\${${name}}`;
/** The value of a column in the row that a link is in. */
const field = (column: string): string => variable(`__data.fields.${column}`);

const DATASOURCE = { type: 'prometheus', uid: variable('datasource') };
const DAY = 86_400;
const COLUMNS = 24;

const SEVERITY_COLORS = { critical: 'dark-red', high: 'red', medium: 'orange', low: 'yellow', info: 'blue' };
const CLUSTER_LABELS = { cluster_name: 'Cluster', resource_group: 'Group', subscription_id: 'Subscription' };
const BY_CLUSTER = `by (${Object.keys(CLUSTER_LABELS).join(', ')})`;
const CHOSEN = 'cluster_name=~"$cluster", subscription_id=~"$subscription"';

/** A page of the app's own dashboard. */
const page = (path: string): string => `${variable('app')}/api/dashboard${path}`;
const CLUSTER_ID = `/subscriptions/${field('Subscription')}/resourceGroups/${field('Group')}/providers/Microsoft.ContainerService/managedClusters/${field('Cluster')}`;

/** A cluster links to its findings on this dashboard, and to its pages in the app and in the Azure portal. */
const CLUSTER_LINKS: readonly Link[] = [
  {
    title: 'Its findings by rule, here',
    url: `/d/kataudit?${variable('__url_time_range')}&${variable('datasource:queryparam')}&${variable('app:queryparam')}&var-cluster=${field('Cluster')}`,
  },
  { title: 'In Kataudit', url: page(`/cluster?id=${CLUSTER_ID}`) },
  { title: 'In the Azure portal', url: `https://portal.azure.com/#@/resource${CLUSTER_ID}` },
];

const unlessExempted = (metric: string, by: string, selector = '') =>
  `sum ${by} (kataudit_${metric}_open_findings${selector}) - sum ${by} (kataudit_${metric}_exempted_findings${selector})`;
const OPEN_BY_SEVERITY = 'sum by (severity) (kataudit_open_findings) - sum by (severity) (kataudit_exempted_findings)';

const ESTATE: readonly Panel[] = [
  stat('Exposed workloads', 'Workloads that must run in a pod VM and do not.', required('fail'), {
    warnFrom: 1,
    link: { title: 'Which', url: page('/findings?rule=workload-sandboxed') },
  }),
  stat('Not checked', 'Workloads that must run in a pod VM and could not be checked.', required('unknown'), {
    warnFrom: 1,
    color: 'orange',
    link: { title: 'Rules', url: page('/rules') },
  }),
  stat('Sandboxed workloads', 'Workloads that must run in a pod VM and do.', required('pass'), {}),
  stat('Clusters not fully seen', 'Their findings are not known.', 'sum(kataudit_cluster_assessments{assessment!="assessed"})', {
    warnFrom: 1,
    color: 'orange',
    link: { title: 'Which', url: page('?status=blind#clusters') },
  }),
  stat('Oldest scan', 'Time since the last scan of the cluster that waited longest.', 'max(kataudit_oldest_scan_age_seconds)', {
    unit: 's',
    warnFrom: DAY / 2,
    color: 'orange',
  }),
  stat('Parked messages', 'Messages that failed permanently and wait for a decision.', 'max(kataudit_parked_messages)', {
    warnFrom: 1,
    color: 'orange',
    link: { title: 'Which', url: page('/parked') },
  }),
  lines('Open findings', 'By severity, without those that a live exemption covers.', [{ expr: OPEN_BY_SEVERITY, legend: '{{severity}}' }], {
    stacked: true,
    colors: SEVERITY_COLORS,
  }),
  lines(
    'Clusters by completeness of their scan',
    'A cluster that is not assessed may have findings that are not listed.',
    [{ expr: 'sum by (assessment) (kataudit_cluster_assessments)', legend: '{{assessment}}' }],
    { stacked: true, colors: { assessed: 'blue', 'partly-assessed': 'yellow', 'not-assessed': 'dark-orange' } },
  ),
  lines('What could not be read', 'Clusters by reason.', [{ expr: 'sum by (reason) (kataudit_cluster_gaps)', legend: '{{reason}}' }], {
    stacked: true,
  }),
  lines(
    'Newest audit',
    'Clusters planned and not assessed, and subscriptions that could not be listed.',
    [
      { expr: 'max(kataudit_audit_clusters)', legend: 'clusters' },
      { expr: 'max(kataudit_audit_clusters_not_assessed)', legend: 'clusters not assessed' },
      { expr: 'max(kataudit_audit_subscriptions_not_listed)', legend: 'subscriptions not listed' },
    ],
    {},
  ),
];

const CLUSTERS: readonly Panel[] = [
  table('Clusters', 'Needs KATAUDIT_CLUSTER_METRICS. Exempted findings are not counted.', CLUSTER_LABELS, clusterColumns(), {
    links: CLUSTER_LINKS,
    sortBy: 'Critical',
  }),
  lines(
    'Open findings of the chosen clusters',
    'By severity, without those that a live exemption covers.',
    [{ expr: unlessExempted('cluster', 'by (severity)', `{${CHOSEN}}`), legend: '{{severity}}' }],
    { stacked: true, colors: SEVERITY_COLORS, width: 10 },
  ),
  lines(
    'Parts of the selected clusters that could not be read',
    'By reason.',
    [{ expr: `sum by (reason) (kataudit_cluster_unseen_parts{${CHOSEN}, reason!=""})`, legend: '{{reason}}' }],
    { stacked: true, width: 10 },
  ),
  stat(
    'Clusters without series',
    'Beyond the limit of KATAUDIT_CLUSTER_METRICS: their values are only in the totals.',
    'max(kataudit_clusters_without_series)',
    {
      warnFrom: 1,
      color: 'orange',
      height: 8,
    },
  ),
];

const RULES: readonly Panel[] = [
  table(
    'Rules',
    'Of the whole estate. Unknown means that the rule could not be judged: it neither passes nor fails.',
    { rule: 'Rule' },
    [
      { name: 'Open', expr: unlessExempted('rule', 'by (rule)', '{rule=~"$rule"}'), warnFrom: 1 },
      { name: 'Exempted', expr: 'sum by (rule) (kataudit_rule_exempted_findings{rule=~"$rule"})' },
      { name: 'Failed', expr: verdict('fail') },
      { name: 'Unknown', expr: verdict('unknown'), warnFrom: 1 },
      { name: 'Passed', expr: verdict('pass') },
    ],
    {
      links: [
        { title: 'Its open findings', url: page(`/findings?rule=${field('Rule')}`) },
        { title: 'What it asks for', url: page(`/rules#${field('Rule')}`) },
      ],
      width: 12,
      sortBy: 'Open',
    },
  ),
  table(
    'Open findings of the chosen clusters by rule',
    'Needs KATAUDIT_CLUSTER_METRICS. Exempted findings are counted.',
    { rule: 'Rule', ...CLUSTER_LABELS },
    [
      {
        name: 'Open',
        expr: `sum by (rule, ${Object.keys(CLUSTER_LABELS).join(', ')}) (kataudit_cluster_rule_open_findings{${CHOSEN}, rule=~"$rule"})`,
        warnFrom: 1,
      },
    ],
    {
      links: [{ title: 'These findings', url: page(`/findings?rule=${field('Rule')}&exempted=any&cluster=${CLUSTER_ID}`) }],
      width: 12,
      sortBy: 'Open',
    },
  ),
  lines(
    'Open findings by rule',
    'Without those that a live exemption covers.',
    [{ expr: unlessExempted('rule', 'by (rule)', '{rule=~"$rule"}'), legend: '{{rule}}' }],
    { width: 24 },
  ),
];

function required(verdictName: string): string {
  return `sum(kataudit_rule_verdicts{rule="workload-sandboxed", verdict="${verdictName}"})`;
}

function verdict(name: string): string {
  return `sum by (rule) (kataudit_rule_verdicts{rule=~"$rule", verdict="${name}"})`;
}

function clusterColumns(): readonly Column[] {
  const severities = ['critical', 'high', 'medium', 'low', 'info'];
  return [
    ...severities.map((one) => ({
      name: `${one[0]?.toUpperCase()}${one.slice(1)}`,
      expr: unlessExempted('cluster', BY_CLUSTER, `{${CHOSEN}, severity="${one}"}`),
      ...(one === 'critical' || one === 'high' ? { warnFrom: 1 } : {}),
    })),
    { name: 'Parts not seen', expr: `sum ${BY_CLUSTER} (kataudit_cluster_unseen_parts{${CHOSEN}})`, warnFrom: 1 },
    {
      name: 'Last full scan',
      expr: `time() - max ${BY_CLUSTER} (kataudit_cluster_last_full_look_timestamp_seconds{${CHOSEN}})`,
      unit: 's',
      warnFrom: DAY,
    },
    {
      name: 'Oldest image',
      expr: `time() - max ${BY_CLUSTER} (kataudit_cluster_oldest_image_release_timestamp_seconds{${CHOSEN}})`,
      unit: 's',
      warnFrom: 30 * DAY,
    },
  ];
}

/** The Grafana dashboard of the estate, its clusters and its rules, as Grafana imports it. */
export function grafanaDashboard(): string {
  const dashboard = {
    title: 'Kataudit',
    uid: 'kataudit',
    description: 'Kata pod sandboxing on AKS: the estate, its clusters, and the rules.',
    tags: ['kataudit', 'aks', 'kata'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    time: { from: 'now-7d', to: 'now' },
    refresh: '5m',
    links: [{ type: 'link', title: 'Kataudit', url: page(''), targetBlank: true, icon: 'external link' }],
    templating: { list: variables() },
    panels: placed([
      ['Estate', ESTATE],
      ['Clusters', CLUSTERS],
      ['Rules', RULES],
    ]),
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

function variables(): readonly object[] {
  const values = (name: string, label: string, query: string) => ({
    type: 'query',
    name,
    label,
    datasource: DATASOURCE,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
  });
  return [
    { type: 'datasource', name: 'datasource', label: 'Prometheus', query: 'prometheus' },
    {
      type: 'textbox',
      name: 'app',
      label: 'Address of the app',
      query: 'https://APP',
      current: { text: 'https://APP', value: 'https://APP' },
    },
    values('subscription', 'Subscription', 'label_values(kataudit_cluster_unseen_parts, subscription_id)'),
    values('cluster', 'Cluster', 'label_values(kataudit_cluster_unseen_parts{subscription_id=~"$subscription"}, cluster_name)'),
    values('rule', 'Rule', 'label_values(kataudit_rule_open_findings, rule)'),
  ];
}

/** Places panels from left to right, in rows below each other. */
function placed(rows: readonly (readonly [title: string, panels: readonly Panel[]])[]): readonly object[] {
  const all: object[] = [];
  let y = 0;
  for (const [title, panels] of rows) {
    all.push({ id: all.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: COLUMNS, h: 1 }, panels: [] });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      if (x + panel.width > COLUMNS) {
        y += height;
        x = 0;
        height = 0;
      }
      all.push(panelJson(panel, all.length + 1, { x, y, w: panel.width, h: panel.height }));
      x += panel.width;
      height = Math.max(height, panel.height);
    }
    y += height;
  }
  return all;
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const { type, title, description, queries, options = {}, defaults = {}, overrides = [], transformations = [] } = panel;
  return {
    id,
    type,
    title,
    description,
    gridPos,
    datasource: DATASOURCE,
    targets: queries.map(({ expr, legend, instant }, at) => ({
      refId: letter(at),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      instant,
      range: !instant,
      ...(type === 'table' ? { format: 'table' } : {}),
    })),
    options,
    fieldConfig: { defaults, overrides },
    transformations,
  };
}
