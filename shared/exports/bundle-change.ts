import { z } from 'zod';
import { canonicalJson } from '../domain/evidence/canonical-json.ts';
import { subjectKey } from '../domain/snapshot/subject.ts';
import { SUBJECT_SCHEMA } from '../domain/snapshot/subject-schema.ts';
import { parseJson } from '../domain/text/json.ts';
import { type Manifest, markOf } from './bundle.ts';

const Entry = z.object({ name: z.string(), content: z.unknown() });
const Item = z.looseObject({ id: z.string().optional(), ruleId: z.string().optional(), subject: z.unknown().optional() });

/**
 * Describes the first difference between a bundle's entries and its manifest. `line` is the line at that position; `undefined` if there
 * is none.
 */
export function whatChanged({ entries }: Manifest, at: number, line: string | undefined): string {
  const expected = entries[at];
  const found = line === undefined ? undefined : readEntry(line.replace(/,$/, ''));
  if (expected === undefined) return `Entry ${at + 1} (${found?.name ?? 'unreadable'}) was added at the end.`;
  if (line === undefined) return `The entry ${expected.name} was removed.`;
  if (found === undefined) return `The entry ${expected.name} was changed: it can no longer be read.`;
  if (found.name !== expected.name) return otherName(entries, at, expected.name, found.name);
  const marks = expected.marks;
  if (marks === undefined || !Array.isArray(found.content)) return `The entry ${expected.name} was changed.`;
  return `In the entry ${expected.name}, ${changedItem(marks, found.content)}`;
}

function otherName(entries: Manifest['entries'], at: number, expected: string, found: string): string {
  const elsewhere = entries.findIndex(({ name }) => name === found);
  if (elsewhere > at) return `The entry ${expected} was removed.`;
  if (elsewhere >= 0) return `The entry ${found} appears twice, where ${expected} should be.`;
  return `The entry ${expected} was replaced by, or has before it, ${JSON.stringify(found)}, which is not in the manifest.`;
}

function changedItem(marks: readonly string[], content: readonly unknown[]): string {
  const now = content.map(markOf);
  const at = marks.findIndex((mark, index) => mark !== now[index]);
  if (at < 0)
    return now.length > marks.length ? `${labelOf(content[marks.length])} was added.` : 'the spelling was changed, not the content.';
  const mark = marks[at];
  const item = content[at];
  if (now.length < marks.length && (item === undefined || now[at] === marks[at + 1]))
    return `item ${at + 1} was removed${before(content, at)}.`;
  if (now.length > marks.length && now[at + 1] === mark) return `${labelOf(item)} was added.`;
  return `item ${at + 1}, ${labelOf(item)}, was changed.`;
}

function before(content: readonly unknown[], at: number): string {
  return at === 0 ? '' : `, behind ${labelOf(content[at - 1])}`;
}

/** The name of an item: the id of a finding or exemption, or the rule and subject of a verdict. */
function labelOf(item: unknown): string {
  const parsed = Item.safeParse(item);
  if (!parsed.success) return canonicalJson(item).slice(0, 80);
  const { id, ruleId, subject } = parsed.data;
  if (id !== undefined) return id;
  const about = SUBJECT_SCHEMA.safeParse(subject);
  return `the verdict of ${ruleId ?? 'a rule'}${about.success ? ` on ${subjectKey(about.data)}` : ''}`;
}

function readEntry(text: string): z.output<typeof Entry> | undefined {
  const parsed = Entry.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}
