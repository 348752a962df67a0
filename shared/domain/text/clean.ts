/**
 * Characters that must not be in text for people: control characters, which terminals execute; direction marks, which reverse text; and
 * invisible characters, such as zero-width characters, tags and fillers, which make two names look the same.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\ufffc]/gu;
/** Spaces of every width. Names contain none, and a long run of them pushes text out of view. */
const BLANKS = /[\p{Zs}--[ ]]/gv;
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const REPLACED = '\ufffd';

/** One line for people: invisible characters are replaced by a visible mark, and text longer than `most` is cut. */
export function cleanLine(text: string, most = Number.POSITIVE_INFINITY): string {
  return cut(text.replaceAll(LINE_BREAKS, ' ').replaceAll(BLANKS, ' ').replaceAll(UNSEEN, REPLACED), most);
}

/** The same, but keeps line feeds and tabs, for output that has its own layout. */
export function cleanText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(UNSEEN, (character) => (character === '\n' || character === '\t' ? character : REPLACED));
}

/**
 * A clean line that chat and mail programs do not turn into links or mentions, because attackers choose names that people
 * click on. It stays readable: `hxxps[:]//evil[.]example`, as in incident reports.
 */
export function defused(text: string, most = Number.POSITIVE_INFINITY): string {
  return (
    cleanLine(text, most)
      .replaceAll(/\b(h)tt(ps?)(?=:\/\/)/gi, '$1xx$2')
      .replaceAll('://', '[:]//')
      // Browsers also accept East Asian full stops as dots in a domain.
      .replaceAll(/(?<=[\p{L}\p{M}\p{N}-])[.\u3002\uff0e\uff61](?=\p{L}{2,})/gu, '[.]')
      .replaceAll(/[@\uff20](?=\S)/g, '[at]')
  );
}

/** Cuts a text without splitting a character. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, Math.max(0, most - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}
