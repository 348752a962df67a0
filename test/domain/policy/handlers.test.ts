import { describe, expect, it } from 'vitest';
import { acceptedHandlers, handlerKind, includesHandler, isSandboxHandler } from '../../../shared/domain/policy/handlers.ts';

describe('the classification of a handler', () => {
  it.each([
    ['kata', 'aks'],
    ['kata-cc', 'aks'],
    ['kata-preview', 'aks'],
    ['kata-qemu', 'starts-vm'],
    ['kata-qemu-nvidia-gpu-snp', 'starts-vm'],
    ['kata-clh', 'starts-vm'],
    ['kata-fc', 'starts-vm'],
    ['kata-remote', 'starts-vm'],
    ['kata-cloud-hypervisor', 'starts-vm'],
    ['kata-dragonball', 'starts-vm'],
    ['kata-stratovirt', 'starts-vm'],
    ['contrast-cc-aks-clh-snp-7173acb5', 'starts-vm'],
    ['runc', 'ordinary'],
    ['katacli', 'ordinary'],
    ['untrusted', 'ordinary'],
    ['crun', 'ordinary'],
    ['nvidia', 'ordinary'],
    ['', 'ordinary'],
    ['runsc', 'unknown'],
    ['kata-mine', 'unknown'],
  ] as const)('%s is %s', (handler, kind) => {
    expect(handlerKind(handler)).toBe(kind);
    expect(isSandboxHandler(handler)).toBe(kind === 'aks');
  });

  it('includes the handlers that the policy accepts, except those that start no sandbox', () => {
    const accepted = ['kata-qemu', 'runsc', 'mine-*', 'runc', '*cli'];
    const kinds = ['kata-qemu', 'runsc', 'mine-7f', 'runc', 'katacli', 'kata'].map((handler) => handlerKind(handler, accepted));
    expect(kinds).toEqual(['accepted', 'accepted', 'accepted', 'ordinary', 'ordinary', 'aks']);
    expect(isSandboxHandler('mine-7f', accepted)).toBe(true);
  });

  it('includes an ordinary handler only by its name, never by a glob', () => {
    expect([includesHandler(['*'], 'kata-qemu'), includesHandler(['*'], 'runc'), includesHandler(['runc'], 'runc')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('collects the handlers that the entries of a policy accept, each once', () => {
    const workloads = [{ name: 'a', acceptedHandlers: ['x', 'y'] }, { name: 'b' }, { name: 'c', acceptedHandlers: ['y'] }];
    expect(acceptedHandlers({ workloads })).toEqual(['x', 'y']);
  });
});
