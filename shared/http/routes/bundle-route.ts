import { z } from 'zod';
import { evidenceEntries } from '../../exports/evidence.ts';
import { type SealNext, sealNext } from '../../exports/seal-next.ts';
import { problem, SECURED, WITH_BODY } from '../framework/answers.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { JSON_TYPE, json } from '../framework/negotiate.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { bytesOf } from '../framework/stream.ts';
import { BundleHeadView } from '../schemas/operation-schemas.ts';
import { evidenceOf } from './exports.ts';

const SIGNING_LIMIT_MS = 60_000;

/** `GET /exports/bundle`: a bundle of the app's chain, as it was sealed. */
export const getBundle = defineRoute({
  name: 'get-bundle',
  tag: 'exports',
  summary: 'Gives the newest bundle of evidence that the app sealed, or the one of a number.',
  query: z.strictObject({
    number: z
      .number('expected a whole number from 1')
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .describe('Its number in the chain; absent: the newest.'),
  }),
  answers: {
    200: {
      description: 'The bundle. It is complete only when it verifies.',
      mediaTypes: [JSON_TYPE],
      headers: { 'content-disposition': 'A name for the file.' },
    },
    ...SECURED,
    404: problem('No such bundle was sealed.'),
  },
  handle: async ({ bundles }, { query }) => {
    const number = query.number ?? (await bundles?.head())?.head.sequence;
    const body = number === undefined ? undefined : await bundles?.open(number);
    if (body === undefined) {
      throw new Problem(404, 'There is no such bundle: one is sealed after each complete audit, and at once by POST /exports/bundle.');
    }
    const headers = { 'content-type': JSON_TYPE, 'content-disposition': `attachment; filename="kataudit-bundle-${number}.json"` };
    return { status: 200, headers, body: bytesOf(body) };
  },
});

/** `POST /exports/bundle`: seals the evidence as it is now, between two audits. */
export const postBundle = defineRoute({
  name: 'post-bundle',
  tag: 'exports',
  summary: 'Seals the present evidence as the next bundle of the chain.',
  query: NO_QUERY,
  answers: {
    ...WITH_BODY,
    201: { description: 'The bundle was sealed.', schema: BundleHeadView, headers: { location: 'Where it is.' } },
    404: problem('The app has no signing key.'),
    409: problem('Others seal bundles at the same time, or the chain in the storage is broken.'),
  },
  handle: async (dependencies) => {
    const sealing = sealingOf(dependencies);
    if (sealing === undefined) {
      throw new Problem(404, 'This app has no signing key (KATAUDIT_SIGNING_KEY): sign with a key of your own.');
    }
    const head = await sealNext(sealing);
    return json(head, 201, { location: `/api/exports/bundle?number=${head.sequence}` });
  },
});

/** What sealing the evidence of the app takes; `undefined` where no key signs, or nothing is kept. */
export function sealingOf(dependencies: ApiDependencies): SealNext | undefined {
  const { signer, bundles, clock } = dependencies;
  if (signer === undefined || bundles === undefined) return undefined;
  return {
    bundles,
    clock,
    sign: (bytes) => signer.sign(bytes, AbortSignal.timeout(SIGNING_LIMIT_MS)),
    entries: async () => {
      const { findings, context } = await evidenceOf(dependencies);
      return evidenceEntries(findings, context);
    },
  };
}
