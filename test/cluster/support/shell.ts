import { spawn } from 'node:child_process';
import type { ControlPlane } from './control-plane.ts';
import { program } from './programs.ts';

/** Runs a line in a POSIX shell with the control plane's kubectl as `admin`; its editor changes nothing. */
export function inShell(
  world: Pick<ControlPlane, 'kubeconfig'>,
  line: string,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const folder = program('kubectl').replace(/\/kubectl$/, '');
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, KUBECONFIG: world.kubeconfig('admin'), KUBE_EDITOR: 'true' };
  const child = spawn('sh', ['-c', line], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  return new Promise((done) => child.once('close', (code) => done({ code, said: said.trim() })));
}
