import { createHash, randomBytes } from 'node:crypto';

/** Creates a key for the API and prints it once, with its digest; the app stores only the digest. */
const key = randomBytes(32).toString('base64url');
const digest = createHash('sha256').update(key).digest('hex');
process.stdout.write(`key    ${key}\ndigest ${digest}\n\n`);
process.stdout.write(
  'Store the key in a safe place: it cannot be shown again. Then give its digest to the app, for reading or for writing:\n',
);
process.stdout.write(`  azd env set KATAUDIT_READER_KEYS ${digest}\n  azd env set KATAUDIT_OPERATOR_KEYS ${digest}\n  azd provision\n`);
