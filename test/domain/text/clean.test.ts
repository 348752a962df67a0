import { describe, expect, it } from 'vitest';
import { cleanLine, cleanText, defused } from '../../../shared/domain/text/clean.ts';

/** Kinds of invisible, direction-changing and control characters, each with an example. */
const HIDDEN = [
  ['an escape', '\u001b[31m'],
  ['a bell', '\u0007'],
  ['a control of C1', '\u009b'],
  ['a delete', '\u007f'],
  ['a soft hyphen', '\u00ad'],
  ['an Arabic letter mark', '\u061c'],
  ['a zero-width space', '\u200b'],
  ['a right-to-left mark', '\u200f'],
  ['a right-to-left override', '\u202e'],
  ['a word joiner', '\u2060'],
  ['an isolate', '\u2066'],
  ['a byte order mark', '\ufeff'],
  ['a variation selector', '\ufe0f'],
  ['a tag character', '\u{e0041}'],
  ['a hidden variation selector', '\u{e0100}'],
  ['a Hangul filler', '\u3164'],
  ['a combining grapheme joiner', '\u034f'],
  ['a Braille blank', '\u2800'],
  ['an object replacement character', '\ufffc'],
  ['an annotation', '\ufff9'],
  ['a beam of music', '\u{1d173}'],
  ['half a surrogate pair', '\ud83d'],
  ['a noncharacter', '\uffff'],
] as const;

describe('a text for people', () => {
  it.each(HIDDEN)('replaces %s visibly', (_name, hidden) => {
    for (const clean of [cleanLine, cleanText, defused]) {
      const text = clean(`a${hidden}b`);
      expect(text).toMatch(/^a\ufffd/);
      expect(text.isWellFormed()).toBe(true);
      expect(text).not.toContain(hidden[0]);
    }
  });

  it.each(['\n', '\r\n', '\r', '\u2028', '\u2029', '\u0085', '\t', '\v', '\f'])(
    'is one line, with any kind of line break: %j',
    (lineBreak) => {
      expect(cleanLine(`a${lineBreak}b`)).toBe('a b');
    },
  );

  it.each(['\u00a0', '\u2003', '\u3000', '\u202f'])('contains no space other than the usual one: %j', (blank) => {
    expect(cleanLine(`a${blank}b`)).toBe('a b');
  });

  it('keeps line feeds and tabs in formatted text', () => {
    expect(cleanText('a\r\nb\tc\u001b')).toBe('a\nb\tc\ufffd');
    expect(cleanText('a\rb\r\r\nc')).toBe('a\nb\n\nc');
  });

  it('keeps the text of any language', () => {
    const written = 'Größe, 大きさ, מידה, κόσμος, ไทย, 🐳 – “x”';
    expect(cleanLine(written)).toBe(written);
  });

  it.each([
    ['abcd', 4, 'abcd'],
    ['abc', 1, '…'],
    ['abc', 0, '…'],
    ['abcde', 4, 'abc…'],
    ['ab🐳d', 4, 'ab…'],
    ['ab🐳de', 5, 'ab🐳…'],
  ])('is cut at its limit, and never within a character: %j at %i', (text, most, expected) => {
    expect(cleanLine(text, most)).toBe(expected);
  });
});

describe('a text for a chat', () => {
  it.each([
    ['https://evil.example/x', 'hxxps[:]//evil[.]example/x'],
    ['HTTP://EVIL.EXAMPLE', 'HxxP[:]//EVIL[.]EXAMPLE'],
    ['ftp://evil.example', 'ftp[:]//evil[.]example'],
    ['host1.example', 'host1[.]example'],
    ['www.evil.example', 'www[.]evil[.]example'],
    ['@channel and a@evil.example', '[at]channel and a[at]evil[.]example'],
    ['пример.рф', 'пример[.]рф'],
    ['例え。テスト and 例え．com', '例え[.]テスト and 例え[.]com'],
    ['evile\u0301.com', 'evile\u0301[.]com'],
    ['＠channel', '[at]channel'],
  ])('contains no link and no mention for %s', (text, expected) => {
    expect(defused(text)).toBe(expected);
  });

  it('leaves versions, images and sentences unchanged', () => {
    const text = 'Kubernetes 1.30.2 on AKSAzureLinux-V3katagen2-202608.20.0. It is old. a @ b, x.y and .net';
    expect(defused(text)).toBe(text);
  });
});
