import { Option } from '@commander-js/extra-typings';
import { gather } from '../frame/options.ts';

/** `--kubeconfig FILE`. */
export const KUBECONFIG = new Option('--kubeconfig <file>', 'kubeconfig to use; default: $KUBECONFIG, else ~/.kube/config');

/** `--context NAME`, of commands that look at one cluster. */
export const CONTEXT = new Option('--context <name>', "context to use; default: the file's current one");

/** `--context NAME`, of commands that look at several. */
export const CONTEXTS = new Option('--context <name>', "context to use; may be given again; default: the file's current one").argParser(
  gather,
);

/** `--all-contexts`. */
export const ALL_CONTEXTS = new Option('--all-contexts', 'every context of the kubeconfig');

/** `--cluster RESOURCE_ID`, of commands that look at one cluster. */
export const CLUSTER = new Option('--cluster <id>', 'ARM id of the cluster, to audit through Azure with the signed-in identity');

/** `--cluster RESOURCE_ID`, of commands that look at several. */
export const CLUSTERS = new Option(
  '--cluster <id>',
  'ARM id of a cluster, to audit through Azure with the signed-in identity; may be given again',
).argParser(gather);

/** `--subscription GUID`. */
export const SUBSCRIPTIONS = new Option('--subscription <id>', 'every cluster of a subscription; may be given again').argParser(gather);

/** `--management-group NAME`. */
export const MANAGEMENT_GROUPS = new Option(
  '--management-group <name>',
  'every cluster of the subscriptions below a management group; may be given again',
).argParser(gather);
