import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const SCHEMA = fileURLToPath(new URL('kubernetes.proto', import.meta.url));
const DECODER = fileURLToPath(new URL('kubernetes.generated.js', import.meta.url));
const PBJS_OPTIONS =
  '-t static-module -w esm -r kataudit --keep-case --force-number --no-comments ' +
  '--no-create --no-encode --no-verify --no-convert --no-delimited --no-typeurl --no-service';

/** Returns the decoder's source generated from `kubernetes.proto`; a test compares it with the committed file. */
export function generateDecoder(): string {
  const pbjs = createRequire(import.meta.url).resolve('protobufjs-cli/bin/pbjs');
  return execFileSync(process.execPath, [pbjs, ...PBJS_OPTIONS.split(' '), SCHEMA], { encoding: 'utf8' });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(DECODER, generateDecoder());
