import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { commandLine, shellWord } from '../../../shared/domain/text/shell-word.ts';

it('a word is read unchanged by a POSIX shell, whatever it contains', () => {
  const words = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(words, (all) => {
      const safe = all.filter((word) => shellWord(word) !== undefined);
      const script = `for word in ${commandLine(safe)}; do printf '%s\\0' "$word"; done`;
      expect(safe.length === 0 ? [] : execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(safe);
    }),
    { numRuns: 40 },
  );
});
