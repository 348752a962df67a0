import { type Equivalent, fault } from './fault.ts';

const SAMPLING = 'shared/domain/snapshot/sampling.ts';
const NCRONTAB = 'shared/domain/schedule/ncrontab.ts';
const WINDOW = 'shared/domain/maintenance/maintenance-window.ts';
const HORIZON = 'Every day that there is falls into 40 years: looking further finds nothing more.';
const NO_TIE = 'No probability equals the limit to its last bit; that is what ROUNDING is for.';

/** Faults in the domain that change nothing. */
export const EQUIVALENT_DOMAIN: readonly Equivalent[] = [
  {
    reason: 'Of two that are the same either may be taken.',
    matches: ({ kind, sourceLine }) => kind === 'EqualityOperator' && /\b(\w+) [<>] (\w+) \? (\2 : \1|\1 : \2);/.test(sourceLine),
  },
  fault(SAMPLING, 'logProbability <= plausible', 'logProbability < plausible', NO_TIE),
  {
    reason: NO_TIE,
    matches: ({ file, kind, original }) => file === SAMPLING && kind === 'EqualityOperator' && original.startsWith('probabilityOfAtMost('),
  },
  fault(SAMPLING, 'at > 0', 'at >= 0', 'The first item is exchanged with itself.'),
  fault(SAMPLING, 'drawn < fair', 'drawn <= fair', 'It differs for one word in four thousand million.'),
  fault(NCRONTAB, 'at < HORIZON_DAYS', 'at <= HORIZON_DAYS', HORIZON),
  fault(NCRONTAB, '366', '367', HORIZON),
  fault(NCRONTAB, '40', '41', HORIZON),
  fault(
    'shared/domain/access/grants.ts',
    'reconciled === undefined',
    'false',
    'The first half of the pipe has the same context: it cannot be written either.',
  ),
  fault(
    'shared/domain/evidence/signature.ts',
    "error instanceof Error && 'code' in error",
    'true',
    'OpenSSL refuses a text with a code only.',
  ),
  fault('shared/domain/images/node-image.ts', 'one === other', 'false', 'It only saves the reading of both.'),
  {
    reason: 'Both ways say the same: the result is only compared with 0.',
    matches: ({ file, original }) => file === 'shared/domain/images/node-image.ts' && original === 'compareNodeImages(bareLeft, bareRight)',
  },
  {
    reason: 'A distribution that does not map back to the same variant is refused afterwards.',
    matches: ({ file, kind, sourceLine }) =>
      file === 'shared/domain/images/distro.ts' &&
      ((kind === 'Regex' && /\.exec\(variant\)|\.test\(rest\)/.test(sourceLine)) ||
        sourceLine.includes('if (name === undefined) return undefined;')),
  },
  {
    reason: 'What ended before, lies beyond the horizon or has no hour is passed over later too: to leave it out here saves time.',
    matches: ({ file, kind, original, sourceLine }) =>
      file === WINDOW &&
      (/^span\.until <= now$|^open\.size === 0$/.test(original) || (kind !== 'OffByOne' && /for \(let (turn|hour) = /.test(sourceLine))),
  },
  fault(
    WINDOW,
    'span.from > now + HORIZON_MS',
    'span.from >= now + HORIZON_MS',
    'A window in five years is as good as none, to the millisecond.',
  ),
  fault('shared/domain/isolation/probe-targets.ts', '1', '2', 'A turn is only compared with other turns.'),
  {
    reason: 'Examples are text for people; a test compares the generated documents with them.',
    matches: ({ kind, sourceLine }) => kind === 'ArrayDeclaration' && /\bexamples: \[/.test(sourceLine),
  },
  {
    reason: 'What ended before is passed over: to begin a day earlier changes nothing.',
    matches: ({ kind, sourceLine }) => kind === 'OffByOne' && sourceLine.includes('Math.floor((now + shift) / DAY_MS) - 1'),
  },
  {
    reason: 'A window in five years is as good as none, to the day.',
    matches: ({ kind, sourceLine }) => kind === 'OffByOne' && sourceLine.startsWith('const HORIZON_MS = '),
  },
];
