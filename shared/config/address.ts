import { z } from 'zod';

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * A setting that is an address: https, or plain http on this machine, and no user name or password, which would end
 * in logs. It is parsed here and nowhere else. A secret one is never repeated.
 */
export function address({ secret = false }: { readonly secret?: boolean } = {}): z.ZodType<string, string> {
  return z.string().superRefine((text, context) => {
    const problem = problemWith(text);
    if (problem === undefined) return;
    const shown = secret || text.includes('@') ? ' (the value may hold a secret and is not shown)' : `, got ${JSON.stringify(text)}`;
    context.addIssue({ code: 'custom', message: `${problem}${shown}` });
  });
}

/** The public address of an app: an origin and nothing behind it. */
export const origin: z.ZodType<string, string> = address().superRefine((text, context) => {
  const url = URL.parse(text);
  if (url === null || (url.pathname === '/' && url.search === '' && url.hash === '')) return;
  context.addIssue({ code: 'custom', message: `expected an address without a path, such as ${url.origin}, got ${JSON.stringify(text)}` });
});

function problemWith(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'expected an https address, such as https://example.com';
  if (url.username !== '' || url.password !== '') return 'expected an address without a user name and password';
  if (url.protocol === 'http:' && !LOOPBACK.includes(url.hostname)) return 'expected https, or http on this machine alone';
  return undefined;
}
