import { describe, expect, it } from 'vitest';
import { createTerminal, quiet } from '../../../shared/cli/frame/terminal.ts';

/** A stream that records what is written to it. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, columns: 80, write: (text: string | Uint8Array) => written.push(String(text)) > 0 };
}

function open(env: Record<string, string> = {}, isTTY = true) {
  const out = stream(isTTY);
  const err = stream(isTTY);
  return { out, err, terminal: createTerminal(out, err, env) };
}

describe('a terminal', () => {
  it.each([
    ['on a terminal', {}, true, 80, '\u001b['],
    ['with NO_COLOR', { NO_COLOR: '1' }, true, 80, undefined],
    ['with an empty NO_COLOR', { NO_COLOR: '' }, true, 80, '\u001b['],
    ['with TERM=dumb', { TERM: 'dumb' }, true, 80, undefined],
    ['in a pipe', {}, false, undefined, undefined],
  ])('wraps and colors correctly %s', (_, env, isTTY, columns, color) => {
    const { page } = open(env, isTTY).terminal;
    expect(page.columns).toBe(columns);
    expect(page.paint('critical', 'x').includes('\u001b[')).toBe(color !== undefined);
  });

  it('shows progress in one line, which the next output replaces', () => {
    const { out, err, terminal } = open();
    terminal.progress('10 %');
    terminal.progress('20 %');
    terminal.print('done');
    expect(err.written.join('')).toBe('10 %\r\u001b[2K20 %\r\u001b[2K');
    expect(out.written).toEqual(['done\n']);
  });

  it('shows no progress in a pipe, and cuts it to the terminal', () => {
    const { err, terminal } = open({}, false);
    terminal.progress('10 %');
    expect(err.written).toEqual([]);
    const wide = open();
    wide.terminal.progress('x'.repeat(200));
    expect(wide.err.written).toEqual(['x'.repeat(79)]);
  });

  it('prints only results with --quiet', () => {
    const { out, err, terminal } = open();
    const silent = quiet(terminal);
    silent.say('something');
    silent.progress('10 %');
    silent.print('result');
    expect([out.written, err.written]).toEqual([['result\n'], []]);
  });
});
