import { z } from 'zod';
import { sealBundle } from '../../exports/bundle.ts';
import { evidenceEntries } from '../../exports/evidence.ts';
import { problem, SECURED } from '../framework/answers.ts';
import { JSON_TYPE } from '../framework/negotiate.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute } from '../framework/route.ts';
import { streamOf } from '../framework/stream.ts';
import { evidenceOf } from './exports.ts';

const SIGNING_LIMIT_MS = 60_000;

/** `GET /exports/bundle`: the evidence, sealed and signed with the app's own key. */
export const getBundle = defineRoute({
  name: 'get-bundle',
  tag: 'exports',
  summary: "Gives the evidence as a bundle, signed with the app's key.",
  query: z.strictObject({
    previous: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of a manifest, 64 hexadecimal digits')
      .optional()
      .describe('The digest of the bundle before; absent for the first.'),
    sequence: z
      .number('expected a whole number from 1')
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .describe('The number of the bundle before; with `previous`.'),
  }),
  answers: {
    200: {
      description: 'The bundle. It is complete only when it verifies.',
      mediaTypes: [JSON_TYPE],
      headers: { 'content-disposition': 'A name for the file.' },
    },
    ...SECURED,
    404: problem('The app has no signing key.'),
  },
  handle: async (dependencies, { query: { previous: sha256, sequence } }) => {
    const { signer } = dependencies;
    if (signer === undefined) throw new Problem(404, 'This app has no signing key (KATAUDIT_SIGNING_KEY): sign with a key of your own.');
    if ((sha256 === undefined) !== (sequence === undefined)) {
      const field = sha256 === undefined ? 'previous' : 'sequence';
      throw new Problem(400, 'The query cannot be used.', [{ field, detail: 'previous and sequence come together' }]);
    }
    const { findings, context } = await evidenceOf(dependencies);
    const sealing = {
      previous: sha256 === undefined || sequence === undefined ? undefined : { sha256, sequence },
      sealedAt: dependencies.clock().toISOString(),
      sign: (bytes: Uint8Array) => signer.sign(bytes, AbortSignal.timeout(SIGNING_LIMIT_MS)),
    };
    return {
      status: 200,
      headers: { 'content-type': JSON_TYPE, 'content-disposition': 'attachment; filename="kataudit-bundle.json"' },
      body: await streamOf(findings, (input) => sealBundle(evidenceEntries(input, context), sealing)),
    };
  },
});
