import { expect, test } from 'vitest';
import { defaultEstate } from '../../../../shared/local/estate/default-estate.ts';
import { placePods } from '../../../../shared/local/estate/kubernetes/placement.ts';
import { PodEncoder } from '../../../../shared/local/estate/kubernetes/pod-encoder.ts';
import { podObject } from '../../../../shared/local/estate/kubernetes/pod-object.ts';
import { encodeObject } from '../../../../shared/local/estate/kubernetes/protobuf.ts';

const estate = defaultEstate('encoder test', new Date('2026-09-01T12:00:00.000Z'));

/** A prime, so that every position in the cycle of nodes occurs. */
const EVERY = 7;

test('a copied pod is byte for byte the same as an encoded one', () => {
  const createdAt = '2026-08-31T12:00:00Z';
  let compared = 0;
  for (const cluster of estate.subscriptions.flatMap(({ clusters }) => clusters)) {
    const context = { seed: estate.seed, cluster, createdAt };
    const encoder = new PodEncoder(context);
    for (const [at, pod] of placePods(cluster).entries()) {
      const encoded = encoder.encode(pod);
      if (at % EVERY !== 0) continue;
      expect(encoded.equals(encodeObject('Pod', podObject(pod, context))), pod.name).toBe(true);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(500);
});
