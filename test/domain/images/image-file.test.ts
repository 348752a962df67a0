import { describe, expect, it } from 'vitest';
import { BUILT_IN_IMAGES, EMPTY_IMAGE_FILE, type ImageFile, knownOf, mergeImageFiles } from '../../../shared/domain/images/image-file.ts';
import { KATA_IMAGES, kataImageOf, kataVersionJump, RELEASE_NOTES_READ_ON } from '../../../shared/domain/images/kata-images.ts';
import { closedByUpgrade } from '../../../shared/domain/images/vulnerabilities.ts';

const image = (release: string) => `AKSAzureLinux-V3katagen2-${release}`;
const origin = (seenOn = '2026-11-30') => ({ source: 'https://example.com', seenOn });
const kernels = (release: string, kataVersion: string, seenOn?: string) => ({
  nodeImageVersion: image(release),
  guestKernel: 'guest',
  nodeKernel: 'host',
  kataVersion,
  ...origin(seenOn),
});
const cves = (release: string, ...ids: string[]) => ({ nodeImageVersion: image(release), ids, ...origin() });
const file = (over: Partial<ImageFile>): ImageFile => ({ ...EMPTY_IMAGE_FILE, ...over });

describe('two image files', () => {
  it.each([
    ['a later row', '2026-11-29', '2026-11-30', 'new'],
    ['a row of the same day', '2026-11-30', '2026-11-30', 'new'],
    ['an older row', '2026-11-30', '2026-11-29', 'old'],
  ])('are merged so that %s about one image has this effect: %s, %s, %s', (_, before, after, expected) => {
    const merged = mergeImageFiles(
      file({ kernels: [kernels('202611.01.0', 'old', before)] }),
      file({ kernels: [kernels('202611.01.0', 'new', after)] }),
    );
    expect(merged.kernels.map(({ kataVersion }) => kataVersion)).toEqual([expected]);
  });

  it('keep one newest image for each variant, of the same day that of the second file', () => {
    const newest = (release: string) => file({ newest: [{ nodeImageVersion: image(release), ...origin() }] });
    const merged = mergeImageFiles(newest('202611.21.0'), newest('202611.01.0'));
    expect(merged.newest.map(({ nodeImageVersion }) => nodeImageVersion)).toEqual([image('202611.01.0')]);
  });

  it('keep one row of vulnerabilities for each image, of the same day that of the second file', () => {
    const merged = mergeImageFiles(
      file({ vulnerabilities: [cves('202611.01.0', 'CVE-2026-1')] }),
      file({ vulnerabilities: [cves('202611.01.0', 'CVE-2026-2')] }),
    );
    expect(merged.vulnerabilities.map(({ ids }) => ids)).toEqual([['CVE-2026-2']]);
  });
});

describe('a merged image file', () => {
  it('has the rows of both, in the order of their images, whatever their case', () => {
    const one = file({
      kernels: [kernels('202611.02.0', 'b', '2026-11-01')],
      vulnerabilities: [cves('202611.01.0', 'CVE-2026-1')],
      newest: [{ nodeImageVersion: 'odd', ...origin() }],
    });
    const other = file({
      kernels: [kernels('202611.01.0', 'a'), { ...kernels('202611.02.0', 'B'), nodeImageVersion: image('202611.02.0').toUpperCase() }],
      vulnerabilities: [cves('202611.02.0', 'CVE-2026-2')],
      newest: [{ nodeImageVersion: image('202611.21.0'), ...origin() }],
    });
    const merged = mergeImageFiles(one, other);
    expect(merged.kernels.map(({ kataVersion }) => kataVersion)).toEqual(['a', 'B']);
    expect(merged.vulnerabilities.map(({ ids }) => ids)).toEqual([['CVE-2026-1'], ['CVE-2026-2']]);
    expect(merged.newest.map(({ nodeImageVersion }) => nodeImageVersion)).toEqual([image('202611.21.0'), 'odd']);
    expect(mergeImageFiles(other, one).kernels.map(({ kataVersion }) => kataVersion)).toEqual(['a', 'B']);
  });

  it('contains the built-in data, each row with its source', () => {
    const { kernels: rows, newest, vulnerabilities } = BUILT_IN_IMAGES;
    expect([rows.length, newest, vulnerabilities]).toEqual([KATA_IMAGES.length, [], []]);
    expect(rows[0]).toEqual({
      ...KATA_IMAGES[0],
      seenOn: RELEASE_NOTES_READ_ON,
      source: expect.stringMatching(/\/gen2kata\/202601\.27\.0\.txt$/),
    });
  });
});

