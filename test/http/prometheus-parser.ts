/** A metric as a scraper reads it. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?|NaN|[+-]Inf)$/i;

/**
 * Parses Prometheus' text format 0.0.4 strictly, and throws at everything that a scraper would refuse or misread:
 * a family in two places, a series twice, a sample before its type, a bad escape, no line feed at the end.
 */
export function parseMetrics(text: string): readonly Family[] {
  if (!text.endsWith('\n')) throw new Error('The last line has no line feed.');
  const families = new Map<string, { name: string; help: string; type: string; samples: Family['samples'][number][] }>();
  const series = new Set<string>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (comment !== null) {
      const [, kind = '', name = '', rest = ''] = comment;
      if (kind === 'HELP') {
        if (families.has(name) || !NAME.test(name)) throw new Error(`The family ${name} stands twice, or has no name: ${line}`);
        families.set(name, { name, help: unescaped(rest, /\\([\\n])/g), type: '', samples: [] });
        current = name;
      } else {
        const family = families.get(name);
        if (family === undefined || name !== current || family.type !== '' || family.samples.length > 0)
          throw new Error(`Misplaced: ${line}`);
        family.type = rest;
      }
      continue;
    }
    const { name, labels, value } = parseSample(line);
    const family = families.get(name);
    if (family === undefined || name !== current || family.type === '') throw new Error(`Outside its family: ${line}`);
    const id = `${name}${JSON.stringify(Object.entries(labels).sort())}`;
    if (series.has(id)) throw new Error(`The series stands twice: ${line}`);
    series.add(id);
    family.samples.push({ labels, value });
  }
  return [...families.values()];
}

function parseSample(line: string) {
  const match = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/.exec(line);
  const [, name = '', labelText = '', valueText = ''] = match ?? [];
  if (match === null || !NAME.test(name) || !VALUE.test(valueText)) throw new Error(`Not a sample: ${line}`);
  return { name, labels: parseLabels(labelText, line), value: Number(valueText.replace('Inf', 'Infinity')) };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const pair = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    if (match === null) throw new Error(`Bad labels: ${line}`);
    const [, name = '', value = ''] = match;
    if (Object.hasOwn(labels, name)) throw new Error(`The label ${name} stands twice: ${line}`);
    labels[name] = unescaped(value, /\\([\\"n])/g);
  }
  return labels;
}

function unescaped(text: string, escapes: RegExp): string {
  return text.replaceAll(escapes, (_, character: string) => (character === 'n' ? '\n' : character));
}
