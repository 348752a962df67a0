import leven from 'leven';

/** Words that differ in this many letters are different words, not typing errors. */
const MAX_DISTANCE = 4;

/** The word that was probably meant; `undefined` if no word is close or contains it. */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  const text = typed.toLowerCase();
  const [best] = words
    .map((word) => ({ word, distance: word.includes(text) ? 0 : leven(text, word, { maxDistance: MAX_DISTANCE }) }))
    .toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && text !== '' && best.distance < MAX_DISTANCE ? best.word : undefined;
}
