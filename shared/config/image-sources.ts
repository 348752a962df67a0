import { z } from 'zod';
import { variantOfDistro } from '../domain/images/distro.ts';
import { EMPTY_IMAGE_FILE, type ImageFile } from '../domain/images/image-file.ts';
import { RELEASE_NOTES } from '../domain/images/kata-images.ts';
import { parseNodeImage } from '../domain/images/node-image.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { parseImageFile } from './image-file.ts';

/** A file with facts about node images, and where and when it was downloaded. */
export interface ImageSource {
  readonly name: string;
  readonly text: string;
  /** RFC 3339 date. */
  readonly seenOn: string;
}

/**
 * Reads facts about node images from an image file, the release notes of one Kata image as AgentBaker keeps
 * them, or a report of AKS's public vulnerability data. Throws one `Fault` for anything else.
 */
export function readImageSource(source: ImageSource): ImageFile {
  if (/^Starting build on /.test(source.text)) return releaseNotes(source);
  const report = reportOf(source.text);
  return report === undefined ? parseImageFile(source.text, source.name) : vulnerabilities(report, source);
}

/*
 * Each pattern matches exactly once in the notes of every release since 202601.27.0.
 * Source: github.com/Azure/AgentBaker vhdbuilder/release-notes/AKSAzureLinuxV3/gen2kata.
 */
const PACKAGES = {
  nodeKernel: /^kernel-mshv-(\d\S*)\.(?:x86_64|noarch)$/m,
  guestKernel: /^kernel-uvm-(\d\S*)\.(?:x86_64|noarch)$/m,
  kataVersion: /^kata-containers-(\d\S*)\.(?:x86_64|noarch)$/m,
};
const RUNNING_KERNEL = /^Linux version (\S+) /m;

/** The notes do not name their image; the name of the file is the release. */
function releaseNotes({ name, text, seenOn }: ImageSource): ImageFile {
  const release = /(?:^|[/\\])(\d{6}\.\d{2}\.\d+)\.txt$/.exec(name)?.[1];
  const nodeImageVersion = `AKSAzureLinux-V3katagen2-${release ?? ''}`;
  if (release === undefined || parseNodeImage(nodeImageVersion) === undefined) {
    throw new Fault('malformed', `${name} contains release notes, so the file must be named after the release, such as 202610.08.0.txt.`);
  }
  if (!/^Feature flags: kata$/m.test(text)) throw new Fault('unsupported', `${name} contains the release notes of an image without Kata.`);
  const found = (what: keyof typeof PACKAGES) => {
    const version = PACKAGES[what].exec(text)?.[1];
    if (version === undefined) throw new Fault('malformed', `${name} contains release notes without the package ${PACKAGES[what].source}.`);
    return version;
  };
  const row = { nodeImageVersion, guestKernel: found('guestKernel'), nodeKernel: found('nodeKernel'), kataVersion: found('kataVersion') };
  if (RUNNING_KERNEL.exec(text)?.[1] !== row.nodeKernel) {
    throw new Fault('malformed', `${name} is inconsistent: its package kernel-mshv is ${row.nodeKernel}, but it ran another kernel.`);
  }
  return { ...EMPTY_IMAGE_FILE, kernels: [{ ...row, source: `${RELEASE_NOTES}/${release}.txt`, seenOn }] };
}

const cves = z.array(z.object({ id: z.string() })).nullish();
/** Source: learn.microsoft.com/azure/aks/security-vulnerability-api-reference, "VHD scan reports". */
const Report = z.object({
  distro_name: z.string(),
  vhd_release_version: z.string(),
  report_time: z.string(),
  os_package_targets: z.array(z.object({ active_cves: cves })).nullish(),
  container_targets: z.array(z.object({ active_cves: cves })).nullish(),
});

function reportOf(text: string): z.output<typeof Report> | undefined {
  try {
    return Report.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON, so not a report; the other parsers report what is wrong.
    return undefined;
  }
}

function vulnerabilities(
  { distro_name: distro, vhd_release_version: release, ...report }: z.output<typeof Report>,
  { name, seenOn }: ImageSource,
): ImageFile {
  const variant = variantOfDistro(distro);
  if (variant === undefined) throw new Fault('unsupported', `${name} is about ${JSON.stringify(distro)}, which is not a known node image.`);
  const targets = [...(report.os_package_targets ?? []), ...(report.container_targets ?? [])];
  const ids = [...new Set(targets.flatMap(({ active_cves }) => (active_cves ?? []).map(({ id }) => id)))].toSorted();
  const source = `https://cve-api.prod-aks.azure.com/api/v1/vhd-releases/${distro.replaceAll('/', '-')}/${release}/scan-reports`;
  const file = { ...EMPTY_IMAGE_FILE, vulnerabilities: [{ nodeImageVersion: `${variant}-${release}`, ids, source, seenOn }] };
  // The report comes from the internet, so its content is checked like a file that a person wrote.
  return parseImageFile(JSON.stringify({ schemaVersion: 1, vulnerabilities: file.vulnerabilities }), name);
}
