import { Option } from '@commander-js/extra-typings';

/** `--kubeconfig FILE`. */
export const KUBECONFIG = new Option('--kubeconfig <file>', 'kubeconfig of the cluster; what only Azure could tell is unknown then');

/** `--context NAME`. */
export const CONTEXT = new Option('--context <name>', "context to use; default: the file's current one");

/** `--cluster RESOURCE_ID`. */
export const CLUSTER = new Option('--cluster <id>', 'ARM id of the cluster, to look through Azure with the identity that is signed in');
