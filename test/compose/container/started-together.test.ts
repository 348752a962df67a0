import { describe, expect, it } from 'vitest';
import { type StartedParts, startedTogether } from '../../../shared/compose/container/started-together.ts';

/** Two parts that end a moment later, with what happened to them in order. */
function twoParts({ endings, stopping }: StartedParts, failing: readonly string[] = []) {
  const happened: string[] = [];
  for (const name of ['first', 'second']) {
    endings.push(async () => {
      happened.push(`${name} ends${stopping.aborted ? '' : ' unasked'}`);
      await new Promise(setImmediate);
      happened.push(`${name} ended`);
      if (failing.includes(name)) throw new Error(`${name} failed`);
    });
  }
  return happened;
}
const INVERSE = ['second ends', 'second ended', 'first ends', 'first ended'];

describe('parts that are started together', () => {
  it('run until they are stopped, and end one after the other, the last one first', async () => {
    const { stop, happened } = await startedTogether(async (parts) => ({ stop: parts.stop, happened: twoParts(parts) }));
    await new Promise(setImmediate);
    expect(happened).toEqual([]);
    await stop();
    await stop();
    expect(happened).toEqual(INVERSE);
  });

  it.each([
    [['first'], 'first failed'],
    [['first', 'second'], 'second failed'],
  ])('all end although %j cannot, and the first problem is told', async (failing, problem) => {
    const { stop, happened } = await startedTogether(async (parts) => ({ stop: parts.stop, happened: twoParts(parts, failing) }));
    await expect(stop()).rejects.toThrow(problem);
    expect(happened).toEqual(INVERSE);
  });

  it('end when a later one cannot be started, which is told', async () => {
    let happened: readonly string[] = [];
    const started = startedTogether(async (parts) => {
      happened = twoParts(parts);
      throw new Error('no third part');
    });
    await expect(started).rejects.toThrow('no third part');
    expect(happened).toEqual(INVERSE);
  });
});
