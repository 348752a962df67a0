import { describe, expect, it } from 'vitest';
import { describeEnd, familyEndOf, IMAGE_FAMILIES } from '../../../shared/domain/images/image-families.ts';
import { parseNodeImage } from '../../../shared/domain/images/node-image.ts';

function endOf(text: string, now: string) {
  const image = parseNodeImage(text);
  if (image === undefined) throw new Error(`${text} did not parse`);
  return familyEndOf(image, now);
}
const stateOf = (text: string, now: string) => endOf(text, now)?.state;

/** Every date as its source states it: a different date in the code is a mistake. */
it('the dates of all families are those of their sources', () => {
  expect(
    IMAGE_FAMILIES.map(({ name, patchesEndOn, removedOn = 'not announced', source }) => [name, patchesEndOn, removedOn, source]),
  ).toEqual([
    ['the Kata image of Azure Linux 2 with Trusted Launch', '2022-12-15', '2026-03-31', expect.stringContaining('sig_config.go')],
    ['the Kata image of Azure Linux 2', '2025-09-05', '2026-03-31', expect.stringContaining('sig_config.go')],
    ['CBL-Mariner 1', '2023-08-28', 'not announced', expect.stringContaining('sig_config.go')],
    ['Azure Linux 2', '2025-11-30', '2026-03-31', 'https://github.com/Azure/AKS/issues/4988'],
    ['Azure Linux with OS Guard', '2026-12-10', '2027-03-10', 'https://github.com/Azure/AKS/issues/5950'],
    ['Flatcar Container Linux', '2026-06-08', '2026-09-08', 'https://github.com/Azure/AKS/issues/5648'],
    ['Ubuntu 16.04', '2021-04-30', 'not announced', 'https://ubuntu.com/16-04'],
    ['Ubuntu 18.04', '2025-06-17', '2025-06-17', 'https://github.com/Azure/AKS/issues/4873'],
    ['Ubuntu 20.04', '2027-03-17', '2027-03-17', 'https://github.com/Azure/AKS/issues/4874'],
    ['Ubuntu 22.04', '2027-06-30', '2028-04-30', 'https://github.com/Azure/AKS/issues/5701'],
    ['Windows Server 2019', '2026-03-01', '2027-04-01', 'https://github.com/Azure/AKS/issues/4091'],
    ['Windows Server Annual Channel', '2026-05-15', '2027-05-15', 'https://github.com/Azure/AKS/issues/5608'],
    ['Windows Server 2022', '2028-06-30', 'not announced', 'https://github.com/Azure/AKS/blob/master/CHANGELOG.md'],
  ]);
});

it.each(IMAGE_FAMILIES)('$name has dates in order, and the day on which its source was read', ({ patchesEndOn, removedOn, seenOn }) => {
  for (const date of [patchesEndOn, removedOn ?? patchesEndOn, seenOn]) expect(new Date(date).toISOString()).toBe(`${date}T00:00:00.000Z`);
  expect((removedOn ?? patchesEndOn) >= patchesEndOn).toBe(true);
});

describe('at the end of November 2026', () => {
  const NOW = '2026-11-30T12:00:00Z';

  it.each([
    ['AKSAzureLinux-V2katagen2-202509.05.0', 'the Kata image of Azure Linux 2', 'removed'],
    ['AKSCBLMariner-V2katagen2-2023.02.15', 'the Kata image of Azure Linux 2', 'removed'],
    ['AKSCBLMariner-V2katagen2TL-2022.12.15', 'the Kata image of Azure Linux 2 with Trusted Launch', 'removed'],
    ['AKSCBLMariner-V1-202308.28.0', 'CBL-Mariner 1', 'ended'],
    ['AKSAzureLinux-V2gen2TL-202512.18.0', 'Azure Linux 2', 'removed'],
    ['AKSUbuntu:1604:2020.03.11', 'Ubuntu 16.04', 'ended'],
    ['AKSUbuntuEdgeZone-1804containerd-202505.27.0', 'Ubuntu 18.04', 'removed'],
    ['AKSWindows-2019-containerd-17763.7314.250518', 'Windows Server 2019', 'ended'],
    ['AKSWindows-23H2-gen2-25398.1425.250214', 'Windows Server Annual Channel', 'ended'],
    ['AKSFlatcar-flatcargen2-202512.18.0', 'Flatcar Container Linux', 'removed'],
    ['AKSAzureLinux-OSGuardV3gen2fipsTL-202611.01.0', 'Azure Linux with OS Guard', 'ending'],
  ])('%s is of %s, which is %s', (text, name, state) => {
    const end = endOf(text, NOW);
    expect([end?.family.name, end?.state]).toEqual([name, state]);
  });

  it.each([
    'AKSAzureLinux-V3katagen2-202608.20.0',
    'AKSUbuntu-2404gen2containerd-202512.18.0',
    'AKSUbuntu-2204gen2containerd-202512.18.0',
    'AKSUbuntu-2004gen2fipscontainerd-202512.18.0',
    'AKSWindows-2022-containerd-gen2-20348.4529.251212',
    // Azure Container Linux, the successor of two that end, in both of its forms.
    'AKSAzureContainerLinux-202606.01.0',
    'AKSAzureLinux-aclgen2TL-202611.01.0',
  ])('no end of %s is near', (text) => expect(endOf(text, NOW)).toBeUndefined());
});

