import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { KATA_IMAGES, kataImageOf, kataVersionJump } from '../../../shared/domain/images/kata-images.ts';
import { parseNodeImage } from '../../../shared/domain/images/node-image.ts';

const TABLE = readFileSync(join(import.meta.dirname, '../../fixtures/kata-image-kernels.tsv'), 'utf8')
  .trim()
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .map((line) => line.split('\t'));

describe('the Kata images', () => {
  it('are those of the release notes', () => {
    expect(
      KATA_IMAGES.map(({ nodeImageVersion, guestKernel, nodeKernel, kataVersion }) => [
        nodeImageVersion,
        guestKernel,
        nodeKernel,
        kataVersion,
      ]),
    ).toEqual(TABLE);
  });

  it('all parse as Kata images', () => {
    expect(KATA_IMAGES.filter(({ nodeImageVersion }) => parseNodeImage(nodeImageVersion)?.features.kata !== true)).toEqual([]);
  });

  it('are found with a patch level, and not found for another image', () => {
    expect(kataImageOf('AKSAzureLinux-V3katagen2-202605.27.0-2026.06.01')?.kataVersion).toBe('3.19.1.kata3-2.azl3');
    expect(kataImageOf('AKSAzureLinux-V2katagen2-202605.27.0')).toBeUndefined();
    expect(kataImageOf(undefined)).toBeUndefined();
  });
});

describe('a change of the Kata version', () => {
  const image = (release: string) => `AKSAzureLinux-V3katagen2-${release}`;

  it.each([
    ['202608.06.1', '202608.14.0', 'the newer image changes Kata Containers from 3.19.1 to 3.32.0'],
    ['202607.29.0', '202608.06.1', undefined],
    ['202608.14.0', '202608.20.0', undefined],
    ['202608.14.0', '202608.06.1', undefined],
    ['202608.06.1', '202699.14.0', undefined],
    ['202609.15.0', '202609.23.0', 'the newer image changes Kata Containers from 3.32.0 to 4.1.0'],
    // Newer than all known release notes: the Kata version does not decrease.
    ['202608.06.1', '202611.18.0', 'the newer image changes Kata Containers from 3.19.1 to 4.1.0 or later'],
    ['202609.23.0', '202611.18.0', undefined],
    // Between two known releases with the same version, and between two with different ones.
    ['202606.08.0', '202608.14.1', 'the newer image changes Kata Containers from 3.19.1 to 3.32.0'],
    ['202608.10.0', '202608.14.0', undefined],
    ['202607.29.0', '202608.10.0', undefined],
    // Older than all known releases.
    ['202512.18.0', '202608.14.0', 'the newer image changes Kata Containers from 3.19.1 or earlier to 3.32.0'],
    ['202512.18.0', '202601.27.0', undefined],
    ['202608.06.1', '202608.06.1', undefined],
  ])('from %s to %s', (from, to, expected) => {
    expect(kataVersionJump(image(from), image(to))).toBe(expected);
  });

  it.each([
    ['4.1.9', undefined],
    ['4.2.0', 'the newer image changes Kata Containers from 4.1.0 to 4.2.0'],
    ['10.32.15.kata0-3.azl3', 'the newer image changes Kata Containers from 4.1.0 to 10.32.15'],
    ['kata-5.1.0', 'the newer image changes Kata Containers from 4.1.0 to kata-5.1.0'],
    ['5.1.0', 'the newer image changes Kata Containers from 4.1.0 to 5.1.0'],
  ])('is one of its major or minor version: to %s', (kataVersion, expected) => {
    const kernels = [{ nodeImageVersion: image('202612.01.0'), guestKernel: '', nodeKernel: '', kataVersion }];
    expect(kataVersionJump(image('202610.08.0'), image('202612.01.0'), { kernels, newest: [] })).toBe(expected);
    // An image that nobody knows lies between two versions, and is no change of itself.
    expect(kataVersionJump(image('202611.30.0'), image('202611.30.0'), { kernels, newest: [] })).toBeUndefined();
  });

  it('is not reported between images of different variants, or for an invalid image', () => {
    expect(kataVersionJump('AKSAzureLinux-V2katagen2-202509.05.0', image('202608.14.0'))).toBeUndefined();
    expect(kataVersionJump(image('202608.06.1'), 'AKSAzureLinux-V3gen2-202608.14.0')).toBeUndefined();
    expect(kataVersionJump(undefined, image('202608.14.0'))).toBeUndefined();
    expect(kataVersionJump(image('202608.06.1'), 'newest')).toBeUndefined();
  });
});
