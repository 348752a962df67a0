import { softwareOf } from '../images.ts';
import type { EstateCluster, EstateNode, EstateRuntimeClass } from '../model.ts';
import { guid } from '../random.ts';
import { bootIdOf } from './cluster-objects.ts';

/** The kernel that a process in a container sees. */
export interface Kernel {
  readonly bootId: string;
  /** `uname -r`. */
  readonly release: string;
  /** `uname -v`. */
  readonly build: string;
}

/** How a command ended; `no-such-tool` when the image has no such program. */
export type CommandResult = { readonly stdout: string; readonly stderr: string; readonly exitCode: number } | 'no-such-tool';

/** The facts that decide which kernel a container sees. */
export interface ContainerPlace {
  readonly seed: string;
  readonly cluster: EstateCluster;
  readonly namespace: string;
  readonly pod: string;
  readonly node: EstateNode;
  readonly runtimeClass?: EstateRuntimeClass | undefined;
  /** The handler is for a pod VM, but the pod runs on its node's kernel; the probe must find this. */
  readonly sharesKernel?: boolean;
}

/** The kernel of a container: its pod VM's own, or its node's. */
export function kernelOf({ seed, cluster, namespace, pod, node, runtimeClass, sharesKernel = false }: ContainerPlace): Kernel {
  const { kernelVersion, kernelBuild, guestKernel, guestKernelBuild } = softwareOf(node.nodeImageVersion);
  const inPodVm = runtimeClass?.handler.startsWith('kata') === true && guestKernel !== undefined && !sharesKernel;
  return inPodVm
    ? { bootId: guid(seed, cluster.name, namespace, pod, 'boot'), release: guestKernel, build: guestKernelBuild ?? kernelBuild }
    : { bootId: bootIdOf(seed, cluster.name, node.name), release: kernelVersion, build: kernelBuild };
}

/** Runs the few commands of the estate's containers: `cat`, `uname`, `echo`, and `sh` with the built-ins that a probe needs. */
export function runCommand(command: readonly string[], kernel: Kernel): CommandResult {
  const [program = '', ...args] = command;
  switch (program.split('/').at(-1)) {
    case 'cat':
      return cat(args, kernel);
    case 'uname':
      return ok(`${uname(args, kernel)}\n`);
    case 'echo':
      return ok(`${args.join(' ')}\n`);
    case 'sh':
      return shell(args, kernel);
    default:
      return 'no-such-tool';
  }
}

function files({ bootId, release, build }: Kernel): ReadonlyMap<string, string> {
  return new Map([
    ['/proc/sys/kernel/random/boot_id', `${bootId}\n`],
    ['/proc/version', `Linux version ${release} (gcc (GCC) 13.2.0, GNU ld (GNU Binutils) 2.41) ${build}\n`],
    ['/proc/sys/kernel/osrelease', `${release}\n`],
  ]);
}

function cat(paths: readonly string[], kernel: Kernel): CommandResult {
  const known = files(kernel);
  const missing = paths.filter((path) => !known.has(path));
  return {
    stdout: paths.map((path) => known.get(path) ?? '').join(''),
    stderr: missing.map((path) => `cat: ${path}: No such file or directory\n`).join(''),
    exitCode: missing.length === 0 ? 0 : 1,
  };
}

function uname(args: readonly string[], { release, build }: Kernel): string {
  const flags = args.join('');
  if (flags.includes('a')) return `Linux container ${release} ${build} x86_64 GNU/Linux`;
  const parts = [...(flags.includes('r') ? [release] : []), ...(flags.includes('v') ? [build] : [])];
  return parts.length === 0 ? 'Linux' : parts.join(' ');
}

/** Runs the commands between semicolons one by one: `read` with a redirection, `echo` of its variables, or a plain command. */
function shell(args: readonly string[], kernel: Kernel): CommandResult {
  const known = files(kernel);
  const variables = new Map<string, string>();
  let stdout = '';
  for (const line of (args[1] ?? '').split(/;|&&/).map((text) => text.trim())) {
    const [, variable, path = ''] = /^read -r (\w+) < (\S+)$/.exec(line) ?? [];
    const [, shown] = /^echo "\$(\w+)"$/.exec(line) ?? [];
    if (variable !== undefined) variables.set(variable, (known.get(path) ?? '').trimEnd());
    else if (shown !== undefined) stdout += `${variables.get(shown) ?? ''}\n`;
    else if (line !== '') {
      const result = runCommand(line.split(/\s+/), kernel);
      if (result === 'no-such-tool') return { stdout, stderr: `sh: ${line.split(/\s+/)[0]}: not found\n`, exitCode: 127 };
      stdout += result.stdout;
      if (result.exitCode !== 0) return { ...result, stdout };
    }
  }
  return ok(stdout);
}

function ok(stdout: string): CommandResult {
  return { stdout, stderr: '', exitCode: 0 };
}
