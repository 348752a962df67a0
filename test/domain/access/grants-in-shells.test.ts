import { expect, it } from 'vitest';
import { grantCommands } from '../../../shared/domain/access/grants.ts';
import { PERMISSIONS } from '../../../shared/domain/access/permissions.ts';
import { posixWords, powershellWords } from '../../support/shell-words.ts';

const CLUSTER = { subscriptionId: '11111111-1111-1111-1111-111111111111', resourceGroup: 'rg', name: 'c' };

it.each(['audit', 'volumes', 'templates', 'guardrail', 'exec', 'canary'])(
  'commands that grant rights are read by PowerShell as by a POSIX shell, for %s',
  (purpose) => {
    const places = [{ cluster: CLUSTER, azureRbac: true }, { cluster: CLUSTER, azureRbac: false }, { context: 'a context, with blanks' }];
    const lines = places.flatMap((place) =>
      grantCommands({
        canaryNamespace: 'kataudit-canary',
        place,
        principal: 'Jo, of (ops)',
        missing: PERMISSIONS.filter((permission) => permission.purpose === purpose),
      }),
    );
    expect(lines.length).toBeGreaterThan(3);
    // Each half of a pipe is a command of its own.
    for (const call of lines.flatMap((line) => line.split(' | '))) expect(powershellWords(call)).toEqual(posixWords(call));
  },
);
