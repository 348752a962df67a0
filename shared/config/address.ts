import { z } from 'zod';

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * A setting that is an address: https, or plain http on this machine, and no user name or password, which would end
 * in logs. It is parsed here and nowhere else. The value of a secret setting is never repeated.
 */
export function address({ secret = false }: { readonly secret?: boolean } = {}): z.ZodType<string, string> {
  return z.string().superRefine((text, context) => {
    const problem = problemWith(text);
    if (problem === undefined) return;
    const shown = secret || text.includes('@') ? ' (the value may hold a secret and is not shown)' : `, got ${JSON.stringify(text)}`;
    context.addIssue({ code: 'custom', message: `${problem}${shown}` });
  });
}

/** The public address of an app: an origin without a path. */
export const origin: z.ZodType<string, string> = address().superRefine((text, context) => {
  const url = URL.parse(text);
  if (url === null || (url.pathname === '/' && url.search === '' && url.hash === '')) return;
  context.addIssue({ code: 'custom', message: `expected an address without a path, such as ${url.origin}, got ${JSON.stringify(text)}` });
});

/** A connection string, as `Name=value;Name=value`: each address in it must meet the same rules, and none of it is repeated. */
export function connectionString(needed: readonly string[]): z.ZodType<string, string> {
  return z.string().superRefine((text, context) => {
    const parts = new Map(
      text.split(';').map((part): [string, string] => [part.split('=')[0]?.trim() ?? '', part.slice(part.indexOf('=') + 1)]),
    );
    const addresses = [...parts].filter(([name]) => name.endsWith('Endpoint'));
    const plain = parts.get('DefaultEndpointsProtocol')?.toLowerCase() === 'http' && addresses.length === 0;
    const problem =
      needed.length === 0 || needed.some((name) => parts.has(name))
        ? (addresses.map(([name, value]) => named(name, problemWith(value))).find((one) => one !== undefined) ??
          (plain ? 'DefaultEndpointsProtocol: expected https' : undefined))
        : `expected a connection string with ${needed.join(' or ')}`;
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `${problem} (the value contains a secret and is not shown)` });
  });
}

function named(name: string, problem: string | undefined): string | undefined {
  return problem === undefined ? undefined : `${name}: ${problem}`;
}

function problemWith(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'expected an https address, such as https://example.com';
  if (url.username !== '' || url.password !== '') return 'expected an address without a user name and password';
  if (url.protocol === 'http:' && !LOOPBACK.includes(url.hostname)) return 'expected https, or http for this machine only';
  return undefined;
}
