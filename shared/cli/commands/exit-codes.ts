import type { ExitCodes } from '../frame/command.ts';

/** Of commands that judge. */
export const JUDGED: ExitCodes = {
  0: 'nothing at or above --fail-on was found, and all that could hold something was judged',
  1: 'a finding at or above --fail-on was found',
  2: 'something at or above --fail-on could not be judged, or the command line is wrong',
};

/** Of commands that only do what they are told. */
export const DONE: ExitCodes = { 0: 'done', 2: 'it could not be done, or the command line is wrong' };
