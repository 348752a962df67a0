import { createHash, randomBytes } from 'node:crypto';

/** Makes a key for the API: prints it once, and its digest, which is all that the app keeps. */
const key = randomBytes(32).toString('base64url');
const digest = createHash('sha256').update(key).digest('hex');
process.stdout.write(`key    ${key}\ndigest ${digest}\n\n`);
process.stdout.write(
  'Keep the key where keys are kept: it cannot be shown again. Then give its digest to the app, for reading or for writing:\n',
);
process.stdout.write(`  azd env set KATAUDIT_READER_KEYS ${digest}\n  azd env set KATAUDIT_OPERATOR_KEYS ${digest}\n  azd provision\n`);
