import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareNodeImages,
  daysBehind,
  formatNodeImage,
  imageAgeDays,
  isSameRelease,
  type NodeImage,
  parseNodeImage,
} from '../../../shared/domain/images/node-image.ts';

const REAL = readFileSync(join(import.meta.dirname, '../../fixtures/node-image-versions.txt'), 'utf8')
  .trim()
  .split('\n');

function read(text: string): NodeImage {
  const image = parseNodeImage(text);
  if (image === undefined) throw new Error(`${text} did not parse`);
  return image;
}

const two = (value: number) => String(value).padStart(2, '0');
const day = fc.record({
  year: fc.integer({ min: 2019, max: 2029 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
});
const release = fc.oneof(
  fc.tuple(day, fc.integer({ min: 0, max: 20 })).map(([d, build]) => `${d.year}${two(d.month)}.${two(d.day)}.${build}`),
  day.map((d) => `${d.year}.${two(d.month)}.${two(d.day)}`),
  fc.tuple(day, fc.integer({ min: 0, max: 9999 })).map(([d, revision]) => `20348.${revision}.${d.year - 2000}${two(d.month)}${two(d.day)}`),
);
const patch = fc.option(
  day.map((d) => `-${d.year}.${two(d.month)}.${two(d.day)}`),
  { nil: '' },
);
const image = fc.tuple(release, patch).map(([version, level]) => read(`AKSUbuntu-2204gen2containerd-${version}${level}`));

describe('a node image version', () => {
  it('has 111 different real examples', () => expect(new Set(REAL).size).toBe(111));

  it.each(REAL)('parses and prints back: %s', (text) => {
    expect(formatNodeImage(read(text))).toBe(text);
  });

  it.each([
    [
      'AKSAzureLinux-V3katagen2-202512.18.0',
      { gallery: 'AKSAzureLinux', sku: 'V3katagen2', releasedOn: '2025-12-18', build: 0, form: 'linux' },
    ],
    ['AKSAzureLinux-V3katagen2-202510.03.1', { build: 1, releasedOn: '2025-10-03' }],
    ['AKSCBLMariner-V2katagen2-2023.02.15', { form: 'linux-before-2023', releasedOn: '2023-02-15' }],
    ['AKSUbuntu:1604:2020.03.11', { variant: 'AKSUbuntu-1604', separator: ':', releasedOn: '2020-03-11' }],
    ['AKSAzureContainerLinux-202606.01.0', { variant: 'AKSAzureContainerLinux', releasedOn: '2026-06-01' }],
    ['AKSUbuntu-2204gen2containerd-202410.27.0-2024.12.01', { patchLevel: '2024.12.01', releasedOn: '2024-10-27' }],
    [
      'AKSWindows-2022-containerd-gen2-20348.4529.251212',
      { sku: '2022-containerd-gen2', osBuild: 20348, build: 4529, releasedOn: '2025-12-12' },
    ],
    ['AKSUbuntuEdgeZone-2204containerd-202512.18.0', { gallery: 'AKSUbuntuEdgeZone', variant: 'AKSUbuntuEdgeZone-2204containerd' }],
  ])('is read: %s', (text, expected) => {
    expect(parseNodeImage(text)).toMatchObject(expected);
  });

  it('is read up to its longest', () => {
    expect(read(`AKSUbuntu-${'a'.repeat(178)}-202502.28.0`).sku).toHaveLength(178);
  });

  it.each([
    ['AKSAzureLinux-V3katagen2-202512.18.0', ['kata', 'gen2']],
    ['AKSAzureLinux-V3gen2TLfips-202512.18.0', ['gen2', 'fips']],
    ['AKSWindows-2025-gen2-tlx-26100.7462.251212', ['gen2']],
    ['AKSCBLMariner-V2katagen2TL-2022.12.15', ['kata', 'gen2', 'trustedLaunch']],
    ['AKSUbuntu-2204gen2TLcontainerd-202512.18.0', ['gen2', 'trustedLaunch']],
    ['AKSWindows-2025-gen2-tl-26100.7462.251212', ['gen2', 'trustedLaunch']],
    ['AKSAzureLinux-V3gen2arm64fips-202512.18.0', ['gen2', 'arm64', 'fips']],
    ['AKSUbuntu-2404gen2CVMcontainerd-202505.27.0', ['gen2', 'confidentialVm']],
    ['AKSUbuntu-1804gen2gpu-2022.08.29', ['gen2', 'gpu']],
    ['AKSAzureLinux-V3-202512.18.0', []],
  ])('shows the features of %s', (text, features) => {
    const { features: all } = read(text);
    expect(Object.entries(all).flatMap(([name, has]) => (has ? [name] : []))).toEqual(features);
  });

  it.each([
    '',
    'AKS',
    'AKSUbuntu',
    'latest',
    'AKSUbuntu-2204',
    'AKSUbuntu-2204-202513.01.0',
    'AKSUbuntu-2204-202502.30.0',
    'AKSUbuntu-2204-202502.28',
    'AKSUbuntu-2204-202502.28.00',
    'AKSUbuntu--202502.28.0',
    'AKSUbuntu-22 04-202502.28.0',
    'AKSUbuntu:2204-202502.28.0',
    // The form with a colon has no patch level.
    'AKSUbuntu:2204:202410.27.0:2024.12.01',
    'aksubuntu-2204-202502.28.0',
    ' AKSUbuntu-2204-202502.28.0',
    'AKSUbuntu-2204-202502.28.0\n',
    'AKSWindows-2022-20348.4529.251312',
    `AKSUbuntu-${'a'.repeat(179)}-202502.28.0`,
    'AKSUbuntu-2204-x202502.28.0',
    'AKSUbuntu-2204-202502.28.0x',
    'AKSUbuntu-2204-2025.02.28x',
    'AKSUbuntu-2204-x2025.02.28',
    'AKSUbuntu-2204-190012.01.0',
    'AKSUbuntu-2204-202502.28.12345',
    'AKSUbuntu-2204\n-202502.28.0',
    'AKSWindows-2022-020348.4529.251212',
    'AKSWindows-2022-20348.04529.251212',
    'AKSWindows-2022-20348.4529.251212x',
    'AKSWindows-2022-x20348.4529.251212',
    'AKSUbuntu:22-04:202502.28.0',
    'AKSUbuntu:202502.28.0',
    'AKSUb2untu-2204-202502.28.0',
    'xAKSUbuntu-2204-202502.28.0',
    'AKSUbuntu-2204-202410.27.0-2024.13.01',
    '2204-2024.12.01-2024.12.02',
  ])('is refused: %j', (text) => {
    expect(parseNodeImage(text)).toBeUndefined();
  });

  it('is parsed from any text without throwing, and prints back when it is valid', () => {
    const near = fc.array(
      fc.oneof(fc.constantFrom('AKS', 'Ubuntu', '-', ':', '.', '2204', '202512', '18', '0', '2024.12.01'), fc.string()),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          near.map((parts) => parts.join('')),
        ),
        (text) => {
          const parsed = parseNodeImage(text);
          expect(parsed === undefined || formatNodeImage(parsed) === text).toBe(true);
        },
      ),
    );
  });
});

