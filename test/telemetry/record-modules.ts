import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { basename } from 'node:path';

/** The variable that names the file in which the functions host of local mode notes what it loads. */
export const MODULES_FILE = 'RECORD_MODULES_FILE';

// Preloaded into every child; the storage emulator loads what it likes.
const file = process.env[MODULES_FILE];
if (file !== undefined && basename(process.argv[1] ?? '').startsWith('host-process.')) {
  registerHooks({
    load: (url, context, next) => {
      appendFileSync(file, `${url}\n`);
      return next(url, context);
    },
  });
}
