import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextIndex } from '../../../shared/kubernetes/wire/text-index.ts';

const someTexts = fc.array(fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('', 'größe', '🚢', 'aks-kata-0')), { maxLength: 60 });

test('finds a text among other bytes exactly like a map', () => {
  fc.assert(
    fc.property(someTexts, someTexts, (known, asked) => {
      const map = new Map(known.map((text, at) => [text, at]));
      const index = new TextIndex(map);
      for (const text of [...known, ...asked]) {
        const bytes = Buffer.from(text);
        expect(index.get(Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]), 1, 1 + bytes.length)).toBe(map.get(text));
      }
    }),
  );
});

test('distinguishes texts with the same beginning', () => {
  const index = new TextIndex(new Map([['node-1', 'one']]));
  expect(['node', 'node-1', 'node-10'].map((text) => index.get(Buffer.from(text), 0, text.length))).toEqual([undefined, 'one', undefined]);
});
