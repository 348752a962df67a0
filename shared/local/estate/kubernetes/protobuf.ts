import protobuf from 'protobufjs';
import type { KubernetesObject } from './pod-object.ts';
import { KUBERNETES_SCHEMA } from './protobuf-schema.ts';

/** Every protobuf answer of an API server begins with these bytes. */
const MAGIC = Buffer.from('k8s\0', 'latin1');

/** Members that Go embeds: in JSON their fields are in the parent itself. */
const EMBEDDED = new Set(['volumeSource', 'persistentVolumeSource', 'localObjectReference', 'handler', 'ephemeralContainerCommon']);

/** Field numbers of the parts that are encoded by hand. */
const LIST_METADATA = 1;
const LIST_ITEMS = 2;
const UNKNOWN_TYPE_META = 1;
const UNKNOWN_RAW = 2;

let schema: protobuf.Root | undefined;

function typeOf(name: string): protobuf.Type {
  if (schema === undefined) {
    schema = protobuf.parse(KUBERNETES_SCHEMA, { keepCase: true }).root;
    schema.resolveAll();
  }
  return schema.lookupType(name);
}

/** The metadata of a list. */
export interface ListHead {
  readonly resourceVersion: string;
  readonly continue: string;
  readonly remainingItemCount: number | undefined;
}

/** Encodes one object of a kind, without the envelope. */
export function encodeObject(kind: string, object: KubernetesObject): Buffer {
  return encode(kind, object);
}

/**
 * A list of encoded objects, in the envelope that is sent. Large lists are concatenated here in one copy, because an encoder would
 * copy every byte three times.
 */
export function encodeList(apiVersion: string, kind: string, head: ListHead, items: readonly Buffer[]): Buffer {
  const metadata = encode('ListMeta', { ...head });
  const parts = [fieldHead(LIST_METADATA, metadata.length), metadata];
  for (const item of items) parts.push(fieldHead(LIST_ITEMS, item.length), item);
  return envelope(apiVersion, kind, parts);
}

/** One object or Status, in the envelope that is sent. */
export function encodeEnvelope(apiVersion: string, kind: string, object: KubernetesObject): Buffer {
  return envelope(apiVersion, kind, [encode(kind, object)]);
}

function envelope(apiVersion: string, kind: string, raw: readonly Buffer[]): Buffer {
  const rawLength = raw.reduce((sum, { length }) => sum + length, 0);
  const typeMeta = encode('TypeMeta', { apiVersion, kind });
  const rest = encode('Unknown', {});
  return Buffer.concat([MAGIC, fieldHead(UNKNOWN_TYPE_META, typeMeta.length), typeMeta, fieldHead(UNKNOWN_RAW, rawLength), ...raw, rest]);
}

/** What precedes a field's bytes: its number with the wire type of bytes, and its length. */
function fieldHead(number: number, length: number): Buffer {
  const bytes = [(number << 3) | 2];
  let left = length;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return Buffer.from([...bytes, left]);
}

function encode(kind: string, object: KubernetesObject): Buffer {
  const type = typeOf(kind);
  return Buffer.from(type.encode(wireOf(type, object)).finish());
}

/** Converts an object in JSON to its protobuf message. */
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
