import type { EstateWorkload } from '../model.ts';
import type { PlacedPod } from './placement.ts';
import { type PodContext, type PodIdentity, podIdentity, podObject } from './pod-object.ts';
import { encodeObject } from './protobuf.ts';

interface Template {
  readonly bytes: Buffer;
  readonly places: readonly { readonly field: keyof PodIdentity; readonly at: number }[];
}

const FIELDS = ['name', 'uid', 'resourceVersion', 'nodeName', 'hostIp', 'podIp', 'containerId'] as const satisfies (keyof PodIdentity)[];

/** Texts whose length and characters each take one byte in protobuf. */
const SHORT_ASCII = /^[ -~]{0,127}$/;

/**
 * Encodes the pods of a cluster. Pods of one workload differ in a few texts of equal length, so one is encoded and the others are
 * copies in which these texts are overwritten. Encoding a million pods one by one would take too long.
 */
export class PodEncoder {
  readonly #context: PodContext;
  readonly #templates = new Map<EstateWorkload, Map<string, Template>>();

  constructor(context: PodContext) {
    this.#context = context;
  }

  /** The pod in protobuf, without the envelope. */
  encode(pod: PlacedPod): Buffer {
    const identity = podIdentity(pod, this.#context);
    // The pods of a StatefulSet also differ in labels.
    const alone = pod.workload.kind === 'StatefulSet' || FIELDS.some((field) => !SHORT_ASCII.test(identity[field]));
    if (alone) return encodeObject('Pod', podObject(pod, this.#context));
    const templates = this.#templatesOf(pod.workload);
    const key = [pod.phase, pod.waiting, ...FIELDS.map((field) => identity[field].length)].join();
    const template = templates.get(key);
    if (template === undefined) {
      const bytes = encodeObject('Pod', podObject(pod, this.#context));
      templates.set(key, { bytes, places: placesOf(bytes, identity) });
      return bytes;
    }
    const copy = Buffer.from(template.bytes);
    for (const { field, at } of template.places) copy.write(identity[field], at, 'latin1');
    return copy;
  }

  #templatesOf(workload: EstateWorkload): Map<string, Template> {
    const templates = this.#templates.get(workload) ?? new Map<string, Template>();
    this.#templates.set(workload, templates);
    return templates;
  }
}

/** The offsets of the texts of the identity; each follows the byte with its length. */
function placesOf(bytes: Buffer, identity: PodIdentity): Template['places'] {
  return FIELDS.flatMap((field) => {
    const text = identity[field];
    if (text === '') return [];
    const needle = Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
    const places: { field: keyof PodIdentity; at: number }[] = [];
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at + 1)) places.push({ field, at: at + 1 });
    return places;
  });
}
