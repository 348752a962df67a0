import { expect, it } from 'vitest';
import { exceptions } from '../../../shared/domain/guardrail/conditions.ts';

it('who stays out of a guardrail is the platform, and the controller of DaemonSets unless they must be sandboxed too', () => {
  const [system, agents, ...rest] = exceptions({ daemonSets: false });
  expect(system?.expression).toMatch(/^!\(\(request\.namespace in \["gatekeeper-system".*request\.namespace\.matches\("\^kube-\.\*\$"\)/);
  expect(agents?.expression).toBe('request.userInfo.username != "system:serviceaccount:kube-system:daemon-set-controller"');
  expect(rest).toEqual([]);
  expect(exceptions({ daemonSets: true })).toEqual([system]);
});
