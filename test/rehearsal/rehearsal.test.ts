import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findBicep } from '../../scripts/templates/evaluate.ts';
import { azdParameters } from './support/azd.ts';
import { guideLines, runnableLines } from './support/guide.ts';
import { findAz } from './support/programs.ts';
import { type Report, rehearse } from './support/sequence.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const [az, bicep] = [findAz(process.env), findBicep(process.env)];
/** Some 70 runs of a program that takes a second to start, while other tests run. */
const LIMIT = 900_000;

/** The Azure CLI is on PyPI (`pip install azure-cli`); `az bicep install` installs the compiler. */
describe.skipIf(az === undefined || bicep === undefined)('a rehearsal of a deployment, with the real Azure CLI,', () => {
  let report: Report;
  beforeAll(async () => {
    report = await rehearse({ root: ROOT, az: az ?? '', bicep: bicep ?? '', say: () => undefined });
  }, LIMIT);

  it('runs each hook and each line of the guide twice without a failure', () => {
    expect(report.steps.filter(({ code }) => code !== 0)).toEqual([]);
    expect(report.steps.length).toBeGreaterThan(60);
  });

  it('packages code that loads on its own, and runs the commands that findings and the doctor print', () => {
    expect(report.steps[0]?.output).toMatch(/It registers \d+ functions in \d+ ms .*alone; the local host serves it/);
    const printed = report.steps.map(({ what }) => what).filter((what) => / aks |roleDefinitions/.test(what));
    expect(new Set(printed).size).toBeGreaterThan(10);
  });

  it('sends Azure no unexpected requests', () => {
    expect(report.unknown).toEqual([]);
  });

  it('subscribes to the events of each subscription and of the cluster', () => {
    const events = report.before.filter((id) => id.includes('/eventsubscriptions/'));
    expect(events).toHaveLength(2);
    const hook = report.steps.find(({ what }) => what.includes('deployment:events'));
    expect(hook?.output).toMatch(/The function cluster-changed exists[\s\S]*own events of 1 of its clusters/);
  });

  it('leaves nothing behind in any subscription', () => {
    expect(report.before.length).toBeGreaterThan(5);
    expect(report.after).toEqual([]);
    const removed = report.steps.find(({ what }) => what.includes('deployment:remove'))?.output;
    expect(removed).toContain('Application: 1 removed');
    // The roles on the probed cluster and on the vault that settings refer to.
    expect(report.before.filter((id) => /(?:managedclusters|vaults)\/[^/]+\/providers\/.*roleassignments/.test(id))).toHaveLength(2);
  });
});

describe('the parameters that azd passes to main.bicep', () => {
  it('have the types that the template declares', () => {
    const given = azdParameters(ROOT, { AZURE_ENV_NAME: 'prod', AZURE_LOCATION: 'westeurope', KATAUDIT_VNET: 'true' });
    expect(given).toMatchObject({
      environmentName: 'prod',
      auditIntervalHours: 6,
      vnetEnabled: true,
      evidenceKeyEnabled: false,
      schedule: '0 0 */6 * * *',
    });
  });
});

describe('the lines of az in docs/operate.md', () => {
  it('are found, and few are excluded from the rehearsal', () => {
    expect(guideLines(ROOT).length).toBeGreaterThan(20);
    expect(guideLines(ROOT).length - runnableLines(ROOT).length).toBeLessThan(8);
  });

  it.each(guideLines(ROOT))('%s names its subscription when az would use the default one', (line) => {
    const needs = /^az (?:provider|functionapp|network|resource)/.test(line) && !line.includes('list-flexconsumption-runtimes');
    expect(!needs || line.includes('--subscription ')).toBe(true);
  });
});
