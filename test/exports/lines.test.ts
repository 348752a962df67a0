import { expect, it } from 'vitest';
import { linesOf } from '../../shared/exports/lines.ts';
import { from } from './samples.ts';

it.each<[readonly string[], readonly string[]]>([
  [
    ['a\nb', 'c\n', '\n', 'd'],
    ['a', 'bc', '', 'd'],
  ],
  [['a\n'], ['a', '']],
  [['a', '', 'b', 'c'], ['abc']],
  [['\n\n'], ['', '', '']],
  [
    ['ü'.repeat(3), '\r\n'],
    ['üüü\r', ''],
  ],
  [[], ['']],
])('%j are the lines %j', async (chunks, lines) => {
  const read: string[] = [];
  for await (const line of linesOf(from(chunks.map((chunk) => Buffer.from(chunk))))) read.push(Buffer.from(line).toString());
  expect(read).toEqual(lines);
});

it('a line may be as long as the bound, and no longer, however it comes', async () => {
  const read = async (...chunks: readonly string[]) => {
    for await (const _line of linesOf(from(chunks.map((chunk) => Buffer.from(chunk))), 3));
  };
  await read('ab', 'c\n', 'def', '\nghi');
  await expect(read('ab\ncd', 'ef')).rejects.toThrow('longer than 3 bytes');
  await expect(read('abcd')).rejects.toThrow(RangeError);
});
