import { given } from '../snapshot/given.ts';

/** What a process in a pod read about its kernel. */
export interface KernelReading {
  /** `/proc/sys/kernel/random/boot_id`, lower case: differs between any two running kernels. */
  readonly bootId: string;
  /** `uname -r`. */
  readonly kernel?: string;
  /** `uname -v`: build number and time. */
  readonly kernelBuild?: string;
}

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';
/** Contains what `uname -r` and `uname -v` print, so that one command reads everything. */
const VERSION_FILE = '/proc/version';

const BOOT_ID = /(?:^|[^0-9a-f-])([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![0-9a-f-])/i;
const VERSION = /Linux version (\S{1,200})[^\n]{0,1000}?(#\d[^\n]{0,200})/;
/** The format of the kernel, `banner` in init/version-timestamp.c of Linux. Other output of a pod is not kept. */
const BUILD = /^#\d[\w .:+~()-]*$/;

/** Maximum bytes: longer output cannot come from two small files. */
export const MAX_PROBE_OUTPUT = 4_096;

/**
 * Commands that print both files, for the tools that images may have; the first that
 * exists is used. Only the second needs a shell, and only its built-in commands.
 */
export const PROBE_COMMANDS: readonly (readonly string[])[] = [
  ['cat', BOOT_ID_FILE, VERSION_FILE],
  ['sh', '-c', `read -r a < ${BOOT_ID_FILE}; read -r b < ${VERSION_FILE}; echo "$a"; echo "$b"`],
  ['busybox', 'cat', BOOT_ID_FILE, VERSION_FILE],
  ['python3', '-c', `print(open("${BOOT_ID_FILE}").read(), open("${VERSION_FILE}").read())`],
  ['node', '-e', `for (const f of ["${BOOT_ID_FILE}", "${VERSION_FILE}"]) process.stdout.write(require("fs").readFileSync(f))`],
  ['perl', '-pe', '', BOOT_ID_FILE, VERSION_FILE],
];

/** Parses the output of a probe command; `undefined` without a boot id, because then nothing is known. */
export function readProbeOutput(output: string): KernelReading | undefined {
  if (output.length > MAX_PROBE_OUTPUT) return undefined;
  const bootId = BOOT_ID.exec(output)?.[1];
  if (bootId === undefined) return undefined;
  const [, kernel, build] = VERSION.exec(output) ?? [];
  const kernelBuild = build?.trim();
  return {
    bootId: bootId.toLowerCase(),
    ...given({ kernel }),
    ...(kernelBuild === undefined || !BUILD.test(kernelBuild) ? {} : { kernelBuild }),
  };
}
