import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassOverhead } from '../../shared/rules/runtime-class-overhead.ts';
import { aRuntimeClass } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const says = (verdict: string) => ({ 'runtime-class/kata-vm-isolation': verdict });
const { overheadMemory: _, ...free } = aRuntimeClass();
const declared = (overheadMemory: string) => ({ runtimeClasses: observed([aRuntimeClass({ overheadMemory })]) });

testRule(runtimeClassOverhead, [
  { name: 'passes the overhead of AKS', says: says('pass'), facts: { overheadMemory: '600Mi' } },
  { name: 'passes the smallest overhead', over: declared('1'), says: says('pass') },
  { name: 'passes ten mebibytes, whose number ends in a zero', over: declared('10Mi'), says: says('pass') },
  {
    name: 'fails a class without overhead',
    over: { runtimeClasses: observed([free]) },
    says: says('fail'),
    severity: 'low',
    message: /no memory overhead/,
    facts: { overheadMemory: '' },
    remediation: /kubectl patch --context shop --patch 'overhead: .*600Mi.*' -- runtimeclasses\.node\.k8s\.io kata-vm-isolation/,
  },
  { name: 'fails an overhead of zero', over: declared('0'), says: says('fail'), message: /overhead 0/ },
  { name: 'fails an overhead of zero mebibytes', over: declared('0.0Mi'), says: says('fail') },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'ignores ordinary classes',
    over: { runtimeClasses: observed([aRuntimeClass({ name: 'runc', handler: 'runc' })]) },
    says: {},
  },
]);
