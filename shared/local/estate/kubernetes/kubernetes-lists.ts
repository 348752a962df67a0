import { given } from '../../../domain/snapshot/given.ts';
import { type Answer, json, type Question } from '../server/answer.ts';
import { status, wantsProtobuf } from './kubernetes-answer.ts';
import type { ClusterObjects, ObjectFields, ResourceKind, StoredObject } from './kubernetes-resources.ts';
import { tableOf, wantsTable } from './kubernetes-table.ts';
import { encodeList, type ListHead } from './protobuf.ts';

/** The content of an API server at one resource version. */
export interface Revision {
  readonly resourceVersion: string;
  readonly objects: ClusterObjects;
}

/** The revisions that an API server still keeps, newest first; lists that began on older ones have expired. */
export type Revisions = readonly [Revision, ...Revision[]];

interface ContinueToken {
  readonly rv: string;
  readonly start: number;
}

type Selects = (object: StoredObject) => boolean;

/** Answers a list as a real API server does: in pages of one resource version, without newer changes. */
export function answerList(revisions: Revisions, kind: ResourceKind, namespace: string | undefined, question: Question): Answer {
  const { searchParams } = question.url;
  const refuse = (code: number, reason: string, message: string) => status(question, code, reason, message);
  const limit = Number(searchParams.get('limit') ?? '0');
  if (!Number.isInteger(limit) || limit < 0) return refuse(400, 'BadRequest', 'limit: expected a whole number of 0 or more.');
  const token = readToken(searchParams.get('continue'));
  if (token === 'invalid') return refuse(400, 'BadRequest', 'continue key is not valid: it was not made by this server.');
  const revision = token === undefined ? revisions[0] : revisions.find(({ resourceVersion }) => resourceVersion === token.rv);
  if (revision === undefined) {
    return refuse(410, 'Expired', 'The provided continue parameter is too old to display a consistent list result.');
  }
  const selector = selectorOf(searchParams);
  if (typeof selector === 'string') return refuse(400, 'BadRequest', selector);
  const inNamespace: Selects = ({ fields }) => namespace === undefined || fields['metadata.namespace'] === namespace;
  const held = revision.objects[kind.plural];
  const all = selector.active || namespace !== undefined ? held.filter((one) => inNamespace(one) && selector.selects(one)) : held;
  const start = token?.start ?? 0;
  const page = limit === 0 ? all.slice(start) : all.slice(start, start + limit);
  const left = all.length - start - page.length;
  const next: ContinueToken = { rv: revision.resourceVersion, start: start + page.length };
  return listAnswer(kind, page, question, {
    resourceVersion: revision.resourceVersion,
    continue: left > 0 ? Buffer.from(JSON.stringify(next)).toString('base64url') : '',
    // A real server does not report the number of remaining objects if a selector is given.
    remainingItemCount: left > 0 && !selector.active ? left : undefined,
  });
}

function listAnswer(kind: ResourceKind, page: readonly StoredObject[], question: Question, head: ListHead): Answer {
  const listKind = `${kind.kind}List`;
  if (wantsProtobuf(question)) {
    const items = page.map((one) => one.protobuf());
    return {
      status: 200,
      headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
      body: encodeList(kind.apiVersion, listKind, head, items),
    };
  }
  const metadata = {
    resourceVersion: head.resourceVersion,
    ...(head.continue === '' ? {} : { continue: head.continue }),
    ...given({ remainingItemCount: head.remainingItemCount }),
  };
  if (wantsTable(question)) return json(200, tableOf(kind, page, metadata, new Date()));
  const body = JSON.stringify({ kind: listKind, apiVersion: kind.apiVersion, metadata, items: page.map((one) => one.json()) });
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

function readToken(text: string | null): ContinueToken | 'invalid' | undefined {
  if (text === null || text === '') return undefined;
  try {
    const { rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof rv === 'string' && Number.isInteger(start) && start >= 0 ? { rv, start } : 'invalid';
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return 'invalid';
    throw error;
  }
}

/** Both selectors of a list, or what is wrong with one of them. */
function selectorOf(query: URLSearchParams): { readonly active: boolean; readonly selects: Selects } | string {
  const terms = [...split(query.get('fieldSelector')).map(fieldTerm), ...split(query.get('labelSelector')).map(labelTerm)];
  const wrong = terms.find((term) => typeof term === 'string');
  if (typeof wrong === 'string') return wrong;
  const tests = terms.filter((term) => typeof term === 'function');
  return { active: tests.length > 0, selects: (object) => tests.every((test) => test(object)) };
}

function split(text: string | null): string[] {
  return (text ?? '').split(',').filter((term) => term.trim() !== '');
}

function fieldTerm(term: string): Selects | string {
  const [, name = '', operator, value = ''] = /^([A-Za-z.]+)(==?|!=)(.*)$/.exec(term) ?? [];
  if (!isField(name)) return `field label not supported: ${term}`;
  return ({ fields }) => (fields[name] === value) === (operator !== '!=');
}

function isField(name: string): name is keyof ObjectFields {
  return ['metadata.name', 'metadata.namespace', 'spec.nodeName', 'status.phase'].includes(name);
}

function labelTerm(term: string): Selects | string {
  const [, not, name = '', operator, value = ''] = /^(!?)([A-Za-z0-9./_-]+?)(?:(==?|!=)(.*))?$/.exec(term) ?? [];
  if (name === '') return `unable to parse requirement: ${term}`;
  if (operator === undefined) return ({ labels }) => Object.hasOwn(labels, name) === (not === '');
  return ({ labels }) => (labels[name] === value) === (operator !== '!=');
}
