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

/** `GET /exports/bundle`: a bundle of the app's chain, unchanged since it was sealed. */
export const getBundle = defineRoute({
  name: 'get-bundle',
  tag: 'exports',
  summary: 'Returns the newest sealed evidence bundle of the app, or the one with a given number.',
  query: z.strictObject({
    number: z
      .number('expected a whole number of 1 or more')
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .describe('The number in the chain; default: the newest.'),
  }),
  answers: {
    200: {
      description: 'The bundle. It is complete only when it verifies.',
      mediaTypes: [JSON_TYPE],
      headers: { 'content-disposition': 'A file name.' },
    },
    ...SECURED,
    404: problem('There is no such bundle.'),
  },
  handle: async ({ bundles }, { query }) => {
    const number = query.number ?? (await bundles?.head())?.head.sequence;
    const body = number === undefined ? undefined : await bundles?.open(number);
    if (body === undefined) {
      throw new Problem(
        404,
        'There is no such bundle. The app seals one after each complete audit, and immediately on POST /exports/bundle.',
      );
    }
    const headers = { 'content-type': JSON_TYPE, 'content-disposition': `attachment; filename="kataudit-bundle-${number}.json"` };
    return { status: 200, headers, body: bytesOf(body) };
  },
});

/** `POST /exports/bundle`: seals the current evidence between two audits. */
export const postBundle = defineRoute({
  name: 'post-bundle',
  tag: 'exports',
  summary: 'Seals the current evidence as the next bundle of the chain.',
  query: NO_QUERY,
  answers: {
    ...WITH_BODY,
    201: { description: 'The bundle was sealed.', schema: BundleHeadView, headers: { location: 'The URL of the bundle.' } },
    404: problem('The app has no signing key.'),
    409: problem('Other requests are sealing bundles at the same time, or the stored chain is broken.'),
  },
  handle: async (dependencies) => {
    const sealing = sealingOf(dependencies);
    if (sealing === undefined) {
      throw new Problem(404, 'This app has no signing key (KATAUDIT_SIGNING_KEY). Sign with a key of your own.');
    }
    const head = await sealNext(sealing);
    return json(head, 201, { location: `/api/exports/bundle?number=${head.sequence}` });
  },
});

/** Returns the dependencies for sealing; `undefined` if no key signs or nothing is stored. */
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