it.each([
  ['AKSWindows-2022-containerd-gen2-20348.4529.280110', '2028-01-20T00:00:00Z', undefined],
  ['AKSWindows-2022-containerd-gen2-20348.4529.280110', '2028-04-01T00:00:00Z', 'ending'],
  ['AKSWindows-2022-containerd-gen2-20348.4529.280110', '2028-06-29T23:59:59.999Z', 'ending'],
  ['AKSWindows-2022-containerd-gen2-20348.4529.280110', '2028-06-30T00:00:00Z', 'ended'],
  ['AKSUbuntu-2204gen2containerd-202703.01.0', '2027-03-31T23:59:59.999Z', undefined],
  ['AKSUbuntu-2204gen2containerd-202703.01.0', '2027-04-01T00:00:00Z', 'ending'],
  ['AKSUbuntu-2204gen2containerd-202703.01.0', '2027-06-30T00:00:00Z', 'ended'],
  ['AKSUbuntu-2204gen2containerd-202703.01.0', '2028-04-29T23:59:59.999Z', 'ended'],
  ['AKSUbuntu-2204gen2containerd-202703.01.0', '2028-04-30T00:00:00Z', 'removed'],
  ['AKSUbuntu-2004fipscontainerd-202703.01.0', '2027-03-16T23:59:59.999Z', 'ending'],
  ['AKSUbuntu-2004fipscontainerd-202703.01.0', '2027-03-17T00:00:00Z', 'removed'],
])('%s at %s is %s', (text, now, state) => expect(stateOf(text, now)).toBe(state));

it.each([
  ...['AKSAKSAzureLinux-V2', 'AKSAzureLinuxNext-V2', 'AKSAKSUbuntu-1604', 'AKSUbuntuPro-1604', 'AKSAKSWindows-2019', 'AKSWindowsNano-2019'],
  ...[
    'AKSAKSFlatcar',
    'AKSFlatcarNext',
    'AKSAzureLinux-xV1',
    'AKSAzureLinux-xV2',
    'AKSAzureLinux-xV2katagen2',
    'AKSAzureLinux-xV2katagen2TL',
  ],
  ...['AKSAzureLinux-xOSGuard', 'AKSUbuntu-x1604', 'AKSUbuntu-x1804', 'AKSUbuntu-x2004', 'AKSUbuntu-x2204'],
  ...['AKSWindows-x2019', 'AKSWindows-x23H2', 'AKSWindows-x2022'],
])('%s is of none of these families', (variant) => expect(endOf(`${variant}-202611.01.0`, '2040-01-01T00:00:00Z')).toBeUndefined());

it('an image with Trusted Launch is one whose name ends so', () => {
  expect(endOf('AKSAzureLinux-V2katagen2TLfips-202209.05.0', '2026-11-30T00:00:00Z')?.family.name).toBe('the Kata image of Azure Linux 2');
});

it.each([
  [
    'AKSAzureLinux-OSGuardV3gen2fipsTL-202611.01.0',
    '2027-01-01',
    'Azure Linux with OS Guard was retired on 2026-12-10 and gets no more fixes. On 2027-03-10 AKS removes its images: from then on scaling and repair fail. Its successor is Azure Container Linux.',
  ],
  [
    'AKSAzureLinux-OSGuardV3gen2fipsTL-202611.01.0',
    '2026-11-30',
    'Azure Linux with OS Guard gets no more fixes from 2026-12-10 on. On 2027-03-10 AKS removes its images: from then on scaling and repair fail. Its successor is Azure Container Linux.',
  ],
  [
    'AKSAzureLinux-V2katagen2-202509.05.0',
    '2026-11-30',
    'The Kata image of Azure Linux 2 gets no more fixes since 2025-09-05, and AKS removed its images on 2026-03-31: scaling and repair of the pool fail. Its successor is Azure Linux 3.',
  ],
  [
    'AKSCBLMariner-V1-202308.28.0',
    '2026-11-30',
    'CBL-Mariner 1 was frozen on 2023-08-28 and gets no more fixes. Its successor is Azure Linux 3.',
  ],
])('the end of %s says on %s what it means: no fixes, then no images, and where to go', (image, day, sentence) => {
  const end = endOf(image, `${day}T00:00:00Z`);
  expect(end === undefined ? '' : describeEnd(end)).toBe(sentence);
});
