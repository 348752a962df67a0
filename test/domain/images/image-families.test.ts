import { expect, it } from 'vitest';
import { ENDED_FAMILIES, endedFamilyOf } from '../../../shared/domain/images/image-families.ts';
import { parseNodeImage } from '../../../shared/domain/images/node-image.ts';

function familyOf(text: string, now: string): string | undefined {
  const image = parseNodeImage(text);
  if (image === undefined) throw new Error(`${text} did not parse`);
  return endedFamilyOf(image, now)?.name;
}

it.each([
  ['AKSAzureLinux-V2katagen2-202509.05.0', 'the Kata image of Azure Linux 2'],
  ['AKSCBLMariner-V2katagen2-2023.02.15', 'the Kata image of Azure Linux 2'],
  ['AKSCBLMariner-V2katagen2TL-2022.12.15', 'the Kata image of Azure Linux 2 with Trusted Launch'],
  ['AKSCBLMariner-V1-202308.28.0', 'CBL-Mariner 1'],
  ['AKSAzureLinux-V2gen2TL-202512.18.0', 'Azure Linux 2'],
  ['AKSUbuntu:1604:2020.03.11', 'Ubuntu 16.04'],
  ['AKSUbuntuEdgeZone-1804containerd-202505.27.0', 'Ubuntu 18.04'],
  ['AKSWindows-2019-containerd-17763.7314.250518', 'Windows Server 2019'],
  ['AKSWindows-23H2-gen2-25398.1425.250214', 'Windows Server Annual Channel'],
  ['AKSFlatcar-flatcargen2-202512.18.0', 'Flatcar Container Linux'],
  ['AKSAzureLinux-V3katagen2-202608.20.0', undefined],
  ['AKSUbuntu-2404gen2containerd-202512.18.0', undefined],
  ['AKSUbuntu-2204gen2containerd-202512.18.0', undefined],
  ['AKSWindows-2022-containerd-gen2-20348.4529.251212', undefined],
])('%s is of the family %s at the end of 2026', (text, name) => expect(familyOf(text, '2026-12-31T00:00:00Z')).toBe(name));

it('a family lives until the day of its end, and has ended from it on', () => {
  const image = 'AKSWindows-2022-containerd-gen2-20348.4529.251212';
  expect(familyOf(image, '2027-03-14T23:59:59.999Z')).toBeUndefined();
  expect(familyOf(image, '2027-03-15T00:00:00.000Z')).toBe('Windows Server 2022');
});

it.each(ENDED_FAMILIES.map((family) => [family.name, family] as const))('%s has a date and a public source', (_, { endedOn, source }) => {
  expect(new Date(endedOn).toISOString()).toBe(`${endedOn}T00:00:00.000Z`);
  expect(new URL(source).protocol).toBe('https:');
});
