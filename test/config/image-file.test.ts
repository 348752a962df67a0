import { describe, expect, it } from 'vitest';
import { parseImageFile, printImageFile } from '../../shared/config/image-file.ts';
import { readImageSource } from '../../shared/config/image-sources.ts';
import { BUILT_IN_IMAGES, EMPTY_IMAGE_FILE } from '../../shared/domain/images/image-file.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';

const ROW = {
  nodeImageVersion: 'AKSAzureLinux-V3katagen2-202610.15.0',
  guestKernel: '6.6.139.mshv1-1.azl3',
  nodeKernel: '6.6.141.mshv1-1.azl3',
  kataVersion: '4.1.1.kata0-1.azl3',
  source: 'https://example.com/notes',
  seenOn: '2026-11-30',
};
const newest = (over: object = {}) => ({ nodeImageVersion: ROW.nodeImageVersion, source: ROW.source, seenOn: ROW.seenOn, ...over });
const vulnerable = (...ids: readonly string[]) => newest({ ids });
const file = (over: object = {}) => JSON.stringify({ schemaVersion: 1, ...over });
const problem = (text: string) => {
  try {
    parseImageFile(text, 'images.json');
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  return 'fine';
};

describe('an image file', () => {
  it('is read as it was written, and the built-in data is a valid one', () => {
    expect(parseImageFile(printImageFile(BUILT_IN_IMAGES), 'built-in')).toEqual(BUILT_IN_IMAGES);
    expect(parseImageFile(file(), 'x')).toEqual(EMPTY_IMAGE_FILE);
  });

  it.each([
    ['not JSON', '{', /images\.json is not JSON/],
    ['of another version', file({ schemaVersion: 2 }), /schemaVersion: expected 1, got 2/],
    ['with an unknown key', file({ kernel: [] }), /Unrecognized key: "kernel"/],
    ['with a row without a source', file({ kernels: [{ ...ROW, source: undefined }] }), /kernels\.0\.source/],
    [
      'with a source that is not a URL',
      file({ kernels: [{ ...ROW, source: 'javascript:alert(1)' }] }),
      /kernels\.0\.source: expected an address with https/,
    ],
    ['with an impossible date', file({ kernels: [{ ...ROW, seenOn: '2026-02-30' }] }), /kernels\.0\.seenOn: expected a date/],
    [
      'with a name that is not an image',
      file({ newest: [{ ...ROW, nodeImageVersion: 'latest' }] }),
      /newest\.0\.nodeImageVersion: expected a node image/,
    ],
    [
      'with kernels of an image without Kata',
      file({ kernels: [{ ...ROW, nodeImageVersion: 'AKSUbuntu-2204-202610.15.0' }] }),
      /expected a Kata image/,
    ],
    ['with a control character', file({ kernels: [{ ...ROW, guestKernel: 'a\u001b[2J' }] }), /guestKernel: expected no control characters/],
    ['with an invalid id', file({ vulnerabilities: [vulnerable('<script>')] }), /vulnerabilities\.0/],
    ['with more than an id', file({ vulnerabilities: [vulnerable('CVE-2026-1001x')] }), /ids\.0: expected an id/],
    ['with an id that begins otherwise', file({ vulnerabilities: [vulnerable('xGHSA-aaaa-bbbb-cccc')] }), /ids\.0: expected an id/],
    ['with a short id', file({ vulnerabilities: [vulnerable('CVE-2026-123')] }), /ids\.0: expected an id/],
    ['with a source by plain HTTP', file({ newest: [newest({ source: 'http://example.com' })] }), /newest\.0\.source/],
    ['with a long source', file({ newest: [newest({ source: `https://example.com/${'x'.repeat(481)}` })] }), /newest\.0\.source/],
    ['with an empty name', file({ kernels: [{ ...ROW, guestKernel: '' }] }), /kernels\.0\.guestKernel/],
    ['with a long name', file({ kernels: [{ ...ROW, guestKernel: 'x'.repeat(201) }] }), /kernels\.0\.guestKernel/],
    ['that is a list', '[]', /the file: /],
  ])('is refused when it is %s', (_, text, message) => expect(problem(text)).toMatch(message));

  it('may hold the longest names, and ids of both kinds', () => {
    const row = { ...ROW, guestKernel: 'x'.repeat(200), source: `https://example.com/${'x'.repeat(480)}` };
    const ids = ['CVE-2026-1234', 'cve-2026-1234567890123456789', 'GHSA-a1b2-c3d4-e5f6'];
    const content = file({ kernels: [row], newest: [newest()], vulnerabilities: [vulnerable(...ids)] });
    expect(parseImageFile(content, 'x')).toMatchObject({ kernels: [row], newest: [newest()], vulnerabilities: [{ ids }] });
    const { kernels, newest: newer, vulnerabilities } = parseImageFile(content, 'x');
    expect(printImageFile({ kernels, newest: newer, vulnerabilities }).split('\n')).toHaveLength(13);
  });

  it('names twenty mistakes, and says how many more there are', () => {
    const rows = (count: number) => problem(file({ newest: Array.from({ length: count }, () => newest({ seenOn: 'x' })) })).split('\n');
    expect([rows(20).length, rows(21).length, rows(21).at(-1)]).toEqual([21, 22, '  - and 1 more']);
    expect(problem(`${file()}${' '.repeat(1_048_576 - file().length)}`)).toBe('fine');
  });

  it('is refused with all mistakes at once, and with a limited number of lines', () => {
    const many = problem(file({ newest: Array.from({ length: 500 }, () => ({})) }));
    expect(many).toContain('newest.0.nodeImageVersion');
    expect(many.split('\n').length).toBeLessThan(25);
  });

  it('is refused when it is longer than the limit of the app', () => {
    expect(problem(' '.repeat(1_048_577))).toMatch(/longer than 1048576 characters/);
  });
});

const NOTES = [
  'Starting build on  Thu Oct 15 10:00:00 UTC 2026',
  // A plain kernel that never runs on a Kata node is also installed.
  'kernel-6.6.150.1-1.azl3.x86_64',
  'kernel-mshv-6.6.141.mshv1-1.azl3.x86_64',
  'kernel-uvm-6.6.139.mshv1-1.azl3.x86_64',
  'kata-containers-4.1.1.kata0-1.azl3.x86_64',
  'Using kernel:',
  'Linux version 6.6.141.mshv1-1.azl3 (root@x) #1 SMP Mon Aug 10 11:35:34 UTC 2026',
  'Feature flags: kata',
  '',
].join('\n');
const read = (text: string, name = 'notes/202610.15.0.txt') => readImageSource({ name, text, seenOn: '2026-11-30' });

describe('release notes of a Kata image', () => {
  it('contain its kernels and its Kata version', () => {
    const { nodeImageVersion, guestKernel, nodeKernel, kataVersion } = ROW;
    expect(read(NOTES).kernels).toEqual([
      {
        nodeImageVersion,
        guestKernel,
        nodeKernel,
        kataVersion,
        source: expect.stringMatching(/gen2kata\/202610\.15\.0\.txt$/),
        seenOn: '2026-11-30',
      },
    ]);
  });

  it.each(['202610.15.0.txt', 'C:\\notes\\202610.15.0.txt', './202610.15.0.txt'])('are read from the file %s', (name) => {
    expect(read(NOTES, name).kernels).toHaveLength(1);
  });

  it.each([
    ['whose file is not named after its release', NOTES, 'latest.txt', /named after the release/],
    ['whose file has more in its name', NOTES, 'x202610.15.0.txt', /named after the release/],
    ['whose file is no text', NOTES, '202610.15.0.txt.gz', /named after the release/],
    ['of an image that cannot be', NOTES, '202699.99.0.txt', /named after the release|expected/],
    ['of an image with more than Kata', NOTES.replace('flags: kata', 'flags: kata fips'), undefined, /without Kata/],
    ['without the kernel that ran', NOTES.replace(/^Linux version.*$/m, ''), undefined, /is inconsistent/],
    ['of an image without Kata', NOTES.replace('flags: kata', 'flags: None'), undefined, /without Kata/],
    ['without the guest kernel', NOTES.replace(/^kernel-uvm.*$/m, ''), undefined, /without the package/],
    ['that contradict themselves', NOTES.replace('Linux version 6.6.141', 'Linux version 6.6.140'), undefined, /is inconsistent/],
  ])('are refused %s', (_, text, name, message) => expect(() => read(text, name)).toThrow(message));
});

describe('a report of vulnerabilities', () => {
  const report = (distro: string, ids: readonly string[] = ['CVE-2026-1001']) =>
    JSON.stringify({
      distro_name: distro,
      vhd_release_version: '202610.08.0',
      report_time: '2026-10-20T00:00:00.123456789Z',
      os_package_targets: [
        { name: 'a', version: '1', active_cves: ids.map((id) => ({ id })) },
        { name: 'b', version: '1', active_cves: null },
      ],
      container_targets: [{ container_image: 'x', active_cves: [{ id: 'CVE-2026-1001' }] }],
    });

  // The pairs of learn.microsoft.com/azure/aks/security-vulnerability-api-reference and the images they stand for.
  it.each([
    ['AKSAzureLinuxV3/gen2kata', 'AKSAzureLinux-V3katagen2'],
    ['AKSAzureLinux/gen2kata', 'AKSAzureLinux-V2katagen2'],
    ['AKSCBLMarinerV2/gen2kata', 'AKSCBLMariner-V2katagen2'],
    ['AKSAzureLinuxV3/gen2', 'AKSAzureLinux-V3gen2'],
    ['AKSAzureLinuxV3/gen1', 'AKSAzureLinux-V3'],
    ['AKSAzureLinuxV3/gen2fips', 'AKSAzureLinux-V3gen2fips'],
    ['AKSAzureLinuxV3/gen2tl', 'AKSAzureLinux-V3gen2TL'],
    ['AKSUbuntu/gen2/2204containerd', 'AKSUbuntu-2204gen2containerd'],
    ['AKSUbuntu/gen1/2204containerd', 'AKSUbuntu-2204containerd'],
    ['AKSUbuntu/gen2/2204tlcontainerd', 'AKSUbuntu-2204gen2TLcontainerd'],
  ])('about %s is about %s', (distro, variant) => {
    expect(read(report(distro)).vulnerabilities).toEqual([
      {
        nodeImageVersion: `${variant}-202610.08.0`,
        ids: ['CVE-2026-1001'],
        source: `https://cve-api.prod-aks.azure.com/api/v1/vhd-releases/${distro.replaceAll('/', '-')}/202610.08.0/scan-reports`,
        seenOn: '2026-11-30',
      },
    ]);
  });

  it('names each id once, in order, of packages and of containers', () => {
    const value = JSON.parse(report('AKSAzureLinuxV3/gen2kata', ['CVE-2026-1002', 'CVE-2026-1001', 'CVE-2026-1002']));
    const containers = [{ active_cves: [{ id: 'CVE-2026-1000' }] }, { active_cves: null }];
    const ids = (over: object) => read(JSON.stringify({ ...value, ...over })).vulnerabilities[0]?.ids;
    expect(ids({ container_targets: containers })).toEqual(['CVE-2026-1000', 'CVE-2026-1001', 'CVE-2026-1002']);
    expect(ids({ os_package_targets: null, container_targets: containers })).toEqual(['CVE-2026-1000']);
  });

  it.each([
    ['an unknown distribution', report('../../x'), /not a known node image/],
    ['an invalid id', report('AKSAzureLinuxV3/gen2kata', ['<b>']), /expected an id/],
    ['something else', '{"hello": 1}', /is not an image file/],
  ])('is refused about %s', (_, text, message) => expect(() => read(text)).toThrow(message));
});
