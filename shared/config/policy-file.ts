import { isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Policy } from '../domain/policy/policy.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { counted } from '../domain/text/counted.ts';
import { checkMeaning, type Mistake } from './policy-checks.ts';
import { PolicyFile } from './policy-schema.ts';

/** A policy is read into memory; a larger file is not a policy. */
const MAX_LENGTH = 1_048_576;

type Yaml = ReturnType<typeof parseDocument>;

/**
 * Reads a policy; throws one `Fault` that lists every mistake with its line and what was expected.
 * With `knownRules`, an unknown rule is a mistake, too.
 */
export function parsePolicy(text: string, source = 'the policy', knownRules?: readonly string[]): Policy {
  if (text.length > MAX_LENGTH) throw new Fault('too-large', `${source} is longer than ${MAX_LENGTH} characters.`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  const broken = document.errors.map(({ message, pos }) => `line ${lines.linePos(pos[0]).line}: ${message}`);
  if (broken.length > 0) throw mistakes(source, broken);
  const value = plainValue(document, source);
  const result = PolicyFile.safeParse(value);
  const wrong = result.success ? [] : result.error.issues.flatMap(mistakesOf);
  const found = [...wrong, ...checkMeaning(value, knownRules)].map((one) => ({ ...one, line: lineOf(document, lines, one.path) }));
  if (!result.success || found.length > 0) {
    const sorted = found.toSorted((one, other) => one.line - other.line);
    throw mistakes(
      source,
      sorted.map(({ line, path, message }) => `line ${line}: ${nameOf(path)}: ${message}`),
    );
  }
  return result.data;
}

/** Throws for aliases that expand without limit (an attack) and for an alias without an anchor (a mistake). */
function plainValue(document: Yaml, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (cause) {
    throw new Fault('malformed', `${source} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** One mistake for each unknown key, at its own line. */
function mistakesOf(issue: z.core.$ZodIssue): readonly Mistake[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: wordsOf(issue) }];
  return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'there is no such key' }));
}

/** The message of the schema without its prefix, which means nothing to users. */
function wordsOf({ message }: z.core.$ZodIssue): string {
  return message.replace(/^Invalid input: (.*), received undefined$/, 'is missing; $1').replace(/^Invalid (?:input|option): /, '');
}

/** The line of the value at a path, or of the nearest parent that exists. */
function lineOf(document: Yaml, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const at = path.slice(0, length);
    const node = document.getIn(at, true);
    const offset = keyOffset(document, at) ?? (isNode(node) ? node.range?.[0] : undefined);
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

/** The position of a key; its value may begin on the next line. */
function keyOffset(document: Yaml, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length < 2 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isNode(key) && String(key) === String(path.at(-1)));
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined;
}

/** Formats a path as people write it, such as `exemptions[0].rule`. */
function nameOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'policy';
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`;
    return name === '' ? String(key) : `${name}.${String(key)}`;
  }, '');
}

function mistakes(source: string, problems: readonly string[]): Fault {
  return new Fault('malformed', `${source} has ${counted(problems.length, 'mistake')}:\n${problems.map((one) => `  - ${one}`).join('\n')}`);
}
