/** How long the bar is, in characters; plain ones, which every terminal has. */
const WIDTH = 20;

/** A line that says how far a work is: a bar, how many of how many, and what is being worked on. */
export function progressLine(done: number, total: number, noun: string, current: readonly string[] = []): string {
  const filled = total === 0 ? 0 : Math.floor((done / total) * WIDTH);
  const bar = `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}]`;
  const names = current.length === 0 ? '' : `: ${current.join(', ')}`;
  return `${bar} ${done} of ${total} ${noun}${names}`;
}
