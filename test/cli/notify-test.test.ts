import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../notify/receiver.ts';
import { run } from '../support/command.ts';

const TARGETS = `version: 1
notifications:
  targets:
    - { name: on-call, format: slack }
    - { name: siem, format: cloudevents }
`;

let folder = '';
let policy = '';
let receiver: Receiver;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kataudit-notify-'));
  policy = join(folder, 'policy.yaml');
  writeFileSync(policy, TARGETS);
  receiver = await startReceiver();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await receiver.stop();
});

describe('kataudit notify test', () => {
  it('sends each target a sample change in its own format, and reports it', async () => {
    const { code, out, err } = await run(['notify', 'test', '--policy', policy], {
      KATAUDIT_TARGET_ON_CALL: receiver.url,
      KATAUDIT_TARGET_SIEM: receiver.url,
    });
    expect([code, out, err]).toEqual([0, 'on-call: delivered\nsiem: delivered\n', '']);
    expect(receiver.received.map(({ headers }) => headers['content-type'])).toEqual([
      'application/json',
      'application/cloudevents-batch+json',
    ]);
    expect(receiver.received[0]?.body).toContain('This is a test of notifications');
  });

  it('notifies the other targets when one has no address, and never prints an address', async () => {
    const { code, out, err } = await run(['notify', 'test', '--policy', policy], { KATAUDIT_TARGET_SIEM: receiver.url });
    expect([code, out]).toEqual([2, 'siem: delivered\n']);
    expect(err).toBe('kataudit: on-call: The target on-call has no address: set KATAUDIT_TARGET_ON_CALL.\n');
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, string]>([
    ['a target does not exist', ['--target', 'nobody'], {}, 'There is no target nobody; there is on-call, siem.'],
    [
      'nobody listens',
      ['--target', 'siem'],
      { KATAUDIT_TARGET_SIEM: 'http://127.0.0.1:1/secret' },
      'siem: The webhook at 127.0.0.1:1 (KATAUDIT_TARGET_SIEM) could not be reached',
    ],
    [
      'an address is not safe',
      ['--target', 'siem'],
      { KATAUDIT_TARGET_SIEM: 'http://example.com/secret' },
      'KATAUDIT_TARGET_SIEM is not an https address',
    ],
    [
      'an address is private',
      ['--target', 'siem'],
      { KATAUDIT_TARGET_SIEM: 'https://169.254.169.254/secret', WEBSITE_HOSTNAME: 'app.example' },
      '169.254.169.254 is an address of this machine or of a private network',
    ],
  ])('exits with 2 and one sentence when %s', async (_, args, environment, told) => {
    const { code, out, err } = await run(['notify', 'test', '--policy', policy, ...args], environment);
    expect(err).toContain(told);
    expect(err).not.toMatch(/secret(?! and)|^\s+at /m);
    expect([code, out]).toEqual([2, '']);
  });
});
