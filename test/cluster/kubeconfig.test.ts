import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { run } from '../support/command.ts';
import { isThere, program, TITLE } from './support/programs.ts';
import { startWorld, type World } from './support/world.ts';

/** A user of a kubeconfig, and whether kubectl lists the nodes as that user. */
const CASES: readonly (readonly [name: string, config: { readonly user: object; readonly cluster?: object }])[] = [
  ['a token', { user: { token: 'auditor' } }],
  ['an invalid token', { user: { token: 'stranger' } }],
  ['no user', { user: {} }],
  ['impersonation of a user with the permission', { user: { token: 'admin', as: 'auditor' } }],
  ['impersonation of a user without the permission', { user: { token: 'admin', as: 'nobody' } }],
  ['impersonation with groups', { user: { token: 'admin', as: 'nobody', 'as-groups': ['b,c', 'viewers'] } }],
  ['impersonation by a user who may not impersonate', { user: { token: 'nobody', as: 'admin' } }],
  ['a token and a password', { user: { token: 'auditor', username: 'a', password: 'b' } }],
  ['groups without a user', { user: { token: 'admin', 'as-groups': ['viewers'] } }],
  ['an old auth provider', { user: { 'auth-provider': { name: 'gcp', config: {} } } }],
  ['a program', { user: { exec: aProgram('{"token":"auditor"}') } }],
  ['an exec plugin that prints nothing', { user: { exec: aProgram('{}') } }],
  ['an exec plugin that does not exist', { user: { exec: { ...aProgram('{}'), command: 'no-such-program' } } }],
  ['a server with another name', { user: { token: 'auditor' }, cluster: { 'tls-server-name': 'other.example' } }],
  ['a server with its own name', { user: { token: 'auditor' }, cluster: { 'tls-server-name': 'localhost' } }],
  ['a proxy that does not answer', { user: { token: 'auditor' }, cluster: { 'proxy-url': 'http://127.0.0.1:1' } }],
  [
    'a certificate authority that is not checked',
    { user: { token: 'auditor' }, cluster: { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true } },
  ],
  ['a token and a missing token file', { user: { token: 'auditor', tokenFile: 'nowhere' } }],
  ['a proxy without a scheme', { user: { token: 'auditor' }, cluster: { 'proxy-url': '127.0.0.1:1' } }],
  ['a proxy with an unsupported scheme', { user: { token: 'auditor' }, cluster: { 'proxy-url': 'ftp://127.0.0.1:1' } }],
  [
    'a certificate authority that is not a certificate',
    { user: { token: 'auditor' }, cluster: { 'certificate-authority-data': 'bm9uZQ==' } },
  ],
  ['a certificate authority that is named and not checked', { user: { token: 'auditor' }, cluster: { 'insecure-skip-tls-verify': true } }],
];

function aProgram(status: string) {
  const apiVersion = 'client.authentication.k8s.io/v1';
  const told = `{"apiVersion":"${apiVersion}","kind":"ExecCredential","status":${status}}`;
  return { apiVersion, command: 'sh', args: ['-c', `echo '${told}'`], interactiveMode: 'Never' };
}

describe.skipIf(!isThere)(`a kubeconfig ${TITLE}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ controllers: false, flags: ['--disable-admission-plugins', 'ServiceAccount'] });
    await world.grant('auditor.yaml');
    await world.api.must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'viewers' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kataudit-auditor' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'viewers' }],
    });
  });
  afterAll(async () => world?.stop());

  it.each(CASES)(
    'with %s is accepted by Kataudit when kubectl accepts it, and refused when kubectl refuses it',
    async (_, { user, cluster: target = {} }) => {
      const path = join(world.folder, 'config');
      const authority = Buffer.from(world.caPem).toString('base64');
      const cluster = { server: world.server, 'certificate-authority-data': authority, ...target };
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [
          { name: 'c', context: { cluster: 'k', user: 'u' } },
          { name: 'draft', context: { cluster: '', user: '' } },
        ],
        clusters: [
          { name: 'k', cluster },
          { name: 'draft', cluster: { server: '' } },
        ],
        users: [{ name: 'u', user }],
      };
      await writeFile(path, stringify(config));
      const byKubectl = await kubectl('--kubeconfig', path, 'get', 'nodes', '--request-timeout', '10s');
      const { code, out, err } = await run(['collect', '--kubeconfig', path, '--output', '-']);
      const sees = out !== '' && JSON.parse(out).nodes.state === 'observed';
      expect({ sees }).toEqual({ sees: byKubectl === 0 });
      expect(code).toBe(sees ? 0 : 2);
      expect(err).not.toMatch(/\n\s+at /);
    },
  );

  function kubectl(...args: readonly string[]): Promise<number | null> {
    const child = spawn(program('kubectl'), [...args], { stdio: 'ignore' });
    return new Promise((done) => child.once('close', done));
  }
});
