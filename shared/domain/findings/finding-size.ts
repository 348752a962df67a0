import type { Finding, HistoryEntry } from './finding.ts';

/** A finding's JSON is cut down to this: the evidence of ten thousand pods is not more telling than that of a hundred. */
const MAX_FINDING_UNITS = 60_000;
/** How many facts, and how many members of each, are kept of a finding that is too large: the first of these that does it. */
const KEPT_FACTS = [100, 10, 0];
const MAX_TEXT = 2_000;

/** A finding as it is kept: evidence that is too large is cut, and says so. */
export function fitted(finding: Finding): Finding {
  if (fits(finding)) return finding;
  const cut = KEPT_FACTS.map((kept) => shorten(finding, kept));
  return cut.find(fits) ?? finding;
}

/** Whether a finding can be stored: evidence can be cut, but not who it is about. */
export function isStorable(finding: Finding): boolean {
  return fits(fitted(finding));
}

function fits(finding: Finding): boolean {
  return JSON.stringify(finding).length <= MAX_FINDING_UNITS;
}

/** A line of history as it is kept: a message that is too long is cut. */
export function fittedLine(entry: HistoryEntry): HistoryEntry {
  return { ...entry, message: cutText(entry.message) };
}

function shorten(finding: Finding, kept: number): Finding {
  const facts = Object.entries(finding.facts)
    .slice(0, kept)
    .map(([name, value]) => {
      if (typeof value === 'string') return [name, cutText(value)];
      if (typeof value !== 'object') return [name, value];
      const cut = value.length > kept ? [`… (cut: ${value.length - kept} more)`] : [];
      return [name, [...value.slice(0, kept).map((one) => one.slice(0, 300)), ...cut]];
    });
  return {
    ...finding,
    message: cutText(finding.message),
    remediation: cutText(finding.remediation),
    facts: { ...Object.fromEntries(facts), evidenceCut: true },
  };
}

function cutText(value: string): string {
  return value.length <= MAX_TEXT ? value : `${value.slice(0, MAX_TEXT)} … (cut)`;
}
