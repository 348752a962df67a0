import { z } from 'zod';
import { Problem } from './problem.ts';

/** App roles of the enterprise application, as `infra/` makes them. */
export const READER_ROLE = 'Kataudit.Reader';
export const OPERATOR_ROLE = 'Kataudit.Operator';

/** Who calls, when Entra ID stands in front; without it the function key alone is the permission. */
export interface Caller {
  /** The object id of the app or person, never a name. */
  readonly objectId?: string;
  /** May write; a function key alone may. */
  readonly operator: boolean;
}

const PRINCIPAL_HEADER = 'x-ms-client-principal';
const OBJECT_ID_CLAIMS: readonly string[] = ['oid', 'http://schemas.microsoft.com/identity/claims/objectidentifier'];
const ROLE_CLAIMS: readonly string[] = ['roles', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role'];
const OBJECT_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const principalSchema = z.object({
  role_typ: z.string().optional(),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })).max(1_000),
});

/** Checks the caller's role; throws 401 for a principal that cannot be read and 403 for one without the role. */
export function authorize(headers: { get(name: string): string | null }, writes: boolean): Caller {
  const header = headers.get(PRINCIPAL_HEADER);
  if (header === null || header === '') return { operator: true };
  const { claims, role_typ: roleType } = readPrincipal(header);
  const roles = claims.filter(({ typ }) => typ === roleType || ROLE_CLAIMS.includes(typ)).map(({ val }) => val);
  const wanted = writes ? [OPERATOR_ROLE] : [READER_ROLE, OPERATOR_ROLE];
  if (!wanted.some((role) => roles.includes(role))) throw new Problem(403, `This needs the app role ${wanted.join(' or ')}.`);
  const objectId = claims.find(({ typ }) => OBJECT_ID_CLAIMS.includes(typ))?.val;
  const operator = roles.includes(OPERATOR_ROLE);
  return objectId !== undefined && OBJECT_ID.test(objectId) ? { objectId: objectId.toLowerCase(), operator } : { operator };
}

function readPrincipal(header: string): z.output<typeof principalSchema> {
  try {
    return principalSchema.parse(JSON.parse(Buffer.from(header, 'base64').toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      throw new Problem(401, `The header ${PRINCIPAL_HEADER} cannot be read.`);
    throw error;
  }
}
