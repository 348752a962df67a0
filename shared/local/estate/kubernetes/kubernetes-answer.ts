import { type Answer, json, type Question } from '../server/answer.ts';
import type { KubernetesObject } from './pod-object.ts';
import { encodeEnvelope } from './protobuf.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Whether the client prefers protobuf; the first supported media type decides. */
export function wantsProtobuf({ headers }: Question): boolean {
  for (const one of (headers.accept ?? '*/*').split(',')) {
    const [type, ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    if (parameters.some((parameter) => parameter.startsWith('as='))) continue;
    if (type === PROTOBUF) return true;
    if (type === 'application/json' || type === 'application/*' || type === '*/*') return false;
  }
  return false;
}

/** One object, in the encoding that the client asked for. */
export function object(question: Question, code: number, apiVersion: string, kind: string, value: KubernetesObject): Answer {
  if (!wantsProtobuf(question)) return json(code, { kind, apiVersion, ...value });
  return { status: code, headers: { 'content-type': PROTOBUF }, body: encodeEnvelope(apiVersion, kind, value) };
}

/** A failure in the format of Kubernetes. */
export function status(question: Question, code: number, reason: string, message: string): Answer {
  const value = { metadata: {}, status: 'Failure', message, reason, code };
  const body = wantsProtobuf(question) ? { ...value, metadata: { resourceVersion: '' } } : value;
  return object(question, code, 'v1', 'Status', body);
}
