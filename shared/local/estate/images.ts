import { kataImageOf } from '../../domain/images/kata-images.ts';
import { parseNodeImage } from '../../domain/images/node-image.ts';
import { DAY_MS } from '../../domain/snapshot/day.ts';
import { digest } from './random.ts';

/** Azure offers a new image every week; regions have had this one for a few days. */
const LATEST_AGE_DAYS = 5;

/** The image variants that the simulated estate's pools run. */
export const VARIANTS = {
  kata: 'AKSAzureLinux-V3katagen2',
  legacyKata: 'AKSAzureLinux-V2katagen2',
  azureLinux: 'AKSAzureLinux-V3gen2',
  ubuntu: 'AKSUbuntu-2404gen2containerd',
} as const;

/** The last release of the Azure Linux 2 Kata image, which gets no more updates. */
export const FROZEN_KATA_IMAGE = `${VARIANTS.legacyKata}-202509.05.0`;

/** The only image whose pod VMs and nodes have the same kernel release: only the boot id distinguishes them. */
export const EQUAL_KERNELS_IMAGE = `${VARIANTS.kata}-202605.27.0`;

/** An image of a variant that was released some days before a time. */
export function imageOfAge(variant: string, ageDays: number, now: Date): string {
  const [date = ''] = new Date(now.getTime() - ageDays * DAY_MS).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${variant}-${year}${month}.${day}.0`;
}

/** The image of a variant that a pool's upgrade profile offers at a time. */
export function latestImage(variant: string, now: Date): string {
  return variant === VARIANTS.legacyKata ? FROZEN_KATA_IMAGE : imageOfAge(variant, LATEST_AGE_DAYS, now);
}

/** Facts that a node reports because of its image. */
export interface NodeSoftware {
  readonly kata: boolean;
  readonly osImage: string;
  readonly kernelVersion: string;
  readonly kernelBuild: string;
  /** The kernel of pod VMs on the node; absent on a node that starts none. */
  readonly guestKernel?: string;
  readonly guestKernelBuild?: string;
  readonly containerRuntimeVersion: string;
  readonly handlers: readonly string[];
}

const PLAIN_HANDLERS = ['', 'runc', 'untrusted'];

/** Facts that follow from a node image; invented images have kernels of their time. */
export function softwareOf(nodeImageVersion: string): NodeSoftware {
  const software = known.get(nodeImageVersion) ?? readSoftware(nodeImageVersion);
  known.set(nodeImageVersion, software);
  return software;
}

/** An estate has few images and many nodes. */
const known = new Map<string, NodeSoftware>();

function readSoftware(nodeImageVersion: string): NodeSoftware {
  const image = parseNodeImage(nodeImageVersion);
  if (image?.features.kata === true) return kataSoftware(nodeImageVersion, image.variant === VARIANTS.kata);
  if (image?.gallery.startsWith('AKSUbuntu') === true) {
    return plain(nodeImageVersion, 'Ubuntu 24.04.4 LTS', '6.8.0-1063-azure', 'containerd://2.3.3-2');
  }
  return plain(nodeImageVersion, 'Microsoft Azure Linux 3.0', '6.6.150.1-1.azl3', 'containerd://2.2.4');
}

function plain(image: string, osImage: string, kernelVersion: string, containerRuntimeVersion: string): NodeSoftware {
  return {
    kata: false,
    osImage,
    kernelVersion,
    kernelBuild: kernelBuild('node', image),
    containerRuntimeVersion,
    handlers: PLAIN_HANDLERS,
  };
}

function kataSoftware(nodeImageVersion: string, current: boolean): NodeSoftware {
  const image = kataImageOf(nodeImageVersion);
  const kernels = current ? ['6.6.137.mshv2-2.azl3', '6.6.137.mshv1-1.azl3'] : ['5.15.157.mshv1-2.cm2', '6.1.58.mshv4'];
  const [nodeKernel = '', guestKernel = ''] = image === undefined ? kernels : [image.nodeKernel, image.guestKernel];
  return {
    kata: true,
    osImage: current ? 'Microsoft Azure Linux 3.0' : 'CBL-Mariner/Linux',
    kernelVersion: nodeKernel,
    kernelBuild: kernelBuild('node', nodeImageVersion),
    guestKernel,
    guestKernelBuild: kernelBuild('guest', nodeImageVersion),
    containerRuntimeVersion: current ? 'containerd://2.2.4' : 'containerd://1.6.36',
    handlers: [...PLAIN_HANDLERS, 'kata', 'kata-cc'],
  };
}

/** The build stamp of `uname -v`: it distinguishes a guest's kernel from its node's even if their releases are equal. */
function kernelBuild(side: 'node' | 'guest', image: string): string {
  const minute = Number.parseInt(digest('kernel build', side, image).slice(0, 4), 16) % 60;
  return `#1 SMP Tue May 19 17:${String(minute).padStart(2, '0')}:${side === 'node' ? '14' : '13'} UTC 2026`;
}
