import { describe, expect, it } from 'vitest';
import { networkFault } from '../../../shared/kubernetes/client/network-fault.ts';

const URL_OF_SERVER = new URL('https://api.example:6443/api/v1/pods');
const running = new AbortController().signal;

describe('a name that cannot be resolved', () => {
  it.each([
    ['api.example', 'The name api.example of the API server cannot be resolved: '],
    ['proxy.corp', 'The name proxy.corp of the proxy for the API server api.example:6443 cannot be resolved: '],
    [undefined, 'The name api.example of the API server cannot be resolved: '],
  ])('is reported with what it names: %s', (hostname, words) => {
    for (const code of ['ENOTFOUND', 'EAI_AGAIN']) {
      const error = Object.assign(new Error(`getaddrinfo ${code}`), { code, hostname });
      expect(networkFault(error, URL_OF_SERVER, running)).toMatchObject({ code: 'unreachable', message: expect.stringContaining(words) });
    }
  });
});
