import { z } from 'zod';

/** `hh:mm:ss`, in milliseconds. */
const span = z
  .string()
  .regex(/^\d{2}:\d{2}:\d{2}(\.\d+)?$/, 'expected a time span such as 00:00:30')
  .transform((text) => {
    const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
    return ((hours * 60 + minutes) * 60 + seconds) * 1000;
  });

const schema = z.object({
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      queues: z
        .object({
          batchSize: z.int().min(1).max(32).default(16),
          newBatchThreshold: z.int().min(0).max(1000).default(8),
          maxDequeueCount: z.int().min(1).default(5),
          visibilityTimeout: span.prefault('00:00:00'),
          maxPollingInterval: span.prefault('00:01:00'),
          messageEncoding: z.enum(['base64', 'none']).default('base64'),
        })
        .prefault({}),
    })
    .prefault({}),
});

/** The part of host.json that the local host applies, with the real host's defaults. Times are in milliseconds. */
export type HostJson = z.output<typeof schema>;
/** How queue triggers are served. */
export type QueueOptions = HostJson['extensions']['queues'];

/** Reads host.json's content; throws one error that lists everything wrong. */
export function parseHostJson(value: unknown): HostJson {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`host.json cannot be used:\n${problems.join('\n')}`);
}
