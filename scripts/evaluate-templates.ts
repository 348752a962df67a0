import { resolve } from 'node:path';
import { evaluateTemplates, findBicep } from './templates/evaluate.ts';

/** Writes what the templates would deploy, for the checks that read it; a test fails if it is out of date. */
const bicep = findBicep(process.env);
if (bicep === undefined) {
  process.stderr.write('There is no Bicep compiler: set BICEP to its path, or add it to the PATH (az bicep install).\n');
  process.exitCode = 2;
} else {
  const written = evaluateTemplates(bicep, resolve(import.meta.dirname, '..'));
  process.stdout.write(`${written.length} files in test/infra/deployments\n`);
}
