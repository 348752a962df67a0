import type { Finding, HistoryEntry } from './finding.ts';

/** The size limit of a finding's JSON. Evidence about ten thousand pods is no more useful than about a hundred. */
const MAX_FINDING_UNITS = 60_000;
/** How many facts, and how many members of each, are kept of a finding that is too large: the first of these values that makes it fit. */
const KEPT_FACTS = [100, 10, 0];
const MAX_TEXT = 2_000;

/** The finding as stored: evidence that is too large is cut, and the cut is noted. */
export function fitted(finding: Finding): Finding {
  if (fits(finding)) return finding;
  const cut = KEPT_FACTS.map((kept) => shorten(finding, kept));
  return cut.find(fits) ?? finding;
}

/** Whether a finding can be stored: its evidence can be cut, its subject cannot. */
export function isStorable(finding: Finding): boolean {
  return fits(fitted(finding));
}

function fits(finding: Finding): boolean {
  return JSON.stringify(finding).length <= MAX_FINDING_UNITS;
}

/** The history entry as stored: a message that is too long is cut. */
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
