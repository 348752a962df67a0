/** Returns arbitrary text from a server as part of one line, without its full stop. */
export function oneLine(text: string, most = 300): string {
  return text
    .slice(0, most)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\s.]+$/, '');
}
