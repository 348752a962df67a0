import { z } from 'zod';
import { parseJson } from '../../../domain/text/json.ts';
import { type Answer, json } from '../server/answer.ts';
import { failure } from './arm-failure.ts';

/**
 * Objects that were written to the simulated Azure, by the lower-case id of each resource: custom assessments of Microsoft Defender
 * for Cloud, their descriptions, and attestations of Azure Policy. It accepts only what the published specifications allow.
 */
export class Told {
  readonly #resources = new Map<string, ToldResource>();
  /** The name of the policy assignment that every subscription has. */
  readonly assignment = 'kataudit';

  /** Every object, in the order of the ids. */
  get resources(): ReadonlyMap<string, ToldResource> {
    return new Map([...this.#resources].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** Deletes every object whose subscription or cluster is not among the given ids, which are in lower case. */
  keepOnly(there: ReadonlySet<string>): void {
    for (const id of this.#resources.keys()) {
      const [parent = ''] = id.split(/\/providers\/microsoft\.(?:security|policyinsights)\//);
      if (!there.has(parent)) this.#resources.delete(id);
    }
  }

  putMetadata(subscriptionId: string, name: string, question: Asked): Answer {
    const id = `/subscriptions/${subscriptionId}/providers/Microsoft.Security/assessmentMetadata/${name}`;
    // The specification declares only 200, also for new objects.
    return this.#put({ id, name, question, version: SECURITY_VERSION, form: Metadata, created: 200 });
  }

  /** Also deletes every assessment of the type in the subscription. Source: AssessmentsMetadata_DeleteInSubscription. */
  deleteMetadata(subscriptionId: string, name: string, question: Asked): Answer {
    const problem = problemOf(name, question, SECURITY_VERSION);
    if (problem !== undefined) return problem;
    const own = `/subscriptions/${subscriptionId}/`.toLowerCase();
    for (const id of this.#resources.keys()) {
      if (id.startsWith(own) && /\/microsoft\.security\/assessment(s|metadata)\/[^/]+$/.test(id) && id.endsWith(`/${name.toLowerCase()}`))
        this.#resources.delete(id);
    }
    return json(200, '');
  }

  putAssessment(clusterId: string, name: string, question: Asked): Answer {
    const subscriptionId = clusterId.split('/')[2] ?? '';
    const id = `${clusterId}/providers/Microsoft.Security/assessments/${name}`;
    const metadata = `/subscriptions/${subscriptionId}/providers/Microsoft.Security/assessmentMetadata/${name}`.toLowerCase();
    if (!this.#resources.has(metadata)) return failure(404, 'AssessmentMetadataNotFound', `No assessment metadata is named ${name}.`);
    return this.#put({ id, name, question, version: SECURITY_VERSION, form: Assessment, created: 201 });
  }

  deleteAssessment(clusterId: string, name: string, question: Asked): Answer {
    return this.#delete(`${clusterId}/providers/Microsoft.Security/assessments/${name}`, name, question, SECURITY_VERSION);
  }

  putAttestation(clusterId: string, name: string, question: Asked): Answer {
    const id = `${clusterId}/providers/Microsoft.PolicyInsights/attestations/${name}`;
    const assignment = z.object({ properties: z.object({ policyAssignmentId: z.string() }) }).safeParse(parseJson(question.body)).data
      ?.properties.policyAssignmentId;
    const [, subscriptionId] = /^\/subscriptions\/([^/]+)/.exec(clusterId) ?? [];
    const known = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/policyAssignments/${this.assignment}`;
    if (assignment !== undefined && assignment.toLowerCase() !== known.toLowerCase())
      return failure(404, 'PolicyAssignmentNotFound', `The policy assignment '${assignment}' could not be found.`);
    const others = [...this.#resources].filter(([other]) => other !== id.toLowerCase() && other.startsWith(`${clusterId}/`.toLowerCase()));
    if (others.some(([other]) => other.includes('/microsoft.policyinsights/attestations/')))
      return failure(409, 'AttestationExists', 'The resource has an attestation of this assignment already.');
    return this.#put({ id, name, question, version: ATTESTATION_VERSION, form: Attestation, created: 201 });
  }

  deleteAttestation(clusterId: string, name: string, question: Asked): Answer {
    return this.#delete(`${clusterId}/providers/Microsoft.PolicyInsights/attestations/${name}`, name, question, ATTESTATION_VERSION);
  }

  #put({ id, name, question, version, form, created }: Put): Answer {
    const problem = problemOf(name, question, version) ?? contentProblem(question);
    if (problem !== undefined) return problem;
    const body = form.safeParse(parseJson(question.body));
    if (!body.success) return failure(400, 'InvalidRequestContent', z.prettifyError(body.error));
    const isNew = !this.#resources.has(id.toLowerCase());
    this.#resources.set(id.toLowerCase(), body.data);
    return json(isNew ? created : 200, { id, name, type: id.split('/').slice(-3, -1).join('/'), ...body.data });
  }

  #delete(id: string, name: string, question: Asked, version: string): Answer {
    const problem = problemOf(name, question, version);
    if (problem !== undefined) return problem;
    return { status: this.#resources.delete(id.toLowerCase()) ? 200 : 204, headers: {}, body: '' };
  }
}

/** A resource as the client sent it. */
export interface ToldResource {
  readonly properties: Readonly<Record<string, unknown>>;
}

type Asked = { readonly url: URL; readonly headers: Readonly<Record<string, string | undefined>>; readonly body: string };

interface Put {
  readonly id: string;
  readonly name: string;
  readonly question: Asked;
  readonly version: string;
  readonly form: z.ZodType<ToldResource>;
  readonly created: number;
}

const SECURITY_VERSION = '2025-05-04';
const ATTESTATION_VERSION = '2024-10-01';
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const text = z.string().min(1);

/** Source: azure-rest-api-specs, Microsoft.Security/Security/stable/2025-05-04, `SecurityAssessmentMetadataResponse`. */
const Metadata = z.strictObject({
  properties: z.strictObject({
    displayName: text.max(256),
    severity: z.enum(['Low', 'Medium', 'High', 'Critical']),
    assessmentType: z.literal('CustomerManaged'),
    description: text,
    remediationDescription: text,
    categories: z.array(z.enum(['Compute', 'Networking', 'Data', 'IdentityAndAccess', 'IoT', 'Container', 'AppServices'])),
  }),
});

/** Source: the same, `SecurityAssessment`; every value of `additionalData` is a string. */
const Assessment = z.strictObject({
  properties: z.strictObject({
    resourceDetails: z.strictObject({ source: z.literal('Azure') }),
    status: z.strictObject({ code: z.enum(['Healthy', 'Unhealthy', 'NotApplicable']), cause: text, description: text }),
    additionalData: z.record(z.string(), z.string()),
  }),
});

/** Source: azure-rest-api-specs, Microsoft.PolicyInsights/stable/2024-10-01, `Attestation`. */
const Attestation = z.strictObject({
  properties: z.strictObject({
    policyAssignmentId: text,
    complianceState: z.enum(['Compliant', 'NonCompliant', 'Unknown']),
    expiresOn: z.iso.datetime(),
    assessmentDate: z.iso.datetime(),
    comments: text,
    evidence: z.array(z.strictObject({ description: text, sourceUri: z.url() })).min(1),
    metadata: z.record(z.string(), z.string()),
  }),
});

function problemOf(name: string, { url }: Asked, version: string): Answer | undefined {
  const given = url.searchParams.get('api-version');
  if (given !== version) return failure(400, 'InvalidApiVersionParameter', `The api-version '${given}' is not '${version}'.`);
  if ([...url.searchParams.keys()].length > 1) return failure(400, 'InvalidQuery', 'The operation has no other parameter.');
  return GUID.test(name) ? undefined : failure(400, 'InvalidResourceName', `The name '${name}' is not a GUID.`);
}

function contentProblem({ headers }: Asked): Answer | undefined {
  const type = headers['content-type'] ?? '';
  return /^application\/json\b/.test(type) ? undefined : failure(415, 'UnsupportedMediaType', `The media type '${type}' is not taken.`);
}
