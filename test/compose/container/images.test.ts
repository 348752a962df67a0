import { expect, it } from 'vitest';
import { imageKnowledge } from '../../../shared/compose/container/images.ts';
import { Fault } from '../../../shared/domain/snapshot/fault.ts';
import type { TextBlob } from '../../../shared/storage/text-blobs.ts';

const GOOD = JSON.stringify({
  schemaVersion: 1,
  newest: [{ nodeImageVersion: 'AKSUbuntu-2404-202611.01.0', source: 'https://example.com', seenOn: '2026-11-30' }],
});

/** A storage that gives these answers one after another and repeats the last one. */
function answering(...answers: readonly (TextBlob | 'unchanged' | undefined | Error)[]) {
  const left = [...answers];
  return imageKnowledge({
    read: async () => {
      const [next] = left.length > 1 ? left.splice(0, 1) : left;
      if (next instanceof Error) throw next;
      return next;
    },
  });
}

it('is empty without a file, and reports no problem', async () => {
  expect(await answering(undefined)()).toEqual({ file: { kernels: [], newest: [], vulnerabilities: [] } });
});

it.each([
  ['an invalid one', { text: '{', etag: '2' }, /is not JSON/],
  ['one that cannot be read', new Fault('unreachable', 'Storage is away.'), /Storage is away/],
])('keeps a valid file in force after %s, and reports the problem', async (_, next, problem) => {
  const images = answering({ text: GOOD, etag: '1' }, next);
  await images();
  const known = await images();
  expect(known.file.newest).toHaveLength(1);
  expect(known.problem).toMatch(problem);
});

it('keeps reporting the problem while the invalid file stays', async () => {
  const images = answering({ text: '{', etag: '1' }, 'unchanged');
  await images();
  expect((await images()).problem).toMatch(/is not JSON/);
});

it('asks for the file only when it changed, and reports no problem once it is corrected', async () => {
  const asked: unknown[] = [];
  const answers = [
    { text: '{', etag: '1' },
    new Fault('unreachable', 'Away.'),
    { text: GOOD, etag: '2' },
    'unchanged',
    undefined,
    undefined,
  ] as const;
  const images = imageKnowledge({
    read: async (_, etag) => {
      const answer = answers[asked.push(etag) - 1];
      if (answer instanceof Fault) throw answer;
      return answer;
    },
  });
  const problems: boolean[] = [];
  for (const _ of answers) problems.push('problem' in (await images()));
  expect(problems).toEqual([true, true, false, false, false, false]);
  expect(asked).toEqual([undefined, '1', '1', '2', '2', undefined]);
});

it('hides no bug', async () => {
  await expect(answering(new TypeError('a bug'))()).rejects.toThrow('a bug');
});

it('forgets a deleted file', async () => {
  const images = answering({ text: GOOD, etag: '1' }, undefined);
  await images();
  expect(await images()).toEqual({ file: { kernels: [], newest: [], vulnerabilities: [] } });
});
