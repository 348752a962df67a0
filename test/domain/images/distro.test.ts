import { expect, it } from 'vitest';
import { distroOfVariant, variantOfDistro } from '../../../shared/domain/images/distro.ts';

// The distributions that learn.microsoft.com/azure/aks/security-vulnerability-api-reference lists, with slashes as the answers write them.
const DOCUMENTED = [
  ...['gen1', 'gen2', 'gen1fips', 'gen2fips', 'gen2kata', 'gen2tl'].flatMap((one) => [`AKSAzureLinux/${one}`, `AKSCBLMarinerV2/${one}`]),
  ...['gen1', 'gen2', 'gen1fips', 'gen2fips', 'gen2tl'].map((one) => `AKSAzureLinuxV3/${one}`),
  ...['2004fipscontainerd', '2204containerd', '2404containerd'].flatMap((one) => [`AKSUbuntu/gen1/${one}`, `AKSUbuntu/gen2/${one}`]),
  ...['2004cvmcontainerd', '2204tlcontainerd', '2404tlcontainerd'].map((one) => `AKSUbuntu/gen2/${one}`),
];

it.each(DOCUMENTED)('%s maps to one variant, which maps back to it', (distro) => {
  expect(distroOfVariant(variantOfDistro(distro) ?? '')).toBe(distro);
});

it.each([
  ['AKSAzureLinux-V3katagen2', 'AKSAzureLinuxV3/gen2kata'],
  ['AKSAzureLinux-V2katagen2', 'AKSAzureLinux/gen2kata'],
  ['AKSUbuntu-2204gen2containerd', 'AKSUbuntu/gen2/2204containerd'],
  ['AKSAzureLinux-V3gen2arm64', undefined],
  ['AKSAzureLinux-OSGuardV3gen2fipsTL', undefined],
  ['AKSWindows-2022-containerd-gen2', undefined],
  ['AKSAzureContainerLinux', undefined],
])('the variant %s is %s', (variant, distro) => expect(distroOfVariant(variant)).toBe(distro));

it.each(['', 'AKSUbuntu', 'AKSUbuntu/gen3/2204containerd', 'AKSAzureLinuxV3/gen2/x', '../AKSUbuntu/gen2/2204'])(
  '%j is not a variant',
  (distro) => expect(variantOfDistro(distro)).toBeUndefined(),
);
