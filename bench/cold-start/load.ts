import { pathToFileURL } from 'node:url';
import { provideFunctionsCore } from '../../scripts/package/functions-core.ts';

/**
 * The child process of the cold start bench: loads the given files as the Functions worker would, and prints the duration in
 * milliseconds. Nothing else is loaded before.
 */
provideFunctionsCore(() => undefined);

const started = performance.now();
for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href);
process.stdout.write(String(performance.now() - started));
