import { type Answer, json } from '../server/answer.ts';

/** An error in the envelope of Azure Resource Manager. */
export function failure(status: number, code: string, message: string): Answer {
  return json(status, { error: { code, message } });
}
