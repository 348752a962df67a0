import { describe, expect, it } from 'vitest';
import { escapeHtml, html } from '../../shared/dashboard/html.ts';
import { href, type View } from '../../shared/dashboard/view.ts';

const VIEW: View = { nonce: 'n', base: '/api/dashboard', now: new Date('2026-11-23T12:00:00Z'), operator: false };

describe('html', () => {
  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    [`"'\``, '&quot;&#39;&#96;'],
    ['a & b', 'a &amp; b'],
    ['\u202egpj.exe', '\ufffdgpj.exe'],
    ['a\u0000b', 'a\ufffdb'],
    ['Grüße, 世界', 'Grüße, 世界'],
  ])('escapes %j', (text, expected) => {
    expect(escapeHtml(text)).toBe(expected);
    expect(html`<p title="${text}">${text}</p>`.text).toBe(`<p title="${expected}">${expected}</p>`);
  });

  it('keeps HTML fragments unchanged, joins lists, and omits absent values', () => {
    expect(html`<ul>${['a', '<b>'].map((one) => html`<li>${one}</li>`)}</ul>${undefined}${false}`.text).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li></ul>',
    );
  });
});

describe('href', () => {
  it('escapes parameters and omits empty ones', () => {
    expect(href(VIEW, '/finding', { id: 'a&b=c"', q: '', rule: undefined })).toBe('/api/dashboard/finding?id=a%26b%3Dc%22');
  });
});
