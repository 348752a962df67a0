/** The length of the bar in characters. It uses plain ASCII, which every terminal can show. */
const WIDTH = 20;

/** A progress line: a bar, the count, and the names of the current items. */
export function progressLine(done: number, total: number, noun: string, current: readonly string[] = []): string {
  const filled = total === 0 ? 0 : Math.floor((done / total) * WIDTH);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}]`;
  const names = current.length === 0 ? '' : `: ${current.join(', ')}`;
  return `${bar} ${done} of ${total} ${noun}${names}`;
}
