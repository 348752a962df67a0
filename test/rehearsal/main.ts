import { resolve } from 'node:path';
import { findBicep } from '../../scripts/templates/evaluate.ts';
import { findAz } from './support/programs.ts';
import { rehearse } from './support/sequence.ts';

/** `npm run rehearse`: runs what `azd up` and `azd down` would do, and each line of docs/operate.md, without Azure. */
const [az, bicep] = [findAz(process.env), findBicep(process.env)];
if (az === undefined || bicep === undefined) {
  console.error('The rehearsal needs the Azure CLI (AZ, or az in the PATH) and the Bicep compiler (BICEP, or bicep in the PATH).');
  process.exitCode = 2;
} else {
  const { steps, unknown, after } = await rehearse({
    root: resolve(import.meta.dirname, '../..'),
    az,
    bicep,
    say: (line) => console.log(line),
  });
  const failed = steps.filter(({ code }) => code !== 0);
  console.log(`${steps.length} steps, ${failed.length} failed, ${unknown.length} unknown requests, ${after.length} resources left behind.`);
  process.exitCode = failed.length + unknown.length + after.length > 0 ? 1 : 0;
}
