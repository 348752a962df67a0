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
  ['AKSUbuntu-2404gen2fipsTLcontainerd', 'AKSUbuntu/gen2/2404fipsTLcontainerd'],
  ['AKSUbuntu-2404gen2fipsCVMcontainerd', 'AKSUbuntu/gen2/2404fipsCVMcontainerd'],
  ['AKSAzureLinux-V3gen2arm64', undefined],
  ['AKSAzureLinux-OSGuardV3gen2fipsTL', undefined],
  ['AKSWindows-2022-containerd-gen2', undefined],
  ['AKSAzureContainerLinux', undefined],
])('the variant %s is %s', (variant, distro) => expect(distroOfVariant(variant)).toBe(distro));

it.each([
  ['AKSUbuntu/gen1/2204', 'AKSUbuntu-2204'],
  ['AKSUbuntu/gen2/2404tlcontainerd', 'AKSUbuntu-2404gen2TLcontainerd'],
  ['AKSUbuntu/gen2/2004cvmcontainerd', 'AKSUbuntu-2004gen2CVMcontainerd'],
  ['AKSUbuntu/gen2/2404fipstlcontainerd', 'AKSUbuntu-2404gen2fipstlcontainerd'],
  ['AKSUbuntu/gen2/2404fipscvmcontainerd', 'AKSUbuntu-2404gen2fipscvmcontainerd'],
  ['AKSAzureLinuxV3/gen1fips', 'AKSAzureLinux-V3fips'],
  ['AKSAzureLinuxV3/gen2fips', 'AKSAzureLinux-V3gen2fips'],
  ['AKSCBLMarinerV2/gen2tl', 'AKSCBLMariner-V2gen2TL'],
  ['AKSAzureLinux/gen1kata', 'AKSAzureLinux-V2kata'],
])('the distribution %s is the variant %s', (distro, variant) => expect(variantOfDistro(distro)).toBe(variant));

const NONE = [
  ...['AKSUbuntu/xgen2/2204containerd', 'AKSUbuntu/gen2x/2204containerd', 'AKSUbuntu/gen2/x2204containerd', 'Other/gen2/2204containerd'],
  ...[
    'XAKSAzureLinux/gen2',
    'AKSAzureLinuxV4/gen2',
    'AKSAzureLinuxV3x/gen2',
    'AKSAzureLinuxV3/gen3',
    'AKSAzureLinuxV3/gen2x',
    'AKSAzureLinuxV3/xgen2',
  ],
  ...[
    'AKSAzureLinux',
    'AKSAzureLinux/',
    'AKSUbuntu/gen2/22',
    'AKSUbuntu/gen2/2204\ncontainerd',
    'AKSUbuntu/gen2/2204containerd/x',
    'AKSUbuntu/gen2/2204containerd/x/y',
  ],
];
it.each(NONE)('%j is no variant', (distro) => expect(variantOfDistro(distro)).toBeUndefined());

it.each(['xAKSUbuntu-2204gen2containerd', 'AKSUbuntu-22', 'AKSAzureLinux-V4gen2', 'xAKSAzureLinux-V3gen2', 'AKSAzureLinux-V3TLgen2'])(
  'the variant %s is no distribution',
  (variant) => expect(distroOfVariant(variant)).toBeUndefined(),
);

it.each(['', 'AKSUbuntu', 'AKSUbuntu/gen3/2204containerd', 'AKSAzureLinuxV3/gen2/x', '../AKSUbuntu/gen2/2204'])(
  '%j is not a variant',
  (distro) => expect(variantOfDistro(distro)).toBeUndefined(),
);
