import fs, { type NoParamCallback, type PathOrFileDescriptor, type WriteFileOptions } from 'node:fs';
import { createRequire } from 'node:module';

/**
 * The child process that runs Azurite: it reads its options from the command line as the `azurite` command does, and ends when its
 * parent ends, even if the parent was killed.
 */
process.on('disconnect', () => process.exit(0));
// Its data describes weaknesses, so only the owner may read its files.
process.umask(0o077);
// Ctrl-C signals the whole process group, but the parent decides when this process ends.
process.on('SIGINT', () => undefined);
// Watching the parent must not keep this process alive after it was told to end.
process.channel?.unref();

/** The report of this process to its parent before it ends by itself. */
export interface AzuriteReport {
  readonly problem: string;
}

/**
 * Azurite writes its state to files periodically. It ignores a failed write, does not
 * retry it and loses all later data when it ends. So a failed write ends this process, with the reason.
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
