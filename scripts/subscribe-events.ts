import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { realAz } from './deployment/az.ts';
import { azdVariables } from './deployment/azd.ts';
import { EnvironmentProblem, readEnvironment } from './deployment/environment.ts';
import { subscribeEvents } from './deployment/events.ts';

/**
 * Subscribes the deployed function to Event Grid; azd runs it after each deployment, because Event Grid refuses a function that does
 * not exist yet.
 */
const print = (line: string) => process.stdout.write(`${line}\n`);
const folder = mkdtempSync(join(tmpdir(), 'kataudit-events-'));
try {
  const environment = readEnvironment(azdVariables(process.env));
  process.exitCode = await subscribeEvents(
    {
      az: realAz(process.platform, process.env),
      print,
      sleep: (milliseconds) => delay(milliseconds),
      now: () => performance.now(),
      writeParameters: (subscription, content) => {
        const path = join(folder, `${subscription}.json`);
        writeFileSync(path, JSON.stringify(content));
        return path;
      },
      template: resolve(import.meta.dirname, '../infra/events.bicep'),
    },
    environment,
  );
} catch (error) {
  if (!(error instanceof EnvironmentProblem)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
