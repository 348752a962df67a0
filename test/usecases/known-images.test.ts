import { describe, expect, it } from 'vitest';
import { EMPTY_IMAGE_FILE, type ImageFile } from '../../shared/domain/images/image-file.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { knownIn, withImageFile } from '../../shared/usecases/known-images.ts';
import { aKataNode, aKataPool, aLatestImage, aSnapshot } from '../support/a-snapshot.ts';

const image = (release: string) => `AKSAzureLinux-V3katagen2-${release}`;
const [OLD, NEW] = [image('202607.20.0'), image('202608.20.0')];
const look = {
  nodePools: observed([aKataPool({ nodeImageVersion: `${OLD}-2026.07.25` }), aKataPool({ name: 'current', nodeImageVersion: NEW })]),
  latestImages: observed([aLatestImage('kata1', NEW), aLatestImage('current', NEW)]),
  nodes: unavailable('denied', 'no'),
} as const;
const signal = new AbortController().signal;
const file = (over: Partial<ImageFile>) => async () => ({ file: { ...EMPTY_IMAGE_FILE, ...over } });

describe('the known data about the images of a cluster', () => {
  it('is empty without an image file and with the vulnerability data off', async () => {
    expect(await knownIn({}, look, signal)).toEqual({});
    expect(await knownIn({ images: file({}) }, look, signal)).toEqual({});
  });

  it('is empty where no image could be seen, and asks for none', async () => {
    const part = unavailable('denied', 'no');
    const unseen = { nodePools: part, latestImages: part, nodes: part };
    const newest = [{ nodeImageVersion: NEW, source: 'https://example.com', seenOn: '2026-11-30' }];
    const vulnerabilities = () => expect.unreachable('There is no image.');
    expect(await knownIn({ images: file({ newest }), vulnerabilities }, unseen, signal)).toEqual({
      knownImages: { kernels: [], newest: [], vulnerabilities: [] },
    });
  });

  it('queries only images with an upgrade between them, each once', async () => {
    const asked: string[] = [];
    const vulnerabilities = async (one: string) => {
      asked.push(one);
      return one === NEW ? [] : ['CVE-2026-1001'];
    };
    const { knownImages } = await knownIn({ vulnerabilities }, look, signal);
    expect(asked).toEqual([`${OLD}-2026.07.25`, NEW]);
    expect(knownImages?.vulnerabilities).toEqual([
      { nodeImageVersion: OLD, ids: ['CVE-2026-1001'] },
      { nodeImageVersion: NEW, ids: [] },
    ]);
  });

  it('asks for nothing where every pool runs what it is offered, and for no more than a handful of images', async () => {
    const asked: string[] = [];
    const vulnerabilities = async (one: string) => {
      asked.push(one);
      return [];
    };
    const pools = (count: number, isCurrent: boolean) => {
      const names = Array.from({ length: count }, (_, at) => `p${at}`);
      const images = names.map((_, at) => image(`2026${String(at + 10)}.20.0`));
      const offered = names.map((name, at) => aLatestImage(name, isCurrent ? (images[at] ?? '') : NEW));
      const held = names.map((name, at) => aKataPool({ name, nodeImageVersion: images[at] ?? '' }));
      return { ...look, nodePools: observed(held), latestImages: observed(offered) };
    };
    await knownIn({ vulnerabilities }, pools(3, true), signal);
    expect(asked).toEqual([]);
    await knownIn({ vulnerabilities }, pools(25, false), signal);
    expect(asked).toHaveLength(20);
  });

  it('has the facts of the file when the data is off', async () => {
    const newest = [{ nodeImageVersion: NEW, source: 'https://example.com', seenOn: '2026-11-30' }];
    expect((await knownIn({ images: file({ newest }) }, look, signal)).knownImages).toMatchObject({ newest: [NEW] });
  });

  it('omits unknown images, and says why the data could not be queried', async () => {
    const unknown = await knownIn({ vulnerabilities: async () => undefined }, look, signal);
    expect(unknown.knownImages).toEqual({ kernels: [], newest: [], vulnerabilities: [] });
    const away = await knownIn({ vulnerabilities: () => Promise.reject(new Fault('unreachable', 'No way out.')) }, look, signal);
    expect(away.knownImages).toMatchObject({ vulnerabilities: [], vulnerabilityProblem: 'No way out.' });
  });

  it('rethrows a bug instead of reporting a gap', async () => {
    await expect(knownIn({ vulnerabilities: () => Promise.reject(new TypeError('bug')) }, look, signal)).rejects.toThrow('bug');
  });

  it('queries no image that is in the file, whatever its patch level', async () => {
    const row = (nodeImageVersion: string) => ({ nodeImageVersion, ids: [], source: 'https://example.com', seenOn: '2026-11-30' });
    const vulnerabilities = () => expect.unreachable('The file has both images.');
    const { knownImages } = await knownIn({ images: file({ vulnerabilities: [row(OLD), row(NEW)] }), vulnerabilities }, look, signal);
    expect(knownImages?.vulnerabilities).toHaveLength(2);
    expect(knownImages?.vulnerabilityProblem).toBeUndefined();
  });

  it('asks for the images that the file has not', async () => {
    const row = { nodeImageVersion: OLD, ids: [], source: 'https://example.com', seenOn: '2026-11-30' };
    const asked: string[] = [];
    const vulnerabilities = async (one: string) => {
      asked.push(one);
      return [];
    };
    await knownIn({ images: file({ vulnerabilities: [row] }), vulnerabilities }, look, signal);
    expect(asked).toEqual([NEW]);
  });

  it('prefers the rows of the file, which work without outbound access', async () => {
    const rows = [{ nodeImageVersion: OLD, ids: ['CVE-2026-2000'], source: 'https://example.com', seenOn: '2026-11-30' }];
    const vulnerabilities = () => Promise.reject(new Fault('unreachable', 'No way out.'));
    const { knownImages } = await knownIn({ images: file({ vulnerabilities: rows }), vulnerabilities }, look, signal);
    expect(knownImages?.vulnerabilities).toEqual([{ nodeImageVersion: OLD, ids: ['CVE-2026-2000'] }]);
  });
});

