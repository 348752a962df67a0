import { Command } from '@commander-js/extra-typings';
import { describe, expect, it } from 'vitest';
import { FAIL_ON, portOf, TIMEOUT } from '../../../shared/cli/frame/options.ts';

function typed(...args: readonly string[]) {
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addOption(FAIL_ON)
    .addOption(TIMEOUT);
  return command.parse([...args], { from: 'user' }).opts();
}

describe('shared options', () => {
  it.each([
    ['90', 90],
    ['90s', 90],
    ['5M', 300],
    ['24h', 86_400],
  ])('read the time %s', (text, seconds) => expect(typed('--timeout', text).timeout).toBe(seconds));

  it.each(['', '0', '-1', '5 m', '1.5h', '25h', '9999999999', 'soon'])('refuse the time %j', (text) => {
    expect(() => typed(`--timeout=${text}`)).toThrow('It must be a time such as 90s, 5m or 1h, up to 24h.');
  });

  it('read a severity in any case, and refuse others', () => {
    expect(typed('--fail-on', 'HIGH').failOn).toBe('high');
    expect(() => typed('--fail-on', 'severe')).toThrow('It must be one of critical, high, medium, low, info.');
  });

  it.each(['0', '65536', '7071.5', '1e3', 'abc', ''])('refuse the port %j', (text) => expect(() => portOf(text)).toThrow('1 to 65535'));
});
