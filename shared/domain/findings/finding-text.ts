import { kindOf, type Subject } from '../snapshot/subject.ts';

/** A subject as people name it: `node pool kata1`, `Deployment shop/cart`. */
export function subjectLabel(subject: Subject): string {
  switch (subject.kind) {
    case 'cluster':
      return 'cluster';
    case 'node-pool':
      return `node pool ${subject.name}`;
    case 'node':
      return `node ${subject.name}`;
    case 'runtime-class':
      return `runtime class ${subject.name}`;
    case 'workload':
      return `${kindOf(subject)} ${subject.namespace}/${subject.ownerName}`;
  }
}
