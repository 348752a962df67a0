import type { NodeImage } from './node-image.ts';

/** A family of node images that gets no more fixes, whatever an upgrade profile calls the latest. */
export interface EndedFamily {
  /** As people call it. */
  readonly name: string;
  /** The last release that carried fixes, or the day the family was retired; RFC 3339 date. */
  readonly endedOn: string;
  readonly end: 'frozen' | 'retired';
  /** Public page that says so. */
  readonly source: string;
  readonly gallery: RegExp;
  readonly sku: RegExp;
}

const SIG_CONFIG = 'https://github.com/Azure/AgentBaker/blob/master/pkg/agent/datamodel/sig_config.go';
const LINUX = /^AKS(AzureLinux|CBLMariner)(EdgeZone)?$/i;
const UBUNTU = /^AKSUbuntu(EdgeZone)?$/i;
const WINDOWS = /^AKSWindows$/i;

/** Every family whose end is known; the first entry that matches an image decides. */
export const ENDED_FAMILIES: readonly EndedFamily[] = [
  {
    name: 'the Kata image of Azure Linux 2 with Trusted Launch',
    endedOn: '2022-12-15',
    end: 'frozen',
    source: SIG_CONFIG,
    gallery: LINUX,
    sku: /^V2(?=.*kata)(?=.*TL$)/i,
  },
  { name: 'the Kata image of Azure Linux 2', endedOn: '2025-09-05', end: 'frozen', source: SIG_CONFIG, gallery: LINUX, sku: /^V2.*kata/i },
  { name: 'CBL-Mariner 1', endedOn: '2023-08-28', end: 'frozen', source: SIG_CONFIG, gallery: LINUX, sku: /^V1/i },
  {
    name: 'Azure Linux 2',
    endedOn: '2025-11-30',
    end: 'retired',
    source: 'https://github.com/Azure/AKS/issues/4988',
    gallery: LINUX,
    sku: /^V2/i,
  },
  {
    name: 'Ubuntu 16.04',
    endedOn: '2021-04-30',
    end: 'retired',
    source: 'https://ubuntu.com/16-04',
    gallery: UBUNTU,
    sku: /^1604/,
  },
  {
    name: 'Ubuntu 18.04',
    endedOn: '2025-06-17',
    end: 'retired',
    source: 'https://github.com/Azure/AKS/issues/4873',
    gallery: UBUNTU,
    sku: /^1804/,
  },
  {
    name: 'Ubuntu 20.04',
    endedOn: '2027-03-17',
    end: 'retired',
    source: 'https://github.com/Azure/AKS/issues/4874',
    gallery: UBUNTU,
    sku: /^2004/,
  },
  {
    name: 'Ubuntu 22.04',
    endedOn: '2027-06-30',
    end: 'retired',
    source: 'https://github.com/Azure/AKS/issues/5701',
    gallery: UBUNTU,
    sku: /^2204/,
  },
  {
    name: 'Flatcar Container Linux',
    endedOn: '2026-09-08',
    end: 'retired',
    source: 'https://github.com/Azure/AKS/issues/5648',
    gallery: /^AKSFlatcar$/i,
    sku: /^/,
  },
  {
    name: 'Windows Server 2019',
    endedOn: '2026-03-01',
    end: 'retired',
    source: 'https://github.com/Azure/AKS/issues/4091',
    gallery: WINDOWS,
    sku: /^(windows-)?2019/i,
  },
  {
    name: 'Windows Server Annual Channel',
    endedOn: '2026-05-15',
    end: 'retired',
    source: 'https://github.com/Azure/AKS/issues/5608',
    gallery: WINDOWS,
    sku: /^(windows-)?23H2/i,
  },
  {
    name: 'Windows Server 2022',
    endedOn: '2027-03-15',
    end: 'retired',
    source: 'https://github.com/Azure/AKS/issues/4168',
    gallery: WINDOWS,
    sku: /^(windows-)?2022/i,
  },
];

/** The family of an image when it has ended by a time: from the day of its end on. */
export function endedFamilyOf({ gallery, sku = '' }: NodeImage, now: string): EndedFamily | undefined {
  const family = ENDED_FAMILIES.find((one) => one.gallery.test(gallery) && one.sku.test(sku));
  return family !== undefined && Date.parse(family.endedOn) <= Date.parse(now) ? family : undefined;
}
