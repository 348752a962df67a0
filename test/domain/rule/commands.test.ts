import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addKataPoolCommand,
  clusterCommand,
  kubectl,
  nodePoolCommand,
  replacementName,
  run,
  shellWord,
} from '../../../shared/domain/rule/commands.ts';
import { aCluster } from '../../support/a-snapshot.ts';

describe('a word of a shell command', () => {
  it.each(['', ' ', "'", `"$(id)"`, '`id`', '$HOME', 'a\nb', '-n', '~', '*', '!!', '\\', 'ünï', "it's; rm -rf /"])(
    'reads back as itself: %j',
    (word) => {
      expect(execFileSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word);
    },
  );

  it('reads back as itself, whatever it is', () => {
    const word = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0') && text.isWellFormed());
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 20 }), (words) => {
        const script = `for word in ${words.map(shellWord).join(' ')}; do printf '%s\\0' "$word"; done`;
        expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 40 },
    );
  });
});

describe('commands', () => {
  const group = '--subscription 11111111-1111-4111-8111-111111111111 --resource-group rg-shop';
  const local = aCluster({ id: 'kubeconfig:shop' });

  it('name the subject', () => {
    expect(nodePoolCommand(aCluster(), 'kata1', 'upgrade', '--node-image-only')).toBe(
      `az aks nodepool upgrade ${group} --cluster-name shop --name kata1 --node-image-only`,
    );
    expect(clusterCommand(aCluster(), 'show')).toBe(`az aks show ${group} --name shop`);
    expect(kubectl('edit', 'web', 'deployment', 'cart')).toBe('kubectl edit deployment cart --namespace web');
    expect(kubectl('get', undefined, 'nodes')).toBe('kubectl get nodes');
    expect(addKataPoolCommand(aCluster(), 'kata2', 'Standard_D4s_v5', 0)).toContain('--name kata2 --os-sku AzureLinux');
    expect(addKataPoolCommand(aCluster(), 'kata2', 'Standard_D4s_v5', 0)).toContain('--node-count 1');
  });

  it('are none for a cluster that Azure does not know', () => {
    expect(nodePoolCommand(local, 'kata1', 'show')).toBeUndefined();
    expect(clusterCommand(local, 'show')).toBeUndefined();
    expect(addKataPoolCommand(local, 'kata2', 'Standard_D4s_v5', 1)).toBeUndefined();
    expect(run(undefined)).toEqual({});
    expect(run('ls', ' twice')).toEqual({ remediation: 'Run `ls` twice.' });
  });

  it.each([
    ['kata', [], 'kata2'],
    ['kata', ['kata2', 'kata3'], 'kata4'],
    ['twelveletter', [], 'twelvelett2'],
  ])('name the pool that replaces %s beside %j', (name, taken, expected) => {
    expect(replacementName(name, taken)).toBe(expected);
    expect(expected.length).toBeLessThanOrEqual(12);
  });
});