describe('the rows of a file about the images of a cluster', () => {
  const whole = file({
    kernels: [
      kernels('202611.21.0', '5.0.0'),
      { ...kernels('202611.21.0', '5.0.0'), nodeImageVersion: 'AKSAzureLinux-V2katagen2-202509.05.0' },
    ],
    newest: [
      { nodeImageVersion: image('202611.21.0'), ...origin() },
      { nodeImageVersion: 'AKSUbuntu-2404-202611.21.0', ...origin() },
    ],
    vulnerabilities: [cves('202611.01.0', 'CVE-2026-1001'), cves('202610.01.0', 'CVE-2026-1002')],
  });

  it('are those about them and their variants, and no others', () => {
    const known = knownOf(whole, [image('202611.01.0-2026.11.05')]);
    expect(known).toEqual({
      kernels: [{ nodeImageVersion: image('202611.21.0'), guestKernel: 'guest', nodeKernel: 'host', kataVersion: '5.0.0' }],
      newest: [image('202611.21.0')],
      vulnerabilities: [{ nodeImageVersion: image('202611.01.0'), ids: ['CVE-2026-1001'] }],
    });
  });

  it('are used when there is only one kind of row', () => {
    const newest = [{ nodeImageVersion: image('202611.21.0'), ...origin() }];
    const shouted = image('202611.01.0').toUpperCase().replace('AKSAZURELINUX', 'AKSAzureLinux');
    expect(knownOf(file({ newest }), [shouted])).toEqual({ kernels: [], newest: [image('202611.21.0')] });
    expect(knownOf(file({ kernels: whole.kernels.slice(0, 1), newest }), [shouted])).toMatchObject({ newest: [image('202611.21.0')] });
    expect(knownOf(file({ kernels: whole.kernels }), [image('202611.01.0')])).toMatchObject({
      kernels: [{ kataVersion: '5.0.0' }],
      newest: [],
    });
    expect(knownOf(file({ vulnerabilities: whole.vulnerabilities.slice(0, 1) }), [])).toEqual({
      kernels: [],
      newest: [],
      vulnerabilities: [],
    });
    expect(knownOf(file({ vulnerabilities: whole.vulnerabilities }), [])).toEqual({ kernels: [], newest: [], vulnerabilities: [] });
    expect(knownOf(whole, [shouted])?.vulnerabilities).toHaveLength(1);
  });

  it('are empty without such rows', () => {
    expect(knownOf(EMPTY_IMAGE_FILE, [image('202611.01.0')])).toBeUndefined();
    expect(knownOf(file({ kernels: [kernels('202611.21.0', '5.0.0')] }), ['AKSUbuntu-2404-202611.01.0', 'nothing'])).toBeUndefined();
  });

  it('extend the built-in data: kernels, and changes of the Kata version', () => {
    const known = knownOf(whole, [image('202611.21.0')]);
    expect(kataImageOf(image('202611.21.0'))).toBeUndefined();
    expect(kataImageOf(image('202611.21.0'), known)?.kataVersion).toBe('5.0.0');
    expect(kataImageOf(image('202608.20.0'), known)?.kataVersion).toBe('3.32.0.kata0-3.azl3');
    expect(kataVersionJump(image('202610.08.0'), image('202611.21.0'), known)).toBe(
      'the newer image changes Kata Containers from 4.1.0 to 5.0.0',
    );
  });
});

describe('the vulnerabilities that an upgrade closes', () => {
  const known = knownOf(
    file({
      vulnerabilities: [
        cves('202610.01.0', 'CVE-2026-1003', 'CVE-2026-1001', 'CVE-2026-1002'),
        cves('202611.01.0', 'CVE-2026-1002', 'CVE-2026-1009'),
      ],
    }),
    [image('202610.01.0'), image('202611.01.0')],
  );

  it('are those of the current image that the offered one no longer has', () => {
    expect(closedByUpgrade(image('202610.01.0-2026.10.20'), image('202611.01.0'), known)).toEqual({
      sentence: ' The newer image no longer has 2 known vulnerabilities of this one.',
      facts: {
        vulnerabilitiesClosed: 2,
        vulnerabilityIds: ['CVE-2026-1001', 'CVE-2026-1003'],
        vulnerabilitySource: expect.stringContaining('cve-api'),
      },
    });
  });

  it.each([
    ['the current image', image('202609.01.0'), image('202611.01.0')],
    ['the offered image', image('202610.01.0'), image('202611.09.0')],
    ['the variant', 'AKSUbuntu-2404-202610.01.0', 'AKSUbuntu-2404-202611.01.0'],
  ])('are unknown, and never zero, when %s is unknown', (_, own, offered) => {
    expect(closedByUpgrade(own, offered, known)).toEqual({
      sentence: '',
      facts: { vulnerabilitiesClosed: expect.stringMatching(/^not known for /) },
    });
  });

  it('say why they are unknown, when there is a reason', () => {
    const why = known === undefined ? expect.unreachable() : { ...known, vulnerabilityProblem: 'The file is late.' };
    expect(closedByUpgrade(image('202610.01.0'), image('202611.09.0'), why).facts).toEqual({
      vulnerabilitiesClosed: `not known for ${image('202611.09.0')}: The file is late.`,
    });
  });

  it('are each counted once, up to fifty are named, and they are omitted when there are none', () => {
    const ids = Array.from({ length: 51 }, (_, at) => `CVE-2026-${2_000 + at}`);
    const rows = file({ vulnerabilities: [cves('202610.01.0', ...ids, ...ids), cves('202611.01.0')] });
    const closed = closedByUpgrade(image('202610.01.0'), image('202611.01.0'), knownOf(rows, [image('202610.01.0'), image('202611.01.0')]));
    expect(closed.facts).toMatchObject({ vulnerabilitiesClosed: 51, vulnerabilityIds: ids.slice(0, 50) });
    expect(closedByUpgrade(image('202610.01.0'), image('202610.01.0'), known)).toMatchObject({
      sentence: '',
      facts: { vulnerabilitiesClosed: 0 },
    });
    expect(closedByUpgrade('odd', image('202610.01.0'), known).facts.vulnerabilitiesClosed).toBe('not known for odd');
  });

  it('are omitted without such data', () => {
    const other = knownOf(file({ kernels: [kernels('202611.21.0', '5.0.0')] }), [image('202610.01.0')]);
    expect(closedByUpgrade(image('202610.01.0'), image('202611.01.0'), other)).toEqual({ sentence: '', facts: {} });
    expect(closedByUpgrade(image('202610.01.0'), image('202611.01.0'), undefined)).toEqual({ sentence: '', facts: {} });
  });
});
