import { createHash } from 'node:crypto';

/** Placeholders that the template replaces with the address of the app and the id of the workspace. */
const APP = 'https://APP';
const WORKSPACE = 'WORKSPACE-ID';
const RESOURCE_TYPE = 'microsoft.operationalinsights/workspaces';
const DAY_MS = 86_400_000;

/** A query to the workspace, and how its result is shown. */
interface Question {
  readonly title: string;
  readonly query: readonly string[];
  /** Shown if there is no row: the reason, and whether that is good. */
  readonly none: string;
  readonly chart?: 'barchart' | 'timechart';
}

const SCANS = [
  'AppDependencies',
  '| where Name == "scan-cluster"',
  '| extend Cluster = tostring(Properties["kataudit.cluster"]), Assessment = tostring(Properties["kataudit.assessment"])',
  '| extend Result = iff(isempty(Assessment), "failed", Assessment)',
];

const QUESTIONS: readonly Question[] = [
  {
    title: 'Audits: did they cover the estate?',
    query: [
      'AppTraces',
      '| where Message has "Audit ended:"',
      '| extend Audit = extract("ended: ([^ ]+)", 1, Message), State = extract("ended: [^ ]+ ([a-z]+),", 1, Message), Outcome = extract("outcome ([a-z]+)", 1, Message)',
      '| extend Scanned = toint(extract("([0-9]+) of [0-9]+ clusters", 1, Message)), Planned = toint(extract("of ([0-9]+) clusters", 1, Message))',
      '| extend NotAssessed = toint(extract("([0-9]+) not or partly", 1, Message)), NotListed = toint(extract("([0-9]+) subscriptions not listed", 1, Message))',
      '| project Ended = TimeGenerated, Outcome, State, Scanned, Planned, NotAssessed, NotListed, Audit',
      '| order by Ended desc',
    ],
    none: 'No audit ended in this time, so no audit covered the estate. See docs/operate.md, no-audit.',
  },
  {
    title: 'Clusters by last complete scan; those without one first',
    query: [
      ...SCANS,
      '| summarize LastFullScan = maxif(TimeGenerated, Result == "assessed"), LastScan = max(TimeGenerated), Scans = count(), NotFull = countif(Result != "assessed"), Opened = sum(toint(Properties["kataudit.opened"])), Resolved = sum(toint(Properties["kataudit.resolved"])) by Cluster',
      '| order by LastFullScan asc',
    ],
    none: 'No cluster was scanned in this time.',
  },
  {
    title: 'Critical findings that were opened',
    query: [
      'AppTraces',
      '| where Message has "Critical finding opened:"',
      '| extend Rule = extract("opened: ([^ ]+) on ", 1, Message), Cluster = extract(" on ([^ ]+), finding", 1, Message), Finding = extract(", finding ([^ ]+)$", 1, Message)',
      '| extend What = iff(isempty(Finding), Message, Rule)',
      `| project Opened = TimeGenerated, What, Cluster, Page = iff(isempty(Finding), "", strcat("${APP}/api/dashboard/finding?id=", Finding))`,
      '| order by Opened desc',
    ],
    none: 'None was opened in this time. Those that were open before still are: the dashboard has them.',
  },
  {
    title: 'Critical findings opened per day',
    query: ['AppTraces', '| where Message has "Critical finding opened:"', '| summarize Opened = count() by Day = bin(TimeGenerated, 1d)'],
    none: 'None was opened in this time.',
    chart: 'barchart',
  },
  {
    title: 'Incomplete scans by result',
    query: [
      ...SCANS,
      '| where Result != "assessed"',
      '| summarize Scans = count(), Clusters = dcount(Cluster), Newest = max(TimeGenerated) by Result',
      '| order by Scans desc',
    ],
    none: 'Every scan in this time was complete, or there was none: compare with the audits above.',
  },
  {
    title: 'Messages that failed permanently',
    query: ['AppTraces', '| where Message has "Message parked:"', '| project Parked = TimeGenerated, Message', '| order by Parked desc'],
    none: 'None was parked in this time. Those that were parked before may still be: the dashboard has them.',
  },
  {
    title: 'Duration of cluster scans, in milliseconds',
    query: [
      'AppDependencies',
      '| where Name == "scan-cluster"',
      '| summarize Half = percentile(DurationMs, 50), Most = percentile(DurationMs, 95) by Hour = bin(TimeGenerated, 1h)',
    ],
    none: 'No cluster was scanned in this time.',
    chart: 'timechart',
  },
  {
    title: 'Calls to Azure and to clusters',
    query: [
      'AppDependencies',
      '| where Name startswith "azure " or Name startswith "kubernetes "',
      '| summarize Calls = count(), Failed = countif(Success == false), Most = percentile(DurationMs, 95) by Name',
      '| order by Failed desc, Most desc',
    ],
    none: 'Nothing was called in this time.',
  },
  {
    title: 'Failures of functions',
    query: [
      'AppExceptions',
      '| summarize Failures = count(), Newest = max(TimeGenerated) by OperationName, OuterMessage',
      '| order by Failures desc',
      '| take 50',
    ],
    none: 'No function failed in this time.',
  },
];

/** The Azure Monitor workbook as the template deploys it, with placeholders for the app and the workspace. */
export function workbook(): string {
  const content = {
    version: 'Notebook/1.0',
    items: [heading(), parameters(), ...QUESTIONS.map(question)],
    fallbackResourceIds: [WORKSPACE],
    isLocked: false,
    $schema: 'https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json',
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

function heading(): object {
  const json = `# Kataudit\n\nWhat the app logged about its audits. Open findings are in [the dashboard](${APP}/api/dashboard).`;
  return { type: 1, content: { json }, name: 'heading' };
}

function parameters(): object {
  const spans = [1, 2, 7, 14, 30].map((days) => ({ durationMs: days * DAY_MS }));
  const time = {
    id: idOf('Time'),
    version: 'KqlParameterItem/1.0',
    name: 'Time',
    type: 4,
    isRequired: true,
    value: { durationMs: 7 * DAY_MS },
    typeSettings: { selectableValues: spans, allowCustom: true },
  };
  return {
    type: 9,
    content: { version: 'KqlParameterItem/1.0', parameters: [time], style: 'pills', queryType: 0, resourceType: RESOURCE_TYPE },
    name: 'time',
  };
}

function question({ title, query, none, chart }: Question): object {
  const content = {
    version: 'KqlItem/1.0',
    query: query.join('\n'),
    size: 0,
    title,
    noDataMessage: none,
    timeContextFromParameter: 'Time',
    queryType: 0,
    resourceType: RESOURCE_TYPE,
    visualization: chart ?? 'table',
    ...(chart === undefined ? { gridSettings: { rowLimit: 500, filter: true } } : {}),
  };
  return { type: 3, content, name: title };
}

/** The same id at every deployment, so that an open workbook stays the same. */
function idOf(name: string): string {
  const hex = createHash('sha256').update(`kataudit ${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
