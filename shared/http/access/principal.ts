import { z } from 'zod';
import type { Role } from './keys.ts';

/** App roles of the enterprise application, as created in `infra/`. */
export const READER_ROLE = 'Kataudit.Reader';
export const OPERATOR_ROLE = 'Kataudit.Operator';

/**
 * The header with which App Service passes on the signed-in user. App Service removes a caller's own header only if sign-in is enabled.
 * Source: learn.microsoft.com/azure/app-service/configure-authentication-user-identities.
 */
export const PRINCIPAL_HEADER = 'x-ms-client-principal';

const OBJECT_ID_CLAIMS: readonly string[] = ['oid', 'http://schemas.microsoft.com/identity/claims/objectidentifier'];
const ROLE_CLAIMS: readonly string[] = ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'];
const OBJECT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const Principal = z.object({
  auth_typ: z.literal('aad'),
  role_typ: z.string().nullish(),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).max(1_000),
});

/**
 * Returns who signed in with Entra ID: the role, `undefined` if none is assigned, and the object id. `undefined` for an invalid header.
 */
export function readPrincipal(header: string): { readonly role: Role | undefined; readonly objectId?: string } | undefined {
  const parsed = Principal.safeParse(decoded(header));
  if (!parsed.success) return undefined;
  const { claims, role_typ: roleType } = parsed.data;
  const roles = claims.filter(({ typ }) => typ === roleType || ROLE_CLAIMS.includes(typ)).map(({ val }) => val);
  const role = roles.includes(OPERATOR_ROLE) ? 'operator' : roles.includes(READER_ROLE) ? 'reader' : undefined;
  const objectId = claims.find(({ typ }) => OBJECT_ID_CLAIMS.includes(typ))?.val;
  return objectId !== undefined && OBJECT_ID.test(objectId) ? { role, objectId: objectId.toLowerCase() } : { role };
}

function decoded(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
