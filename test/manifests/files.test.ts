import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ManifestFile } from '../../shared/manifests/located.ts';
import { readPaths } from '../../shared/manifests/manifest-files.ts';
import { ManifestReader } from '../../shared/manifests/read-manifests.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'manifests-'));
  const files: Readonly<Record<string, string>> = {
    'a/one.yaml': '1',
    'a/two.yml': '2',
    'a/three.JSON': '3',
    'a/notes.txt': 'no',
    'a/x.yaml.bak': 'no',
    'a/sub.yaml/four.yaml': '4',
    'a/.git/five.yaml': 'no',
    'a/node_modules/six.yaml': 'no',
    'b/kustomization.yaml': 'patches: [{ path: patch.yaml }, { path: ../deep/1/2/3/4/far.yaml }, { path: gone.yaml }]\n',
    'b/patch.yaml': 'p',
    'b/object.yaml': 'o',
    'c/kustomization.yml': 'patchesStrategicMerge: [under/patch.yaml]\n',
    'c/under/patch.yaml': 'p',
    'd/Kustomization': 'patches: [{ path: linked.yaml }]\n',
    'd/real.yaml': 'p',
    'deep/kustomization.yaml': 'patches: [{ path: 1/2/3/4/far.yaml }, { path: 1/2/3/4/5/farther.yaml }]\n',
    'deep/1/2/3/4/far.yaml': 'f',
    'deep/1/2/3/4/5/farther.yaml': 'f',
  };
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(root, name, '..'), { recursive: true });
    await writeFile(join(root, name), text);
  }
  await symlink(join(root, 'a/one.yaml'), join(root, 'a/0-link.yaml'));
  await symlink(join(root, 'b'), join(root, 'a/folder-link'));
  await symlink('real.yaml', join(root, 'd/linked.yaml'));
  await symlink('loop.yaml', join(root, 'loop.yaml'));
  await writeFile(join(root, 'large.yaml'), '');
  await truncate(join(root, 'large.yaml'), 256 * 1_048_576 + 1);
  await writeFile(join(root, 'binary.yaml'), Buffer.from([0x61, 0]));
});
afterAll(() => rm(root, { recursive: true }));

/** What is read from paths below the root: `name: text`, with marks of what was named and what is a patch; and what could not be read. */
async function read(paths: readonly string[], stdin: Iterable<string | Buffer> = []) {
  const files: ManifestFile[] = [];
  const reader = new (class extends ManifestReader {
    override add(file: ManifestFile): void {
      files.push(file);
    }
  })(undefined);
  await readPaths(
    paths.map((path) => (path === '-' ? path : join(root, path))),
    Readable.from(stdin),
    reader,
  );
  const nameOf = (name: string) => (name === '-' ? name : relative(root, name));
  return {
    files: files.map(
      ({ name, text, named, patch }) => `${nameOf(name)}: ${text.split('\n')[0]}${named ? ', named' : ''}${patch ? ', patch' : ''}`,
    ),
    unread: reader.evidence().remarks.map(({ weight, place, message }) => `${weight} ${nameOf(place?.file ?? '')}: ${message}`),
  };
}

describe('the files that are checked', () => {
  it('are those of a folder that kubectl reads, each once, links last, and no linked folder', async () => {
    const { files, unread } = await read(['a']);
    expect(files).toEqual(['a/one.yaml: 1', 'a/sub.yaml/four.yaml: 4', 'a/three.JSON: 3', 'a/two.yml: 2']);
    expect(unread).toEqual([]);
  });

  it('are those that are named, whatever their ending, each under its first name', async () => {
    expect((await read(['a/notes.txt', 'a/0-link.yaml', 'a/one.yaml', 'a', 'a'])).files).toEqual([
      'a/notes.txt: no, named',
      'a/0-link.yaml: 1, named',
      'a/sub.yaml/four.yaml: 4',
      'a/three.JSON: 3',
      'a/two.yml: 2',
    ]);
  });

  it('are a linked folder too when it is named', async () => {
    expect((await read(['a/folder-link'])).files).toHaveLength(3);
  });

  it('are the standard input, once', async () => {
    expect((await read(['-', '-'], ['kind: ', Buffer.from('Pod')])).files).toEqual(['-: kind: Pod, named']);
  });

  it.each<[string, string, RegExp]>([
    ['is not there', 'gone.yaml', /^not-judged gone\.yaml: There is no such/],
    ['leads back to itself', 'loop.yaml', /^not-judged loop\.yaml: It is a link that leads back/],
    ['is too large', 'large.yaml', /^not-judged large\.yaml: It is larger than 256 MiB/],
    ['is binary', 'binary.yaml', /^not-judged binary\.yaml: It is a binary file/],
    ['lies below a file', 'a/one.yaml/x', /^not-judged a\/one\.yaml\/x: A part of its path is not a folder/],
  ])('are reported when one %s, and the others are read', async (_, path, told) => {
    const { files, unread } = await read([path, 'a/two.yml']);
    expect(files).toEqual(['a/two.yml: 2, named']);
    expect(unread).toEqual([expect.stringMatching(told)]);
  });
});

describe('the patches of a kustomization', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    [
      'in the same folder',
      ['b'],
      [
        'b/kustomization.yaml: patches: [{ path: patch.yaml }, { path: ../deep/1/2/3/4/far.yaml }, { path: gone.yaml }]',
        'b/object.yaml: o',
        'b/patch.yaml: p, patch',
      ],
    ],
    ['in a folder above', ['c/under'], ['c/under/patch.yaml: p, patch']],
    ['in a file that is named', ['c/under/patch.yaml'], ['c/under/patch.yaml: p, named, patch']],
    ['by a link', ['d'], ['d/real.yaml: p, patch']],
    ['four folders above', ['deep/1/2/3/4/far.yaml'], ['deep/1/2/3/4/far.yaml: f, named, patch']],
    ['five folders above, which is too far', ['deep/1/2/3/4/5/farther.yaml'], ['deep/1/2/3/4/5/farther.yaml: f, named']],
  ])('are known: %s', async (_, paths, expected) => {
    expect((await read(paths)).files).toEqual(expected);
  });
});
