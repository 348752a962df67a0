import { expect, test } from 'vitest';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { placePods } from '../../../shared/local/estate/placement.ts';
import { PodEncoder } from '../../../shared/local/estate/pod-encoder.ts';
import { podObject } from '../../../shared/local/estate/pod-object.ts';
import { encodeObject } from '../../../shared/local/estate/protobuf.ts';

const estate = defaultEstate('encoder test', new Date('2026-09-01T12:00:00.000Z'));

test('a copied pod is byte for byte the pod that would have been encoded', () => {
  const createdAt = '2026-08-31T12:00:00Z';
  let compared = 0;
  for (const cluster of estate.subscriptions.flatMap(({ clusters }) => clusters)) {
    const context = { seed: estate.seed, cluster, createdAt };
    const encoder = new PodEncoder(context);
    for (const pod of placePods(cluster)) {
      expect(encoder.encode(pod).equals(encodeObject('Pod', podObject(pod, context))), pod.name).toBe(true);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(3_000);
});
