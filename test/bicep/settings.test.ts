import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findBicep, runBicep } from '../../scripts/templates/evaluate.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const bicep = findBicep(process.env);
const CLUSTER =
  '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/aks/providers/Microsoft.ContainerService/managedClusters/one';

/** The compiler's result for an expression that calls a function of `infra/settings.bicep`; throws the compiler's error. */
function evaluated(call: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'kataudit-bicep-'));
  try {
    const source = relative(folder, join(ROOT, 'infra/settings.bicep')).replaceAll('\\', '/');
    writeFileSync(join(folder, 'main.bicep'), `import * as settings from '${source}'\noutput made object = { of: settings.${call} }\n`);
    writeFileSync(join(folder, 'main.bicepparam'), "using 'main.bicep'\n");
    const where = ['--subscription-id', '11111111-1111-4111-8111-111111111111', '--resource-group', 'g', '--location', 'westeurope'];
    runBicep(bicep ?? '', folder, 'snapshot', 'main.bicepparam', '--mode', 'overwrite', ...where);
    const text = readFileSync(join(folder, 'main.snapshot.json'), 'utf8');
    return z.object({ outputs: z.object({ made: z.object({ of: z.unknown() }) }) }).parse(JSON.parse(text)).outputs.made.of;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.skipIf(bicep === undefined)('infra/settings.bicep', () => {
  it('makes settings from the text, with every equals sign after the first in the value', () => {
    const given =
      'KATAUDIT_TARGET_SOC=https://soc.example/?a=b  OTEL_EXPORTER_OTLP_HEADERS=api-key=K KATAUDIT_TARGET_SOC_SECRET=@Microsoft.KeyVault(SecretUri=https://v/secrets/n)';
    expect(evaluated(`settingsOf('${given}')`)).toEqual({
      KATAUDIT_TARGET_SOC: 'https://soc.example/?a=b',
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=K',
      KATAUDIT_TARGET_SOC_SECRET: '@Microsoft.KeyVault(SecretUri=https://v/secrets/n)',
    });
  });

  it('makes no settings from an empty text', () => {
    expect(evaluated("settingsOf('')")).toEqual({});
  });

  it.each([
    ['a setting that has a parameter of its own', 'KATAUDIT_SCHEDULE=0', 'KATAUDIT_SCHEDULE'],
    ['a setting of the host', 'OTEL_EXPORTER_OTLP_ENDPOINT=x AzureWebJobsStorage=y', 'AzureWebJobsStorage'],
    ['a name without a value', 'KATAUDIT_TARGET_SOC', 'KATAUDIT_TARGET_SOC'],
  ])('refuses %s, and names it without its value', (_, given, name) => {
    expect(() => evaluated(`settingsOf('${given}')`)).toThrow(`separated by spaces, and not ${name}.`);
  });

  it.each([
    ['off', CLUSTER, []],
    ['exec', `${CLUSTER}, ${CLUSTER}/namespaces/shop`, [CLUSTER, `${CLUSTER}/namespaces/shop`]],
    ['canary', `${CLUSTER}/Namespaces/kataudit-canary,`, [`${CLUSTER}/Namespaces/kataudit-canary`]],
    ['canary', '', []],
  ])('gives the probe %s only the named scopes: %s', (probe, given, expected) => {
    expect(evaluated(`probeScopesOf('${probe}', '${given}')`)).toEqual(expected);
  });

  it('refuses a whole cluster for canaries', () => {
    expect(() => evaluated(`probeScopesOf('canary', '${CLUSTER}/namespaces/a,${CLUSTER}')`)).toThrow(
      `names the cluster ${CLUSTER} as a whole`,
    );
  });
});
