/**
 * What no text for people may hold: controls, which terminals obey; marks of direction, which turn text round; and all
 * that is not seen, such as zero-width characters, tags and fillers, which make two names look like one.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\ufffc]/gu;
/** Blanks of every width; names hold none, and many of them side by side push text out of sight. */
const BLANKS = /[\p{Zs}--[ ]]/gv;
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const REPLACED = '\ufffd';

/** A text as one line for people: what is not seen is shown as replaced, and what is longer than `most` is cut. */
export function cleanLine(text: string, most = Number.POSITIVE_INFINITY): string {
  return cut(text.replaceAll(LINE_BREAKS, ' ').replaceAll(BLANKS, ' ').replaceAll(UNSEEN, REPLACED), most);
}

/** The same, but line feeds and tabs stay: for places that lay text out. */
export function cleanText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(UNSEEN, (character) => (character === '\n' || character === '\t' ? character : REPLACED));
}

/**
 * A clean line that no chat or mail program makes a link or a mention of: hostile names are chosen so that people
 * follow them. It stays readable: `hxxps[:]//evil[.]example`, as incident reports write it.
 */
export function defused(text: string, most = Number.POSITIVE_INFINITY): string {
  return (
    cleanLine(text, most)
      .replaceAll(/\b(h)tt(ps?)(?=:\/\/)/gi, '$1xx$2')
      .replaceAll('://', '[:]//')
      // Browsers take the full stops of East Asia for dots of a domain too.
      .replaceAll(/(?<=[\p{L}\p{M}\p{N}-])[.\u3002\uff0e\uff61](?=\p{L}{2,})/gu, '[.]')
      .replaceAll(/[@\uff20](?=\S)/g, '[at]')
  );
}

/** Never cuts a character in two. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, Math.max(0, most - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}
