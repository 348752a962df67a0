import { given } from '../snapshot/given.ts';
import type { KataImage, KnownImages } from '../snapshot/known-images.ts';
import { compareNodeImages, type NodeImage, parseNodeImage } from './node-image.ts';

/** The folder of the release notes of Kata images, one file per release: the source of the built-in rows. */
export const RELEASE_NOTES = 'https://github.com/Azure/AgentBaker/blob/main/vhdbuilder/release-notes/AKSAzureLinuxV3/gen2kata';
/** The day on which the newest built-in row was read. */
export const RELEASE_NOTES_READ_ON = '2026-11-27';

/** Release, guest kernel, node kernel and Kata version of each `AKSAzureLinux-V3katagen2` image. */
const RELEASES: readonly (readonly [release: string, guestKernel: string, nodeKernel: string, kataVersion: string])[] = [
  ['202601.27.0', '6.6.96.mshv1-2.azl3', '6.6.100.mshv1-2.azl3', '3.19.1.kata2-2.azl3'],
  ['202602.13.0', '6.6.96.mshv1-3.azl3', '6.6.100.mshv1-3.azl3', '3.19.1.kata2-4.azl3'],
  ['202602.13.2', '6.6.96.mshv1-3.azl3', '6.6.100.mshv1-3.azl3', '3.19.1.kata2-4.azl3'],
  ['202602.13.5', '6.6.96.mshv1-3.azl3', '6.6.100.mshv1-3.azl3', '3.19.1.kata2-5.azl3'],
  ['202602.19.0', '6.6.96.mshv1-3.azl3', '6.6.100.mshv1-3.azl3', '3.19.1.kata2-4.azl3'],
  ['202603.04.0', '6.6.96.mshv1-3.azl3', '6.6.100.mshv1-3.azl3', '3.19.1.kata2-5.azl3'],
  ['202603.12.0', '6.6.96.mshv1-3.azl3', '6.6.121.mshv1-1.azl3', '3.19.1.kata2-6.azl3'],
  ['202603.12.1', '6.6.96.mshv1-3.azl3', '6.6.121.mshv1-1.azl3', '3.19.1.kata2-6.azl3'],
  ['202603.18.0', '6.6.96.mshv1-3.azl3', '6.6.121.mshv1-1.azl3', '3.19.1.kata2-6.azl3'],
  ['202603.18.1', '6.6.96.mshv1-3.azl3', '6.6.121.mshv1-1.azl3', '3.19.1.kata2-6.azl3'],
  ['202603.30.0', '6.6.96.mshv1-3.azl3', '6.6.121.mshv1-1.azl3', '3.19.1.kata2-6.azl3'],
  ['202604.13.0', '6.6.96.mshv1-3.azl3', '6.6.121.mshv1-2.azl3', '3.19.1.kata2-7.azl3'],
  ['202604.24.0', '6.6.96.mshv1-3.azl3', '6.6.121.mshv1-2.azl3', '3.19.1.kata2-8.azl3'],
  ['202605.05.1', '6.6.96.mshv1-3.azl3', '6.6.121.mshv1-2.azl3', '3.19.1.kata2-8.azl3'],
  ['202605.14.0', '6.6.130.mshv1-1.azl3', '6.6.135.mshv2-1.azl3', '3.19.1.kata3-1.azl3'],
  ['202605.27.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv1-1.azl3', '3.19.1.kata3-2.azl3'],
  ['202606.08.1', '6.6.137.mshv1-1.azl3', '6.6.137.mshv1-2.azl3', '3.19.1.kata3-4.azl3'],
  ['202606.19.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-1.azl3', '3.19.1.kata3-5.azl3'],
  ['202607.02.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-1.azl3', '3.19.1.kata3-5.azl3'],
  ['202607.09.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-1.azl3', '3.19.1.kata3-6.azl3'],
  ['202607.20.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-1.azl3', '3.19.1.kata3-6.azl3'],
  ['202607.29.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-1.azl3', '3.19.1.kata3-6.azl3'],
  ['202608.06.1', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-1.azl3', '3.19.1.kata3-7.azl3'],
  ['202608.14.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '3.32.0.kata0-2.azl3'],
  ['202608.20.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '3.32.0.kata0-3.azl3'],
  ['202608.26.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '3.32.0.kata0-3.azl3'],
  ['202609.03.1', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '3.32.0.kata0-4.azl3'],
  ['202609.09.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '3.32.0.kata0-4.azl3'],
  ['202609.15.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '3.32.0.kata0-5.azl3'],
  ['202609.23.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '4.1.0.kata0-1.azl3'],
  ['202609.30.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '4.1.0.kata0-1.azl3'],
  ['202610.03.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '4.1.0.kata0-1.azl3'],
  ['202610.08.0', '6.6.137.mshv1-1.azl3', '6.6.137.mshv2-2.azl3', '4.1.0.kata0-1.azl3'],
];

/** Every Kata node image with built-in data, oldest first. */
export const KATA_IMAGES: readonly KataImage[] = RELEASES.map(([release, guestKernel, nodeKernel, kataVersion]) => ({
  nodeImageVersion: `AKSAzureLinux-V3katagen2-${release}`,
  guestKernel,
  nodeKernel,
  kataVersion,
}));

/**
 * The kernels and Kata version of a node image, if its release notes are known: from the rows of a file first, then from the
 * built-in rows. A patch level changes neither the kernels nor Kata.
 */
export function kataImageOf(nodeImageVersion: string | undefined, known?: KnownImages): KataImage | undefined {
  const image = nodeImageVersion === undefined ? undefined : parseNodeImage(nodeImageVersion);
  if (image === undefined) return undefined;
  const name = `${image.variant}-${image.release}`;
  return [...(known?.kernels ?? []), ...KATA_IMAGES].find((one) => one.nodeImageVersion === name);
}

/**
 * A sentence for an upgrade that changes Kata's minor or major version, because such a jump has broken
 * workloads (3.19.1 to 3.32.0); `undefined` if it does not, or if the versions are unknown. Kata versions never
 * decrease: an image newer than every known one has at least the Kata version of the newest known one.
 */
export function kataVersionJump(own: string | undefined, offered: string | undefined, known?: KnownImages): string | undefined {
  const [older, newer] = [readImage(own), readImage(offered)];
  if (older === undefined || newer === undefined || (compareNodeImages(older, newer) ?? 0) >= 0) return undefined;
  const [before, after] = [versionsOf(older, known), versionsOf(newer, known)];
  const [was, is] = [before.atMost, after.atLeast];
  if (was === undefined || is === undefined || minorOf(was) === minorOf(is)) return undefined;
  const from = before.atLeast === was ? was : `${was} or earlier`;
  return `the newer image changes Kata Containers from ${from} to ${after.atMost === is ? is : `${is} or later`}`;
}

/** The range of an image's Kata version: from the newest known image that is not newer to the oldest that is not older. */
function versionsOf(image: NodeImage, known: KnownImages | undefined): { readonly atLeast?: string; readonly atMost?: string } {
  const rows = [...KATA_IMAGES, ...(known?.kernels ?? [])].map(({ nodeImageVersion, kataVersion }) => ({
    kataVersion,
    read: readImage(nodeImageVersion),
  }));
  const order = rows.toSorted((one, other) => (one.read && other.read && compareNodeImages(one.read, other.read)) ?? 0);
  const compared = order.map(({ kataVersion, read }) => ({
    kataVersion,
    by: read === undefined ? undefined : compareNodeImages(read, image),
  }));
  const notNewer = compared.findLast(({ by }) => by !== undefined && by <= 0);
  const notOlder = compared.find(({ by }) => by !== undefined && by >= 0);
  return {
    ...given({ atLeast: notNewer && upstreamVersion(notNewer.kataVersion), atMost: notOlder && upstreamVersion(notOlder.kataVersion) }),
  };
}

function readImage(nodeImageVersion: string | undefined): NodeImage | undefined {
  return nodeImageVersion === undefined ? undefined : parseNodeImage(nodeImageVersion);
}

function upstreamVersion(kataVersion: string): string {
  return /^\d+\.\d+\.\d+/.exec(kataVersion)?.[0] ?? kataVersion;
}

function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}
