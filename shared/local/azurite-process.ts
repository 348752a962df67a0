import { createRequire } from 'node:module';

/**
 * The child process that runs Azurite: it reads its options from the command line as the `azurite`
 * command does, and ends when its parent does, even when that was killed.
 */
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group of processes: the parent decides when this one ends.
process.on('SIGINT', () => undefined);
// Waiting for the parent's end must not keep alive what has been told to end.
process.channel?.unref();

createRequire(import.meta.url)('azurite/dist/src/azurite.js');
