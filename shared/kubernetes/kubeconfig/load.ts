import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parseAllDocuments, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { KubeconfigFile } from './entries.ts';

/** Environment variables, from which the same ones are read as by kubectl. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** One named entry, not parsed yet, and the folder from which its relative paths start. */
export interface Entry {
  readonly value: unknown;
  readonly folder: string;
  /** The name exists twice in one file, which kubectl rejects too. */
  readonly isTwice: boolean;
}

/** One kubeconfig, merged from one or several files. */
export interface Kubeconfig {
  /** The name of the source in messages. */
  readonly source: string;
  readonly currentContext: string | undefined;
  readonly contexts: ReadonlyMap<string, Entry>;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
}

/**
 * Loads the kubeconfig that kubectl would use: the given file, else the files of `$KUBECONFIG`, else `~/.kube/config`. The first file
 * that defines an entry wins, and missing files are skipped. Source:
 * kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig.
 */
export async function loadKubeconfig(file: string | undefined, environment: Environment): Promise<Kubeconfig> {
  const { paths, source, mayBeAbsent } = whereFrom(file, environment);
  const read = (await Promise.all(paths.map((path) => readOne(path, mayBeAbsent)))).filter((one) => one !== undefined);
  if (read.length === 0) throw new Fault('not-found', `There is no kubeconfig: ${source} does not exist. Select one with --kubeconfig.`);
  const merged = (entries: 'contexts' | 'clusters' | 'users') => {
    const all = new Map<string, Entry>();
    for (const { folder, config } of read) {
      for (const [name, [first, ...others]] of Map.groupBy(config[entries], (entry) => entry.name)) {
        if (!all.has(name)) all.set(name, { value: first?.[ONE[entries]], folder, isTwice: others.length > 0 });
      }
    }
    return all;
  };
  return {
    source,
    currentContext: read.map(({ config }) => config['current-context']).find((name) => name !== undefined),
    contexts: merged('contexts'),
    clusters: merged('clusters'),
    users: merged('users'),
  };
}

const ONE = { contexts: 'context', clusters: 'cluster', users: 'user' } as const;

function whereFrom(file: string | undefined, { KUBECONFIG = '', HOME = '', USERPROFILE = '' }: Environment) {
  if (file !== undefined) return { paths: [file], source: file, mayBeAbsent: false };
  const listed = KUBECONFIG.split(delimiter).filter((path) => path !== '');
  if (listed.length > 0) return { paths: listed, source: listed.join(delimiter), mayBeAbsent: true };
  const usual = join(HOME || USERPROFILE, '.kube', 'config');
  return { paths: [usual], source: usual, mayBeAbsent: true };
}

async function readOne(path: string, mayBeAbsent: boolean) {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (mayBeAbsent && cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new Fault('malformed', `The kubeconfig ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  return { folder: dirname(resolve(path)), config: parsed(text, path) };
}

/** Like kubectl: only the first document counts, the last of duplicate keys wins, and `<<` merges. */
function firstDocument(text: string): unknown {
  const [first] = parseAllDocuments(text, { uniqueKeys: false, merge: true });
  const [error] = first?.errors ?? [];
  if (error !== undefined) throw error;
  return first?.toJS();
}

/** No message quotes the file, because a line may contain a token. */
function parsed(text: string, path: string): z.infer<typeof KubeconfigFile> {
  try {
    return KubeconfigFile.parse(firstDocument(text) ?? {});
  } catch (error) {
    if (error instanceof YAMLParseError) {
      const at = error.linePos?.[0];
      const where = at === undefined ? '' : ` at line ${at.line}, column ${at.col}`;
      throw new Fault('malformed', `The kubeconfig ${path} cannot be read: it is not valid YAML${where}.`);
    }
    if (error instanceof z.ZodError) throw new Fault('malformed', `${path} is not a kubeconfig: ${problemsOf(error)}.`);
    throw error;
  }
}

/** Describes which fields are invalid, never their values. */
export function problemsOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, 3)
    .map(
      ({ path, ...issue }) => `${path.join('.') || 'the file'} is ${'expected' in issue ? `not of type ${issue.expected}` : 'not valid'}`,
    )
    .join('; ');
}
