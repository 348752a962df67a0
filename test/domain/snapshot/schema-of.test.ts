import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { schemaOf } from '../../../shared/domain/snapshot/schema-of.ts';

interface Pool {
  readonly name: string;
  readonly state: 'up' | 'down';
  readonly zones?: readonly string[];
}

const pool = { name: z.string(), state: z.enum(['up', 'down']), zones: z.array(z.string()).exactOptional() };

describe('a schema that is tied to a type', () => {
  it('is the schema itself', () => {
    const schema = z.object(pool);
    expect(schemaOf<Pool>()(schema)).toBe(schema);
  });

  it('does not compile when it differs from the type', () => {
    const { zones: _zones, ...withoutOptional } = pool;
    const { name: _name, ...withoutRequired } = pool;
    // @ts-expect-error: an optional member of the type is missing.
    schemaOf<Pool>()(z.object(withoutOptional));
    // @ts-expect-error: a member of the type is missing.
    schemaOf<Pool>()(z.object(withoutRequired));
    // @ts-expect-error: the type has no such member.
    schemaOf<Pool>()(z.object({ ...pool, size: z.string().exactOptional() }));
    // @ts-expect-error: the type says that the member may be absent.
    schemaOf<Pool>()(z.object({ ...pool, zones: z.array(z.string()) }));
    // @ts-expect-error: the type allows a value that the schema refuses.
    schemaOf<Pool>()(z.object({ ...pool, state: z.enum(['up']) }));
    // @ts-expect-error: a member deep within the type is missing.
    schemaOf<{ readonly pools: readonly Pool[] }>()(z.object({ pools: z.array(z.object(withoutOptional)) }));
    schemaOf<Pool & { readonly count: number }>()(z.object({ ...pool, count: z.int() }));
  });
});
