import { describe, expect, it } from 'vitest';
import { Told } from '../../../../shared/local/estate/arm/told.ts';

const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
const CLUSTER = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c`;
const NAME = '137cbc94-1236-5c36-a0c8-e55dcddbd275';
const SECURITY = '2025-05-04';
const POLICY = '2024-10-01';

const METADATA = {
  displayName: 'Node pools run a current node image',
  severity: 'Medium',
  assessmentType: 'CustomerManaged',
  description: 'Why.',
  remediationDescription: 'How.',
  categories: ['Container'],
};
const ASSESSMENT = {
  resourceDetails: { source: 'Azure' },
  status: { code: 'Healthy', cause: 'Complies', description: 'All comply.' },
  additionalData: { openFindings: '0' },
};
const ATTESTATION = {
  policyAssignmentId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/kataudit`,
  complianceState: 'Compliant',
  expiresOn: '2026-12-01T00:00:00.000Z',
  assessmentDate: '2026-11-30T00:00:00.000Z',
  comments: 'No rule fails.',
  evidence: [{ description: 'Bundle 1.', sourceUri: 'https://kataudit.example/api/exports/bundle?number=1' }],
  metadata: { bundleSequence: '1' },
};

const asked = (version: string, properties?: object, type = 'application/json', query = '') => ({
  url: new URL(`https://arm.example/x?api-version=${version}${query}`),
  headers: { 'content-type': type },
  body: JSON.stringify({ properties }),
});

/** A simulated Azure that knows the rule. */
function described(): Told {
  const told = new Told();
  expect(told.putMetadata(SUBSCRIPTION, NAME, asked(SECURITY, METADATA)).status).toBe(200);
  return told;
}
const codeOf = ({ body }: { readonly body: string | Buffer }): string => JSON.parse(String(body)).error.code;

describe('assessment types', () => {
  it.each([
    ['another api-version', asked('2021-06-01', METADATA), 'InvalidApiVersionParameter'],
    ['an unknown parameter', asked(SECURITY, METADATA, 'application/json', '&force=true'), 'InvalidQuery'],
    ['another media type', asked(SECURITY, METADATA, 'text/plain'), 'UnsupportedMediaType'],
    ['no display name', asked(SECURITY, { ...METADATA, displayName: undefined }), 'InvalidRequestContent'],
    ['a severity in another spelling', asked(SECURITY, { ...METADATA, severity: 'medium' }), 'InvalidRequestContent'],
    ['another type', asked(SECURITY, { ...METADATA, assessmentType: 'BuiltIn' }), 'InvalidRequestContent'],
    ['an unknown category', asked(SECURITY, { ...METADATA, categories: ['Kubernetes'] }), 'InvalidRequestContent'],
    ['an unknown field', asked(SECURITY, { ...METADATA, secureScore: 1 }), 'InvalidRequestContent'],
    ['nothing', asked(SECURITY), 'InvalidRequestContent'],
  ])('refuses %s', (_, question, code) => {
    expect(codeOf(new Told().putMetadata(SUBSCRIPTION, NAME, question))).toBe(code);
  });

  it('refuses a name that is not a GUID', () => {
    expect(codeOf(new Told().putMetadata(SUBSCRIPTION, 'node-image-current', asked(SECURITY, METADATA)))).toBe('InvalidResourceName');
  });

  it('are deleted with every assessment of the type in the subscription', () => {
    const told = described();
    told.putAssessment(CLUSTER, NAME, asked(SECURITY, ASSESSMENT));
    expect(told.deleteMetadata(SUBSCRIPTION, NAME, asked(SECURITY)).status).toBe(200);
    expect(told.resources.size).toBe(0);
  });
});

describe('assessments', () => {
  it('are created, updated, deleted, and then not found', () => {
    const told = described();
    const put = () => told.putAssessment(CLUSTER, NAME, asked(SECURITY, ASSESSMENT)).status;
    const drop = () => told.deleteAssessment(CLUSTER, NAME, asked(SECURITY)).status;
    expect([put(), put(), drop(), drop()]).toEqual([201, 200, 200, 204]);
  });

  it.each([
    ['a status in another spelling', { ...ASSESSMENT, status: { ...ASSESSMENT.status, code: 'healthy' } }],
    ['no cause', { ...ASSESSMENT, status: { code: 'Healthy', description: 'd' } }],
    ['a number among the strings', { ...ASSESSMENT, additionalData: { openFindings: 0 } }],
    ['a resource of another cloud', { ...ASSESSMENT, resourceDetails: { source: 'OnPremise' } }],
    ['no details of the resource', { ...ASSESSMENT, resourceDetails: undefined }],
  ])('refuse %s', (_, properties) => {
    expect(codeOf(described().putAssessment(CLUSTER, NAME, asked(SECURITY, properties)))).toBe('InvalidRequestContent');
  });

  it('are refused without an existing type', () => {
    expect(codeOf(new Told().putAssessment(CLUSTER, NAME, asked(SECURITY, ASSESSMENT)))).toBe('AssessmentMetadataNotFound');
  });
});

describe('attestations', () => {
  it('are created, updated, deleted, and then not found', () => {
    const told = new Told();
    const put = () => told.putAttestation(CLUSTER, NAME, asked(POLICY, ATTESTATION)).status;
    const drop = () => told.deleteAttestation(CLUSTER, NAME, asked(POLICY)).status;
    expect([put(), put(), drop(), drop()]).toEqual([201, 200, 200, 204]);
  });

  it.each<[string, object, string]>([
    ['another assignment', { ...ATTESTATION, policyAssignmentId: `${ATTESTATION.policyAssignmentId}-2` }, 'PolicyAssignmentNotFound'],
    ['no assignment', { ...ATTESTATION, policyAssignmentId: undefined }, 'InvalidRequestContent'],
    ['a state in the spelling of the definition', { ...ATTESTATION, complianceState: 'Non-compliant' }, 'InvalidRequestContent'],
    ['an invalid end', { ...ATTESTATION, expiresOn: 'soon' }, 'InvalidRequestContent'],
    ['evidence without an address', { ...ATTESTATION, evidence: [{ description: 'd' }] }, 'InvalidRequestContent'],
    ['no evidence', { ...ATTESTATION, evidence: [] }, 'InvalidRequestContent'],
    ['an unknown field', { ...ATTESTATION, status: 'Compliant' }, 'InvalidRequestContent'],
  ])('refuse %s', (_, properties, code) => {
    expect(codeOf(new Told().putAttestation(CLUSTER, NAME, asked(POLICY, properties)))).toBe(code);
  });

  it('refuse another api-version, and a second attestation for the same resource', () => {
    const told = new Told();
    expect(codeOf(told.putAttestation(CLUSTER, NAME, asked('2019-10-01', ATTESTATION)))).toBe('InvalidApiVersionParameter');
    told.putAttestation(CLUSTER, NAME, asked(POLICY, ATTESTATION));
    const other = NAME.replace('1', '2');
    expect(codeOf(told.putAttestation(CLUSTER, other, asked(POLICY, ATTESTATION)))).toBe('AttestationExists');
  });
});

it('assessments and attestations are deleted with their cluster and subscription', () => {
  const told = described();
  told.putAssessment(CLUSTER, NAME, asked(SECURITY, ASSESSMENT));
  told.keepOnly(new Set([`/subscriptions/${SUBSCRIPTION}`]));
  expect([...told.resources.keys()].map((id) => id.split('/').at(-2))).toEqual(['assessmentmetadata']);
  told.keepOnly(new Set());
  expect(told.resources.size).toBe(0);
});
