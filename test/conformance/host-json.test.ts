import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCode } from '../infra/checks/code.ts';
import { readDeployment, readTexts } from '../infra/checks/deployment.ts';
import { hostProblems } from '../infra/checks/host.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
const FILES: ReadonlyMap<string, string> = new Map([
  ...readTexts(ROOT),
  ...['host.json', 'package.json'].map((path) => [path, read(path)] as const),
]);
const CODE = readCode(ROOT);

function problems(path?: string, right = '', wrong = ''): readonly string[] {
  const files = new Map(FILES);
  if (path !== undefined) {
    expect(FILES.get(path)).toContain(right);
    files.set(path, (FILES.get(path) ?? '').replace(right, wrong));
  }
  return hostProblems(files.get('host.json') ?? '', readDeployment(files), CODE, JSON.parse(files.get('package.json') ?? ''));
}

const MAIN = 'deployments/main-defaults.snapshot.json';

describe('host.json, the deployment and the code', () => {
  it('agree', () => {
    expect(problems()).toEqual([]);
  });

  it.each([
    ['the host stops a function early', 'host.json', '00:10:00', '00:08:00', /gives itself 480000 ms, the host stops it after 480000 ms/],
    ['a function may run for hours', 'host.json', '00:10:00', '02:00:00', /longer than half an hour/],
    ['the extension bundle is old', 'host.json', '[4.*, 5.0.0)', '[3.*, 4.0.0)', /extension bundle/],
    ['the host decodes messages itself', 'host.json', '"none"', '"base64"', /stay in a poison queue for ever/],
    ['addresses change', 'host.json', '"routePrefix": "api"', '"routePrefix": ""', /begin with \/api/],
    ['one instance takes too many messages', 'host.json', '"batchSize": 4', '"batchSize": 32', /more than 16 clusters/],
    ['requests are sampled', MAIN, '"microsoft.fixed_percentage"', '"microsoft.rate_limited"', /of which only a sample/],
    ['some requests are dropped', MAIN, '"OTEL_TRACES_SAMPLER_ARG": "1.0"', '"OTEL_TRACES_SAMPLER_ARG": "0.5"', /only a sample/],
    [
      'the host reports its telemetry in the old way',
      'host.json',
      '"OpenTelemetry"',
      '"ApplicationInsights"',
      /does not pass its trace on/,
    ],
    ['a setting is set that Flex refuses', MAIN, '"AZURE_CLIENT_ID"', '"WEBSITE_TIME_ZONE"', /does not take WEBSITE_TIME_ZONE/],
    ['the worker finds no function', 'package.json', 'dist/functions/*.js', 'dist/src/*.js', /does not lead the worker/],
    [
      'another Node.js is deployed than checked',
      'deployments/parameters.json',
      '"defaultValue": "24"',
      '"defaultValue": "22"',
      /checked against Node 22/,
    ],
    ['a worker may fill its instance', MAIN, '--max-old-space-size=1280', '--max-old-space-size=1800', /more memory than an instance has/],
    ['the memory of a worker has no limit', MAIN, ' --max-old-space-size=1280', '', /more memory than an instance has/],
    ['azd would build in Azure', 'azure.yaml', 'remoteBuild: false', 'remoteBuild: true', /does not send the package/],
  ])('are refused when %s', (_case, path, right, wrong, expected) => {
    expect(problems(path, right, wrong)).toEqual(expect.arrayContaining([expect.stringMatching(expected)]));
  });

  it('are refused when the code sends log lines itself', () => {
    const text = `${CODE.text} app.setup({ capabilities: { WorkerOpenTelemetryEnabled: true } })`;
    const found = hostProblems(read('host.json'), readDeployment(FILES), { ...CODE, text }, JSON.parse(read('package.json')));
    expect(found).toEqual([expect.stringMatching(/log lines would reach no alert/)]);
  });
});
