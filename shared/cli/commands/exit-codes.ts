import type { ExitCodes } from '../frame/command.ts';

/** Exit codes of commands that judge. */
export const JUDGED: ExitCodes = {
  0: 'no finding at or above --fail-on, and everything at or above it was judged',
  1: 'a finding at or above --fail-on was found',
  2: 'something at or above --fail-on could not be judged, or the command line is wrong',
};

/** Exit codes of commands that only perform an action. */
export const DONE: ExitCodes = { 0: 'done', 2: 'it could not be done, or the command line is wrong' };
