import { DAY_MS } from '../snapshot/day.ts';
import { given } from '../snapshot/given.ts';
/** Capabilities that the name of a node image states. */
export interface ImageFeatures {
  readonly kata: boolean;
  readonly gen2: boolean;
  readonly arm64: boolean;
  readonly fips: boolean;
  readonly trustedLaunch: boolean;
  readonly confidentialVm: boolean;
  readonly gpu: boolean;
}

/** A parsed node image version: `AKSAzureLinux-V3katagen2-202512.18.0` and every older and newer form. */
export interface NodeImage {
  /** `AKSUbuntu`, `AKSAzureLinux`, `AKSUbuntuEdgeZone`, … */
  readonly gallery: string;
  /** `V3katagen2`, `2204gen2containerd`, `2022-containerd-gen2`; absent in a gallery with one image. */
  readonly sku?: string;
  /** Everything before the release, with hyphens. Only images of the same variant are comparable. */
  readonly variant: string;
  readonly features: ImageFeatures;
  /** The release as written: `202512.18.0`, `2022.10.03`, `20348.4529.251212`. */
  readonly release: string;
  readonly form: 'linux' | 'linux-before-2023' | 'windows';
  /** The date in the release, RFC 3339 date; regions may offer it up to two weeks later. */
  readonly releasedOn: string;
  /** The build of that day (`linux`) or the revision of the OS build (`windows`). */
  readonly build?: number;
  /** The OS build of a Windows image. */
  readonly osBuild?: number;
  /** The SecurityPatch level that the label of a node may append, as written: `2024.12.01`. */
  readonly patchLevel?: string;
  readonly separator: '-' | ':';
}

type Release = Pick<NodeImage, 'release' | 'form' | 'releasedOn' | 'build' | 'osBuild'>;

/** A longer text is not a node image. The limit bounds the cost of hostile input. */
const MAX_LENGTH = 200;
const LINUX = /^(20\d{2})(\d{2})\.(\d{2})\.(0|[1-9]\d{0,3})$/;
const DOTTED_DATE = /^(20\d{2})\.(\d{2})\.(\d{2})$/;
const WINDOWS = /^([1-9]\d{4})\.(0|[1-9]\d{0,4})\.(\d{2})(\d{2})(\d{2})$/;

/** Parses a node image version; `undefined` for any other text, which must never count as current. */
export function parseNodeImage(text: string): NodeImage | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const separator = text.includes(':') ? ':' : '-';
  const [gallery = '', ...rest] = text.split(separator);
  if (!/^AKS[A-Za-z]+$/.test(gallery)) return undefined;
  const patchLevel = separator === '-' ? takePatchLevel(rest) : undefined;
  const release = parseRelease(rest.pop() ?? '');
  if (release === undefined || !isSku(rest, separator)) return undefined;
  const sku = rest.length === 0 ? undefined : rest.join('-');
  return {
    gallery,
    ...given({ sku }),
    variant: sku === undefined ? gallery : `${gallery}-${sku}`,
    features: featuresOf(sku ?? ''),
    ...release,
    ...given({ patchLevel }),
    separator,
  };
}

/** Formats a node image version exactly as it was parsed. */
export function formatNodeImage({ gallery, sku, release, patchLevel, separator }: NodeImage): string {
  return [gallery, ...(sku === undefined ? [] : [sku]), release, ...(patchLevel === undefined ? [] : [patchLevel])].join(separator);
}

