import fs, { type NoParamCallback, type PathOrFileDescriptor, type WriteFileOptions } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * The child process that runs Azurite: it reads its options from the command line as the `azurite`
 * command does, and ends when its parent does, even when that was killed.
 */
process.on('disconnect', () => process.exit(0));
// What it keeps tells of weaknesses: its files are their owner's alone.
process.umask(0o077);
// Ctrl-C reaches the whole group of processes: the parent decides when this one ends.
process.on('SIGINT', () => undefined);
// Waiting for the parent's end must not keep alive what has been told to end.
process.channel?.unref();

/** What this process tells its parent before it ends by itself. */
export interface AzuriteReport {
  readonly problem: string;
}

/**
 * Azurite writes its state to files now and then. It takes no notice of a write that failed, does not
 * try it again and loses all that came since at its end: so a failed write is its end, and says why.
 */
const { writeFile } = fs;
function writeOrEnd(
  file: PathOrFileDescriptor,
  data: string | NodeJS.ArrayBufferView,
  options: WriteFileOptions | NoParamCallback,
  done?: NoParamCallback,
): void {
  const callback = typeof options === 'function' ? options : done;
  writeFile(file, data, typeof options === 'function' ? {} : options, (error) => {
    if (error === null) return callback?.(null);
    const end = () => process.exit(1);
    if (process.send === undefined || !process.connected) return end();
    process.send({ problem: error.message } satisfies AzuriteReport, end);
  });
}
Object.assign(fs, { writeFile: writeOrEnd });

createRequire(import.meta.url)('azurite/dist/src/azurite.js');
