import { DAY_MS } from '../snapshot/day.ts';
import { given } from '../snapshot/given.ts';
import type { NodeImage } from './node-image.ts';

/** A family of node images with a known end of support. Upgrade profiles may still offer its images as the latest. */
export interface ImageFamily {
  /** Its usual name. */
  readonly name: string;
  /** First day without fixes: its retirement, or its last release. RFC 3339 date. */
  readonly patchesEndOn: string;
  /** First day on which AKS has no image of it, so that scaling and repair fail. Absent if no such day was announced. */
  readonly removedOn?: string;
  readonly end: 'frozen' | 'retired';
  /** The public page that states this, and the day on which it was read. */
  readonly source: string;
  readonly seenOn: string;
  /** The replacement that the announcement names. */
  readonly successor: string;
  readonly gallery: RegExp;
  readonly sku: RegExp;
}

const SIG_CONFIG = 'https://github.com/Azure/AgentBaker/blob/master/pkg/agent/datamodel/sig_config.go';
const AKS_ISSUE = 'https://github.com/Azure/AKS/issues';
const AKS_CHANGELOG = 'https://github.com/Azure/AKS/blob/master/CHANGELOG.md';
const LINUX = /^AKS(AzureLinux|CBLMariner)(EdgeZone)?$/i;
const UBUNTU = /^AKSUbuntu(EdgeZone)?$/i;
const WINDOWS = /^AKSWindows$/i;
const ACL = 'Azure Container Linux';

type Row = readonly [
  name: string,
  gallery: RegExp,
  sku: RegExp,
  end: 'frozen' | 'retired',
  patchesEndOn: string,
  removedOn: string | undefined,
  successor: string,
  source: string,
  seenOn: string,
];

/** The first family that matches an image decides, so a more specific family comes before a general one. */
const ROWS: readonly Row[] = [
  [
    'the Kata image of Azure Linux 2 with Trusted Launch',
    LINUX,
    /^V2(?=.*kata)(?=.*TL$)/i,
    'frozen',
    '2022-12-15',
    '2026-03-31',
    'Azure Linux 3',
    SIG_CONFIG,
    '2026-08-21',
  ],
  ['the Kata image of Azure Linux 2', LINUX, /^V2.*kata/i, 'frozen', '2025-09-05', '2026-03-31', 'Azure Linux 3', SIG_CONFIG, '2026-08-21'],
  ['CBL-Mariner 1', LINUX, /^V1/i, 'frozen', '2023-08-28', undefined, 'Azure Linux 3', SIG_CONFIG, '2026-08-21'],
  ['Azure Linux 2', LINUX, /^V2/i, 'retired', '2025-11-30', '2026-03-31', 'Azure Linux 3', `${AKS_ISSUE}/4988`, '2026-11-22'],
  ['Azure Linux with OS Guard', LINUX, /^OSGuard/i, 'retired', '2026-12-10', '2027-03-10', ACL, `${AKS_ISSUE}/5950`, '2026-11-30'],
  ['Flatcar Container Linux', /^AKSFlatcar$/i, /^/, 'retired', '2026-06-08', '2026-09-08', ACL, `${AKS_ISSUE}/5648`, '2026-11-30'],
  ['Ubuntu 16.04', UBUNTU, /^1604/, 'retired', '2021-04-30', undefined, 'Ubuntu 24.04', 'https://ubuntu.com/16-04', '2026-11-22'],
  ['Ubuntu 18.04', UBUNTU, /^1804/, 'retired', '2025-06-17', '2025-06-17', 'Ubuntu 24.04', `${AKS_ISSUE}/4873`, '2026-11-30'],
  ['Ubuntu 20.04', UBUNTU, /^2004/, 'retired', '2027-03-17', '2027-03-17', 'Ubuntu 24.04', `${AKS_ISSUE}/4874`, '2026-11-30'],
  ['Ubuntu 22.04', UBUNTU, /^2204/, 'retired', '2027-06-30', '2028-04-30', 'Ubuntu 24.04', `${AKS_ISSUE}/5701`, '2026-11-30'],
  [
    'Windows Server 2019',
    WINDOWS,
    /^(windows-)?2019/i,
    'retired',
    '2026-03-01',
    '2027-04-01',
    'Windows Server 2025',
    `${AKS_ISSUE}/4091`,
    '2026-11-30',
  ],
  [
    'Windows Server Annual Channel',
    WINDOWS,
    /^(windows-)?23H2/i,
    'retired',
    '2026-05-15',
    '2027-05-15',
    'Windows Server 2025',
    `${AKS_ISSUE}/5608`,
    '2026-11-30',
  ],
  [
    'Windows Server 2022',
    WINDOWS,
    /^(windows-)?2022/i,
    'retired',
    '2028-06-30',
    undefined,
    'Windows Server 2025',
    AKS_CHANGELOG,
    '2026-11-27',
  ],
];

/** All families with a known end. */
export const IMAGE_FAMILIES: readonly ImageFamily[] = ROWS.map(
  ([name, gallery, sku, end, patchesEndOn, removedOn, successor, source, seenOn]) => ({
    name,
    gallery,
    sku,
    end,
    patchesEndOn,
    ...given({ removedOn }),
    successor,
    source,
    seenOn,
  }),
);

/** An end within this time is reported in advance, because moving to another family takes planning. */
export const WARN_DAYS = 90;

/** The state of a family that ends: ending soon, without fixes, or without images too. */
export interface FamilyEnd {
  readonly family: ImageFamily;
  readonly state: 'ending' | 'ended' | 'removed';
}

/** The state of an image's family at a time; `undefined` if no end is known or near. */
export function familyEndOf({ gallery, sku = '' }: NodeImage, now: string): FamilyEnd | undefined {
  const family = IMAGE_FAMILIES.find((one) => one.gallery.test(gallery) && one.sku.test(sku));
  if (family === undefined) return undefined;
  const at = Date.parse(now);
  if (family.removedOn !== undefined && Date.parse(family.removedOn) <= at) return { family, state: 'removed' };
  const left = Date.parse(family.patchesEndOn) - at;
  if (left <= 0) return { family, state: 'ended' };
  return left <= WARN_DAYS * DAY_MS ? { family, state: 'ending' } : undefined;
}

/** One sentence: what the end of a family means for a pool. */
export function describeEnd({ family: { name, patchesEndOn, removedOn, end, successor }, state }: FamilyEnd): string {
  const removal = removedOn === undefined ? '' : ` On ${removedOn} AKS removes its images: from then on scaling and repair fail.`;
  if (state === 'removed') {
    return `${capital(name)} gets no more fixes since ${patchesEndOn}, and AKS removed its images on ${removedOn}: scaling and repair of the pool fail. Its successor is ${successor}.`;
  }
  if (state === 'ended')
    return `${capital(name)} was ${end} on ${patchesEndOn} and gets no more fixes.${removal} Its successor is ${successor}.`;
  return `${capital(name)} gets no more fixes from ${patchesEndOn} on.${removal} Its successor is ${successor}.`;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
