/** A panel of a Grafana dashboard without its position. */
export interface Panel {
  readonly type: 'stat' | 'timeseries' | 'table';
  readonly title: string;
  readonly description: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly height: number;
  readonly queries: readonly Query[];
  readonly options?: object;
  readonly defaults?: object;
  readonly overrides?: readonly object[];
  readonly transformations?: readonly object[];
}

/** A query to Prometheus, and the name of its result. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
  readonly instant: boolean;
}

/** A link from a value to a page. */
export interface Link {
  readonly title: string;
  readonly url: string;
}

type Color = 'text' | 'red' | 'orange' | 'yellow';

/** Colors from a number on. Nothing is green, because a zero may mean that no scan ran. */
function steps(...from: readonly (readonly [value: number, color: Color])[]): object {
  return { mode: 'absolute', steps: [{ value: null, color: 'text' }, ...from.map(([value, color]) => ({ value, color }))] };
}

/** One number; `?` where there is none. */
export function stat(
  title: string,
  description: string,
  expr: string,
  {
    warnFrom,
    unit = 'short',
    link,
    color = 'red',
    height = 4,
  }: Readonly<{ warnFrom?: number; unit?: string; link?: Link; color?: Color; height?: number }>,
): Panel {
  return {
    type: 'stat',
    title,
    description,
    width: 4,
    height,
    queries: [{ expr, legend: title, instant: true }],
    options: { colorMode: 'value', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } },
    defaults: {
      unit,
      decimals: 0,
      noValue: '?',
      thresholds: warnFrom === undefined ? steps() : steps([warnFrom, color]),
      links: link === undefined ? [] : [{ ...link, targetBlank: true }],
    },
  };
}

/** The colors of lines, by their name. */
export type LineColors = Readonly<Record<string, string>>;

/** Lines over time; stacked if their sum has a meaning. */
export function lines(
  title: string,
  description: string,
  queries: readonly Omit<Query, 'instant'>[],
  {
    stacked = false,
    colors = {},
    width = 12,
    unit = 'short',
  }: Readonly<{ stacked?: boolean; colors?: LineColors; width?: number; unit?: string }>,
): Panel {
  return {
    type: 'timeseries',
    title,
    description,
    width,
    height: 8,
    queries: queries.map((query) => ({ ...query, instant: false })),
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    defaults: {
      unit,
      min: 0,
      custom: { fillOpacity: stacked ? 40 : 0, stacking: { mode: stacked ? 'normal' : 'none', group: 'A' }, spanNulls: false },
    },
    overrides: Object.entries(colors).map(([name, color]) => ({
      matcher: { id: 'byName', options: name },
      properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }],
    })),
  };
}

/** A column of a table that a query fills. */
export interface Column {
  readonly name: string;
  readonly expr: string;
  readonly unit?: string;
  /** Highlighted from this value on. */
  readonly warnFrom?: number;
}

/** A table with one row for each set of labels, a column for each label and for each query. */
export function table(
  title: string,
  description: string,
  labels: Readonly<Record<string, string>>,
  columns: readonly Column[],
  { links, width = 24, height = 10, sortBy }: Readonly<{ links: readonly Link[]; width?: number; height?: number; sortBy: string }>,
): Panel {
  const letters = columns.map((_, at) => (columns.length === 1 ? 'Value' : `Value #${letter(at)}`));
  return {
    type: 'table',
    title,
    description,
    width,
    height,
    queries: columns.map(({ expr, name }) => ({ expr, legend: name, instant: true })),
    options: { showHeader: true, cellHeight: 'sm', sortBy: [{ displayName: sortBy, desc: true }] },
    defaults: { noValue: '–', thresholds: steps() },
    overrides: [
      ...columns.map(({ name, unit = 'short', warnFrom }) => ({
        matcher: { id: 'byName', options: name },
        properties: [
          { id: 'unit', value: unit },
          { id: 'decimals', value: 0 },
          ...(warnFrom === undefined
            ? []
            : [
                { id: 'custom.cellOptions', value: { type: 'color-text' } },
                { id: 'thresholds', value: steps([warnFrom, 'orange']) },
              ]),
        ],
      })),
      {
        matcher: { id: 'byName', options: Object.values(labels)[0] },
        properties: [{ id: 'links', value: links.map((link) => ({ ...link, targetBlank: true })) }],
      },
    ],
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          renameByName: { ...labels, ...Object.fromEntries(columns.map(({ name }, at) => [letters[at], name])) },
          indexByName: Object.fromEntries([...Object.keys(labels), ...letters].map((name, at) => [name, at])),
        },
      },
    ],
  };
}

/** Grafana's names for the queries of a panel: A, B, C. */
export function letter(at: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + at);
}
