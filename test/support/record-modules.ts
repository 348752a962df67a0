import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The variable that names the file in which a process records the modules that it loads. */
export const MODULES_FILE = 'RECORD_MODULES_FILE';
/** The variable that names the program whose processes do this, without its extension; other child processes are not recorded. */
export const MODULES_OF = 'RECORD_MODULES_OF';

/** Makes a process and its children record the modules that they load, when both variables are set. */
export const RECORD_MODULES = `--import ${pathToFileURL(resolve(import.meta.dirname, 'record-modules.ts')).href}`;

const file = process.env[MODULES_FILE];
const program = process.env[MODULES_OF];
if (file !== undefined && program !== undefined && basename(process.argv[1] ?? '').startsWith(`${program}.`)) {
  registerHooks({
    load: (url, context, next) => {
      appendFileSync(file, `${url}\n`);
      return next(url, context);
    },
  });
}
