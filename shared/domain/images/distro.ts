/*
 * AKS's vulnerability data names images after AgentBaker's folders, `AKSUbuntu/gen2/2204containerd`; the name of an
 * image puts the same parts together in its own way. Source: learn.microsoft.com/azure/aks/security-vulnerability-api-reference.
 */

/** The image variant of a distribution in the vulnerability data; `undefined` for an unknown distribution. */
export function variantOfDistro(distro: string): string | undefined {
  const [gallery = '', first = '', second, ...more] = distro.split('/');
  if (more.length > 0) return undefined;
  return second === undefined ? linuxVariant(gallery, first) : ubuntuVariant(gallery, first, second);
}

/** The distribution of an image variant in the vulnerability data; `undefined` for a variant that the data does not contain. */
export function distroOfVariant(variant: string): string | undefined {
  const distro = ubuntuDistro(variant) ?? linuxDistro(variant);
  // Must map back to the same variant: a wrong name would return the vulnerabilities of another image.
  return distro !== undefined && variantOfDistro(distro) === variant ? distro : undefined;
}

function ubuntuVariant(gallery: string, generation: string, name: string): string | undefined {
  const [, release, rest = ''] = /^(\d{4})(.*)$/.exec(name) ?? [];
  if (gallery !== 'AKSUbuntu' || release === undefined || !/^gen[12]$/.test(generation)) return undefined;
  return `AKSUbuntu-${release}${generation === 'gen2' ? 'gen2' : ''}${rest.replace(/^tl/, 'TL').replace(/^cvm/, 'CVM')}`;
}

function linuxVariant(gallery: string, folder: string): string | undefined {
  const [, name, version = 'V2'] = /^(AKSAzureLinux|AKSCBLMariner)(V[23])?$/.exec(gallery) ?? [];
  const [, number, kind = ''] = /^gen([12])(kata|tl|fips)?$/.exec(folder) ?? [];
  if (name === undefined || number === undefined) return undefined;
  const generation = number === '2' ? 'gen2' : '';
  if (kind === 'kata') return `${name}-${version}kata${generation}`;
  // FIPS images of generation 1 are named V3fips, those of generation 2 V3gen2fips.
  return `${name}-${version}${generation}${kind === 'tl' ? 'TL' : kind}`;
}

function ubuntuDistro(variant: string): string | undefined {
  const [, release, generation = 'gen1', kind = ''] = /^AKSUbuntu-(\d{4})(gen2)?(.*)$/.exec(variant) ?? [];
  return release === undefined ? undefined : `AKSUbuntu/${generation}/${release}${kind.replace(/^TL/, 'tl').replace(/^CVM/, 'cvm')}`;
}

function linuxDistro(variant: string): string | undefined {
  const [, name, version = '', rest = ''] = /^(AKSAzureLinux|AKSCBLMariner)-(V[23])(.*)$/.exec(variant) ?? [];
  if (name === undefined) return undefined;
  const kind = /kata/.test(rest) ? 'kata' : /TL$/.test(rest) ? 'tl' : /fips$/.test(rest) ? 'fips' : '';
  // The folder name of Azure Linux 2 has no version; that of CBL-Mariner 2 has one.
  const gallery = name === 'AKSAzureLinux' && version === 'V2' ? name : `${name}${version}`;
  return `${gallery}/gen${/gen2/.test(rest) ? 2 : 1}${kind}`;
}
