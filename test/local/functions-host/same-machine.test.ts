import { describe, expect, it } from 'vitest';
import { refuseStrangers } from '../../../shared/local/functions-host/same-machine.ts';

const ask = (method: string, host: string, headers: Record<string, string> = {}) =>
  refuseStrangers({ method, url: new URL(`http://${host}/api/audits`), headers, body: Buffer.alloc(0) })?.status;

describe('a request to the local host', () => {
  it.each(['127.0.0.1:7071', 'localhost:7071', '[::1]:7071', 'LOCALHOST:7071'])('is answered under the name %s', (host) => {
    expect(ask('GET', host)).toBeUndefined();
    expect(ask('POST', host)).toBeUndefined();
  });

  it.each(['evil.example:7071', '127.0.0.1.evil.example:7071', 'localhost.evil.example', '192.168.0.7:7071', '0.0.0.0:7071'])(
    'is refused under the name %s, which a page may have pointed here (DNS rebinding)',
    (host) => {
      expect(ask('GET', host)).toBe(421);
    },
  );

  it.each([
    ['a form of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['a form of another port', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:8080' }, 403],
    ['an old browser on another site', { origin: 'https://evil.example' }, 403],
    ['a sandboxed frame', { origin: 'null' }, 403],
    ['the dashboard', { 'sec-fetch-site': 'same-origin', origin: 'http://127.0.0.1:7071' }, undefined],
    ['an old browser on the dashboard', { origin: 'http://127.0.0.1:7071' }, undefined],
    ['curl', {}, undefined],
  ])('that writes is allowed or refused correctly for %s', (_who, headers, status) => {
    for (const method of ['POST', 'PUT', 'DELETE']) expect(ask(method, '127.0.0.1:7071', headers)).toBe(status);
  });
});
