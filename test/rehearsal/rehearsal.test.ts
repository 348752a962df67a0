import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findBicep } from '../../scripts/templates/evaluate.ts';
import { azdParameters } from './support/azd.ts';
import { guideLines, runnableLines } from './support/guide.ts';
import { findAz } from './support/programs.ts';
import { type Report, rehearse } from './support/sequence.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const [az, bicep] = [findAz(process.env), findBicep(process.env)];
/** Some 70 runs of a program that takes a second to start, with other tests beside it. */
const LIMIT = 900_000;

/** The Azure CLI is on PyPI (`pip install azure-cli`), the compiler comes with `az bicep install`. */
describe.skipIf(az === undefined || bicep === undefined)('a rehearsal of a deployment, by the real Azure CLI,', () => {
  let report: Report;
  beforeAll(async () => {
    report = await rehearse({ root: ROOT, az: az ?? '', bicep: bicep ?? '', say: () => undefined });
  }, LIMIT);

  it('runs each hook and each line of the guide, twice, without a failure', () => {
    expect(report.steps.filter(({ code }) => code !== 0)).toEqual([]);
    expect(report.steps.length).toBeGreaterThan(60);
  });

  it('packs code that loads alone, and runs what findings and the doctor print', () => {
    expect(report.steps[0]?.output).toMatch(/It registers \d+ functions in \d+ ms .*alone; the local host serves it/);
    const printed = report.steps.map(({ what }) => what).filter((what) => / aks |roleDefinitions/.test(what));
    expect(new Set(printed).size).toBeGreaterThan(10);
  });

  it('asks Azure for nothing that nobody thought of', () => {
    expect(report.unknown).toEqual([]);
  });

  it('subscribes to the events of each subscription and of the cluster', () => {
    const events = report.before.filter((id) => id.includes('/eventsubscriptions/'));
    expect(events).toHaveLength(2);
    const hook = report.steps.find(({ what }) => what.includes('deployment:events'));
    expect(hook?.output).toMatch(/The function cluster-changed is there[\s\S]*own events of 1 of its clusters/);
  });

  it('leaves nothing behind in any subscription', () => {
    expect(report.before.length).toBeGreaterThan(5);
    expect(report.after).toEqual([]);
    const removed = report.steps.find(({ what }) => what.includes('deployment:remove'))?.output;
    expect(removed).toContain('Application: 1 removed');
    // The role on the cluster that is probed, and that on the vault which settings refer to.
    expect(report.before.filter((id) => /(?:managedclusters|vaults)\/[^/]+\/providers\/.*roleassignments/.test(id))).toHaveLength(2);
  });
});

describe('what azd gives to main.bicep', () => {
  it('has the types that the template declares', () => {
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
  it('are found, and few are left out of the rehearsal', () => {
    expect(guideLines(ROOT).length).toBeGreaterThan(20);
    expect(guideLines(ROOT).length - runnableLines(ROOT).length).toBeLessThan(8);
  });

  it.each(guideLines(ROOT))('%s names its subscription where az would take its default one', (line) => {
    const needs = /^az (?:provider|functionapp|network|resource)/.test(line) && !line.includes('list-flexconsumption-runtimes');
    expect(!needs || line.includes('--subscription ')).toBe(true);
  });
});