describe('an image file for a snapshot', () => {
  const origin = { source: 'https://example.com', seenOn: '2026-11-30' };
  const row = { nodeImageVersion: NEW, guestKernel: 'g', nodeKernel: 'n', kataVersion: '4.0.0' };
  const told = { ...EMPTY_IMAGE_FILE, kernels: [{ ...row, ...origin }], newest: [{ nodeImageVersion: NEW, ...origin }] };
  const snapshot = aSnapshot({ nodes: observed([aKataNode({ nodeImageVersion: OLD })]) });

  it("is used for the images of the snapshot, before the snapshot's own data", () => {
    const held = { kernels: [{ ...row, kataVersion: '3.0.0' }], newest: [OLD], vulnerabilities: [{ nodeImageVersion: OLD, ids: [] }] };
    const { knownImages } = withImageFile({ ...snapshot, knownImages: held }, told);
    expect(knownImages).toEqual({ kernels: [row, ...held.kernels], newest: [NEW, OLD], vulnerabilities: held.vulnerabilities });
    expect(withImageFile(snapshot, told).knownImages).toEqual({ kernels: [row], newest: [NEW] });
  });

  it('tells of vulnerabilities that the look itself knows nothing of', () => {
    const file = { ...EMPTY_IMAGE_FILE, vulnerabilities: [{ nodeImageVersion: OLD, ids: ['CVE-2026-1'], ...origin }] };
    expect(withImageFile(snapshot, file).knownImages).toMatchObject({ vulnerabilities: [{ nodeImageVersion: OLD, ids: ['CVE-2026-1'] }] });
  });

  it('changes nothing when it does not contain these images', () => {
    expect(withImageFile(snapshot, EMPTY_IMAGE_FILE)).toBe(snapshot);
    const other = { ...EMPTY_IMAGE_FILE, newest: [{ nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202608.20.0', ...origin }] };
    expect(withImageFile(snapshot, other)).toBe(snapshot);
  });
});
