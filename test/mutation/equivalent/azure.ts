import { type Equivalent, fault } from './fault.ts';

const VULNERABILITIES = 'shared/azure/vulnerability-data.ts';
const COMPARED = 'The key of a name is only compared with keys that were made the same way.';

/** Faults in the adapters of Azure that change nothing. */
export const EQUIVALENT_AZURE: readonly Equivalent[] = [
  {
    reason: 'A tenth is taken off, and the rest is rounded down to the same number.',
    matches: ({ file, kind, sourceLine }) =>
      file === 'shared/azure/budget/published-budgets.ts' && kind === 'OffByOne' && sourceLine.includes('return published('),
  },
  fault('shared/azure/budget/budget.ts', 'place === 0', 'true', 'The queue wakes and sleeps again for as long.'),
  {
    reason: 'The reckoning refills up to the later of both, and that is where the pause ends.',
    matches: ({ file, kind, original }) =>
      file === 'shared/azure/budget/budget.ts' && kind === 'ExchangedArguments' && original.includes('.reckoning.pause('),
  },
  fault(
    'shared/azure/client/pipeline.ts',
    '[]',
    '["Stryker was here"]',
    'The items that the SDK is given in place of the real ones are read by nobody: the checked answers are.',
  ),
  fault('shared/azure/estate/latest-images.ts', 'image.variant.toLowerCase()', 'image.variant.toUpperCase()', COMPARED),
  fault(VULNERABILITIES, 'name.toLowerCase()', 'name.toUpperCase()', COMPARED),
  fault(VULNERABILITIES, "name.toLowerCase().replaceAll('/', '-')", "name.toLowerCase().replaceAll('-', '/')", COMPARED),
];