describe('comparison of node images', () => {
  it('is a total order within a variant', () => {
    const order = (one: NodeImage, other: NodeImage) => compareNodeImages(one, other) ?? Number.NaN;
    fc.assert(
      fc.property(image, image, image, (a, b, c) => {
        expect(order(a, b)).toBe(0 - order(b, a));
        expect(order(a, b) === 0).toBe(formatNodeImage(a) === formatNodeImage(b));
        if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it.each([
    ['AKSUbuntu-2204-2023.03.06', 'AKSUbuntu-2204-202303.13.0'],
    ['AKSUbuntu-2204-2023.03.06', 'AKSUbuntu-2204-202303.06.0'],
    ['AKSUbuntu-2204-202602.13.0', 'AKSUbuntu-2204-202602.13.2'],
    ['AKSUbuntu-2204-202602.13.9', 'AKSUbuntu-2204-202602.13.10'],
    ['AKSUbuntu-2204-202410.27.0', 'AKSUbuntu-2204-202410.27.0-2024.12.01'],
    ['AKSWindows-2022-20348.999.251110', 'AKSWindows-2022-20348.4529.251212'],
    ['AKSWindows-2022-20348.9.251212', 'AKSWindows-2022-20348.10.251212'],
    ['AKSWindows-2022-20348.9.251212', 'AKSWindows-2022-20349.1.251212'],
    ['AKSUbuntu:1604:2020.03.11', 'AKSUbuntu-1604-2021.11.06'],
  ])('puts %s before %s', (older, newer) => {
    expect(compareNodeImages(read(older), read(newer))).toBe(-1);
  });

  it('ignores the case of variants, like Azure', () => {
    expect(compareNodeImages(read('AKSUbuntu-2204GEN2containerd-202512.18.0'), read('AKSUbuntu-2204gen2containerd-202512.18.0'))).toBe(0);
  });

  it.each([
    ['AKSAzureLinux-V2katagen2-202509.05.0', 'AKSAzureLinux-V3katagen2-202512.18.0'],
    ['AKSAzureLinux-V2katagen2-202509.05.0', 'AKSCBLMariner-V2katagen2-202509.05.0'],
    ['AKSUbuntu-2204containerd-202512.18.0', 'AKSUbuntuEdgeZone-2204containerd-202512.18.0'],
  ])('does not compare %s with %s', (one, other) => {
    expect(compareNodeImages(read(one), read(other))).toBeUndefined();
  });

  it.each([
    ['AKSUbuntu-2204-202410.27.0', 'AKSUbuntu-2204-202410.27.0-2024.12.01', true],
    ['AKSUbuntu-2204-202410.27.0-2024.12.01', 'AKSUbuntu-2204-202410.27.0-2024.12.08', true],
    ['AKSUbuntu-2204GEN2-202410.27.0', 'AKSUbuntu-2204gen2-202410.27.0', true],
    ['AKSUbuntu-2204-202410.27.0', 'AKSUbuntu-2204-202410.27.1', false],
    ['AKSUbuntu-2204-202410.27.0', 'AKSUbuntu-2404-202410.27.0', false],
    ['mine', 'MINE', true],
    ['mine', 'yours', false],
    ['AKSUbuntu-2204-202410.27.0', 'mine', false],
  ])('takes %s and %s for one release: %s', (one, other, expected) => {
    expect([isSameRelease(one, other), isSameRelease(other, one)]).toEqual([expected, expected]);
  });

  it('counts the days between images of two variants by their dates', () => {
    expect(daysBehind(read('AKSUbuntu-2204gen2containerd-202609.01.0'), read('AKSUbuntu-2404gen2containerd-202611.21.0'))).toBe(81);
  });

  it.each([
    ['202512.04.0', 14],
    ['202512.18.0', 0],
    ['202512.25.0', 0],
  ])('puts release %s %i days behind 202512.18.0', (version, days) => {
    expect(daysBehind(read(`AKSUbuntu-2204-${version}`), read('AKSUbuntu-2204-202512.18.0'))).toBe(days);
  });
});

describe('the age of a node image', () => {
  it.each([
    ['2025-12-18T00:00:00Z', 0],
    ['2025-12-18T23:59:59Z', 0],
    ['2025-12-19T00:00:00Z', 1],
    ['2025-12-17T23:59:59Z', -1],
    ['2026-03-18T00:00:00Z', 90],
  ])('at %s is %i days', (now, days) => {
    expect(imageAgeDays(read('AKSUbuntu-2204-202512.18.0'), now)).toBe(days);
  });
});