/** Compares two images of one variant, older first; `undefined` if their variants differ, because their releases are not comparable. */
export function compareNodeImages(one: NodeImage, other: NodeImage): number | undefined {
  if (!sameVariant(one, other)) return undefined;
  const [left, right] = [orderOf(one), orderOf(other)];
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

/** Whether two images have the same variant. Case does not matter, as in all names of Azure. */
export function sameVariant(one: NodeImage, other: NodeImage): boolean {
  return one.variant.toLowerCase() === other.variant.toLowerCase();
}

/** Whole days from an image's own date to a time; negative if the date is in the future. */
export function imageAgeDays({ releasedOn }: NodeImage, now: string): number {
  return Math.floor((Date.parse(now) - Date.parse(releasedOn)) / DAY_MS);
}

/** Whole days by which an image is older than the one that Azure offers, whatever their variants; 0 if it is not older. */
export function daysBehind(image: NodeImage, latest: NodeImage): number {
  return Math.max(0, Math.floor((Date.parse(latest.releasedOn) - Date.parse(image.releasedOn)) / DAY_MS));
}

/** Removes and returns a trailing date that follows a release: `…-202410.27.0-2024.12.01`. */
function takePatchLevel(parts: string[]): string | undefined {
  const [release, last] = parts.slice(-2);
  if (release === undefined || last === undefined) return undefined;
  if (parseRelease(release) === undefined || dateOf(DOTTED_DATE.exec(last)) === undefined) return undefined;
  return parts.pop();
}

function isSku(parts: readonly string[], separator: '-' | ':'): boolean {
  // The colon form has exactly three parts; a SKU with hyphens could not be formatted back.
  return (separator === '-' || parts.length === 1) && parts.every((part) => /^[A-Za-z0-9]+$/.test(part));
}

function parseRelease(release: string): Release | undefined {
  const old = dateOf(DOTTED_DATE.exec(release));
  if (old !== undefined) return { release, form: 'linux-before-2023', releasedOn: old };
  const linux = LINUX.exec(release);
  const linuxDate = dateOf(linux);
  if (linux !== null && linuxDate !== undefined) {
    return { release, form: 'linux', releasedOn: linuxDate, build: Number(linux[4]) };
  }
  return parseWindowsRelease(release);
}

function parseWindowsRelease(release: string): Release | undefined {
  const [, osBuild, revision, year, month = '', day = ''] = WINDOWS.exec(release) ?? [];
  if (year === undefined) return undefined;
  const releasedOn = calendarDate(`20${year}`, month, day);
  if (releasedOn === undefined) return undefined;
  return { release, form: 'windows', releasedOn, build: Number(revision), osBuild: Number(osBuild) };
}

function dateOf(match: RegExpExecArray | null): string | undefined {
  const [, year = '', month = '', day = ''] = match ?? [];
  return year === '' ? undefined : calendarDate(year, month, day);
}

/** An RFC 3339 date; `undefined` for a day that does not exist. */
function calendarDate(year: string, month: string, day: string): string | undefined {
  const text = `${year}-${month}-${day}`;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? text : undefined;
}

function featuresOf(sku: string): ImageFeatures {
  const has = (pattern: RegExp) => pattern.test(sku);
  return {
    kata: has(/kata/i),
    gen2: has(/gen2/i),
    arm64: has(/arm64/i),
    fips: has(/fips/i),
    trustedLaunch: has(/TL(?=containerd|$)/) || has(/-tl$/),
    confidentialVm: has(/CVM/i),
    gpu: has(/gpu/i),
  };
}

/** Compares dates first, so that both Linux forms are comparable; the old form has no build. */
function orderOf({ form, releasedOn, build = -1, osBuild = -1, patchLevel = '0' }: NodeImage): readonly number[] {
  return [Number(releasedOn.replaceAll('-', '')), form === 'windows' ? 1 : 0, osBuild, build, Number(patchLevel.replaceAll('.', ''))];
}

/** Whether two images are the same release. A node may have a security patch level that its pool does not name. */
export function isSameRelease(one: string, other: string): boolean {
  if (one === other) return true;
  const [left, right] = [parseNodeImage(one), parseNodeImage(other)];
  if (left === undefined || right === undefined) return one.toLowerCase() === other.toLowerCase();
  const { patchLevel: _, ...bareLeft } = left;
  const { patchLevel: __, ...bareRight } = right;
  return compareNodeImages(bareLeft, bareRight) === 0;
}
