import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LocalRun, startLocal } from '../../../shared/compose/container/local.ts';
import { makeKeyFile } from '../../../shared/compose/container/signer.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { isRuleOn } from '../../../shared/domain/policy/rule-setting.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { smallEstate } from '../../faults/small-estate.ts';
import { freePort } from '../../support/command.ts';

const ON = RULES.filter((rule) => isRuleOn(rule, DEFAULT_POLICY)).length;
const SERVICES = { KATAUDIT_DEFENDER: 'on', KATAUDIT_ATTESTATIONS: 'on', KATAUDIT_POLICY_ASSIGNMENT: 'kataudit' };

let run: LocalRun;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kataudit-publish-'));
  const key = join(folder, 'key.pem');
  await makeKeyFile(key);
  const settings = { ...SERVICES, KATAUDIT_SIGNING_KEY: key };
  run = await startLocal({ port: await freePort(), auth: false, now: new Date(), estate: smallEstate(), settings });
}, 120_000);
afterAll(async () => {
  await run?.stop();
  await rm(folder, { recursive: true, force: true });
});

const patiently = { timeout: 90_000, interval: 500 };
const kindsTold = () =>
  Object.fromEntries([...Map.groupBy(run.estate.told.keys(), (id) => id.split('/').at(-2))].map(([kind, ids]) => [kind, ids.length]));

it('the functions of the app publish an audit, through its queue and its storage', { timeout: 240_000 }, async () => {
  await run.runAudit();
  await expect.poll(async () => (await run.storage.audits.list(1)).value[0]?.end?.state, patiently).toBe('complete');
  await run.runTimer('seal-bundle');
  await run.runTimer('plan-publications');
  await expect.poll(kindsTold, patiently).toEqual({ assessmentmetadata: ON * 3, assessments: ON * 4, attestations: 4 });

  const head = await run.storage.bundles.head();
  const attested = [...run.estate.told].find(([id]) => id.includes('/attestations/'));
  expect(JSON.stringify(attested)).toContain(head?.head.sha256);
  const health = await (await fetch(`${run.apiUrl}/health/detail`)).text();
  expect(health).toContain('Microsoft Defender for Cloud (on): the last success was at ');
  expect(health).toContain('The Azure Policy attestations (on): the last success was at ');
  const metrics = await (await fetch(`${run.apiUrl}/metrics`)).text();
  expect(metrics).toMatch(/^kataudit_service_failures\{service="defender"\} 0$/m);
  expect(metrics).toMatch(/^kataudit_service_left_behind\{service="attestations"\} 0$/m);
});
