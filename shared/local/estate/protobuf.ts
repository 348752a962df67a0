import protobuf from 'protobufjs';
import type { KubernetesObject } from './pod-object.ts';
import { KUBERNETES_SCHEMA } from './protobuf-schema.ts';

/** Every protobuf answer of an API server begins with these bytes. */
const MAGIC = Buffer.from('k8s\0', 'latin1');

/** Members that Go embeds: in JSON their fields stand in the parent itself. */
const EMBEDDED = new Set(['volumeSource', 'localObjectReference', 'handler', 'ephemeralContainerCommon']);

let schema: protobuf.Root | undefined;

function typeOf(name: string): protobuf.Type {
  if (schema === undefined) {
    schema = protobuf.parse(KUBERNETES_SCHEMA, { keepCase: true }).root;
    schema.resolveAll();
  }
  return schema.lookupType(name);
}

/** What heads a list. */
export interface ListHead {
  readonly resourceVersion: string;
  readonly continue: string;
  readonly remainingItemCount: number | undefined;
}

/** Encodes one object of a kind, without the envelope. */
export function encodeObject(kind: string, object: KubernetesObject): Buffer {
  return encode(kind, object);
}

/** A list of encoded objects, in the envelope that goes over the wire. */
export function encodeList(apiVersion: string, kind: string, head: ListHead, items: readonly Buffer[]): Buffer {
  const type = typeOf('List');
  const metadata = wireOf(typeOf('ListMeta'), { ...head });
  return envelope(apiVersion, kind, Buffer.from(type.encode({ metadata, items }).finish()));
}

/** One object or Status, in the envelope that goes over the wire. */
export function encodeEnvelope(apiVersion: string, kind: string, object: KubernetesObject): Buffer {
  return envelope(apiVersion, kind, encode(kind, object));
}

function envelope(apiVersion: string, kind: string, raw: Buffer): Buffer {
  const unknown = typeOf('Unknown').encode({ typeMeta: { apiVersion, kind }, raw, contentEncoding: '', contentType: '' });
  return Buffer.concat([MAGIC, unknown.finish()]);
}

function encode(kind: string, object: KubernetesObject): Buffer {
  const type = typeOf(kind);
  return Buffer.from(type.encode(wireOf(type, object)).finish());
}

/** Turns an object as JSON has it into the message that protobuf has for it. */
function wireOf(type: protobuf.Type, source: KubernetesObject): KubernetesObject {
  const message: KubernetesObject = {};
  for (const field of type.fieldsArray) {
    const value = source[field.name] ?? (embeds(type, field) ? source : undefined);
    if (value !== undefined && value !== null) message[field.name] = fieldOf(field, value);
    else if (field.required) message[field.name] = field.typeDefault;
  }
  return message;
}

/** A RuntimeClass has a plain `handler` of its own; only a Probe embeds one. */
function embeds(type: protobuf.Type, field: protobuf.Field): boolean {
  return EMBEDDED.has(field.name) && type.name !== 'RuntimeClass';
}

function fieldOf(field: protobuf.Field, value: unknown): unknown {
  if (field instanceof protobuf.MapField) {
    return Object.fromEntries(Object.entries(asObject(value)).map(([key, one]) => [key, single(field, one)]));
  }
  return field.repeated && Array.isArray(value) ? value.map((one) => single(field, one)) : single(field, value);
}

function single({ resolvedType }: protobuf.Field, value: unknown): unknown {
  if (!(resolvedType instanceof protobuf.Type)) return value;
  switch (resolvedType.name) {
    case 'Time':
      return { seconds: Math.floor(Date.parse(String(value)) / 1000), nanos: 0 };
    case 'Quantity':
      return { string: String(value) };
    case 'IntOrString':
      return typeof value === 'number' ? { type: 0, intVal: value, strVal: '' } : { type: 1, intVal: 0, strVal: String(value) };
    case 'FieldsV1':
      return { Raw: Buffer.from(JSON.stringify(value)) };
    default:
      return wireOf(resolvedType, asObject(value));
  }
}

function asObject(value: unknown): KubernetesObject {
  if (typeof value !== 'object' || value === null) throw new TypeError(`Expected an object, got ${JSON.stringify(value)}.`);
  return { ...value };
}
