import { Option } from '@commander-js/extra-typings';
import { gather } from '../frame/options.ts';

/** `--kubeconfig FILE`. */
export const KUBECONFIG = new Option('--kubeconfig <file>', 'kubeconfig to use; default: $KUBECONFIG, else ~/.kube/config');

/** `--context NAME`, for commands that read one cluster. */
export const CONTEXT = new Option('--context <name>', 'context to use; default: the current context');

/** `--context NAME`, for commands that read several clusters. */
export const CONTEXTS = new Option('--context <name>', 'context to use; repeatable; default: the current context').argParser(gather);

/** `--all-contexts`. */
export const ALL_CONTEXTS = new Option('--all-contexts', 'every context of the kubeconfig');

/** `--cluster RESOURCE_ID`, for commands that read one cluster. */
export const CLUSTER = new Option('--cluster <id>', 'ARM id of the cluster, to read it through Azure with the signed-in identity');

/** `--cluster RESOURCE_ID`, for commands that read several clusters. */
export const CLUSTERS = new Option(
  '--cluster <id>',
  'ARM id of a cluster, to read it through Azure with the signed-in identity; repeatable',
).argParser(gather);

/** `--subscription GUID`. */
export const SUBSCRIPTIONS = new Option('--subscription <id>', 'every cluster of a subscription; repeatable').argParser(gather);

/** `--management-group NAME`. */
export const MANAGEMENT_GROUPS = new Option(
  '--management-group <name>',
  'every cluster in the subscriptions of a management group; repeatable',
).argParser(gather);
