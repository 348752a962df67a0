#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { Fault } from '../domain/snapshot/fault.ts';
import { UsageError } from './usage-error.ts';

/** Exit codes: 0 clean, 1 findings at or above `--fail-on`, 2 could not look or bad usage. */
const COULD_NOT = 2;

let isOutputBroken = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as `head`, is no failure.
  if (error.code === 'EPIPE' || isOutputBroken) return;
  isOutputBroken = true;
  console.error(`kataudit: Cannot write the standard output: ${error.message}`);
});
process.once('exit', () => {
  if (isOutputBroken) process.exitCode = COULD_NOT;
});

const program = new Command('kataudit')
  .description('Audits Kata pod sandboxing on AKS.')
  .exitOverride()
  .showHelpAfterError('(kataudit --help lists the commands)');

program
  .command('serve', { isDefault: false })
  .description('Run everything on this machine: storage, a simulated estate, the functions, the API and dashboard.')
  .option('--port <port>', 'port of the API', '7071')
  .option('--estate <file>', 'estate to simulate (JSON); default: the built-in one')
  .option('--data <dir>', 'keep state in this folder between runs; default: in memory')
  .option('--once', 'run one audit, print it, and exit')
  .option('--no-auth', 'serve the API without keys')
  .action(async (options) => {
    const { serve } = await import('./serve.ts');
    process.exitCode = await serve(options);
  });

program
  .command('audit')
  .description('Audit one cluster: from a kubeconfig without Azure, or through Azure by its ARM id.')
  .option('--kubeconfig <file>', 'kubeconfig of the cluster; what only Azure could tell is unknown then')
  .option('--context <name>', "context to use; default: the file's current one")
  .option('--cluster <id>', 'ARM id of the cluster, to look through Azure with the identity that is signed in')
  .option('--policy <file>', 'policy file; default: the built-in one')
  .option('--format <format>', 'table, json, csv, sarif, ocsf, openreports or html', 'table')
  .option('--output <file>', 'where to write; default: the standard output')
  .option('--fail-on <severity>', 'critical, high, medium, low or info', 'info')
  .action(async (options) => {
    const { audit } = await import('./audit.ts');
    process.exitCode = await audit(options);
  });

program
  .command('collect')
  .description('Save what is seen of one cluster, to be judged again offline.')
  .option('--kubeconfig <file>', 'kubeconfig of the cluster; what only Azure could tell is unknown then')
  .option('--context <name>', "context to use; default: the file's current one")
  .option('--cluster <id>', 'ARM id of the cluster, to look through Azure with the identity that is signed in')
  .option('--policy <file>', 'policy file, which says how pods are read; default: the built-in one')
  .option('--out <file>', 'where to write the snapshot; default: the standard output')
  .action(async (options) => {
    const { collect } = await import('./snapshots.ts');
    process.exitCode = await collect(options);
  });

program
  .command('evaluate <snapshot>')
  .description('Judge a saved snapshot: the same verdicts, offline.')
  .option('--policy <file>', 'policy file; default: the built-in one')
  .option('--format <format>', 'table, json, csv, sarif, ocsf, openreports or html', 'table')
  .option('--output <file>', 'where to write; default: the standard output')
  .option('--fail-on <severity>', 'critical, high, medium, low or info', 'info')
  .action(async (file, options) => {
    const { evaluateFile } = await import('./snapshots.ts');
    process.exitCode = await evaluateFile(file, options);
  });

program
  .command('probe')
  .description(
    'Look inside pods of one cluster whether they have a kernel of their own, and print how far the evidence reaches. Unlike an audit this touches the cluster; see docs/probe.md.',
  )
  .option('--kubeconfig <file>', 'kubeconfig of the cluster')
  .option('--context <name>', "context to use; default: the file's current one")
  .option('--mode <mode>', 'exec (one read in running sandboxed pods) or canary (short-lived pods of its own)', 'exec')
  .option('--policy <file>', 'policy file, whose part "probe" holds; default: the built-in one')
  .option('--namespace <name>', "exec: only pods of this namespace; canary: where canaries run, instead of the policy's")
  .option('--format <format>', 'table or json', 'table')
  .option('--output <file>', 'where to write; default: the standard output')
  .action(async (options) => {
    const { probe } = await import('./probe.ts');
    process.exitCode = await probe(options);
  });

program
  .command('rules [id]')
  .description('Print the rules, or one of them whole.')
  .option('--document', 'write the page that describes every rule, in Markdown')
  .option('--output <file>', 'with --document: where to write; default: the standard output')
  .action(async (id, options) => {
    const { printRules, writeRulesDocument } = await import('./rules.ts');
    await (options.document === true ? writeRulesDocument(options.output) : printRules(id));
  });

program
  .command('demo')
  .description('Upgrade a stale pool of the simulated estate and watch its finding resolve.')
  .option('--port <port>', 'port of the API', '7071')
  .action(async (options) => {
    const { demo } = await import('./demo.ts');
    process.exitCode = await demo(options);
  });

const policy = program.command('policy').description('Check, explain, begin, and audit the policy.');

policy
  .command('check <file>')
  .description('List every mistake of a policy file, each with its line.')
  .action(async (file) => {
    const { policyCheck } = await import('./policy.ts');
    process.exitCode = await policyCheck(file, (text) => console.log(text));
  });

policy
  .command('explain')
  .description('Tell which entries of the policy decide about a cluster and a namespace, and why.')
  .requiredOption('--cluster <name>', 'name of the cluster')
  .option('--namespace <name>', 'name of the namespace')
  .option('--policy <file>', 'policy file; default: the built-in one')
  .option('--tag <name=value>', 'tag of the cluster; may be given again', gather, [])
  .option('--namespace-label <name=value>', 'label of the namespace; may be given again', gatherSome)
  .option('--pod-label <name=value>', 'label of the pod; may be given again', gatherSome)
  .action(async (options) => {
    const { policyExplain } = await import('./policy.ts');
    process.exitCode = await policyExplain(options, new Date(), (text) => console.log(text));
  });

policy
  .command('init')
  .description('Write a commented policy to begin with.')
  .option('--output <file>', 'where to write; default: the standard output')
  .action(async (options) => {
    const { policyInit } = await import('./policy.ts');
    process.exitCode = await policyInit(options);
  });

policy
  .command('schema')
  .description('Write the JSON Schema of the policy file, for editors.')
  .option('--output <file>', 'where to write; default: the standard output')
  .action(async (options) => {
    const { policySchema } = await import('./policy.ts');
    process.exitCode = await policySchema(options);
  });

policy
  .command('audit')
  .description('Tell which exemptions are matched, unused, expired or invalid; exit code 1 when one is not matched.')
  .option('--snapshot <file>', 'saved snapshot to look at, instead of a running app; may be given again', gather, [])
  .option('--policy <file>', 'with --snapshot: policy file; default: the built-in one')
  .option('--url <url>', 'address of the app', 'http://127.0.0.1:7071')
  .option('--key <key>', 'access key of the app')
  .option('--key-file <file>', 'file that holds the access key')
  .action(async (options) => {
    const { policyAudit } = await import('./policy.ts');
    process.exitCode = await policyAudit(options, new Date(), (text) => console.log(text));
  });

program
  .command('event [file]')
  .description('Send events to a running app as Event Grid would: those of a file, or one made up.')
  .option('--url <url>', 'address of the app', 'http://127.0.0.1:7071')
  .option('--key <key>', 'the Event Grid extension key of the app (local mode prints its own)')
  .option(
    '--type <type>',
    'NodePoolRollingStarted, NodePoolRollingSucceeded, NodePoolRollingFailed, ClusterSupportEnding or ClusterSupportEnded',
  )
  .option('--cluster <id>', 'ARM id of the cluster')
  .option('--node-pool <name>', 'the node pool that rolls')
  .action(async (file, options) => {
    const { sendEvents } = await import('./event.ts');
    process.exitCode = await sendEvents(file, options);
  });

const parked = program.command('parked').description('See, replay and drop messages that failed for good in a running app.');

withApp(parked.command('list'))
  .description('List the messages that wait for somebody, or what became of the others; exits with 1 when any waits.')
  .option('--state <state>', 'waiting, or settled: those that somebody has replayed or dropped', 'waiting')
  .option('--format <format>', 'table or json', 'table')
  .action(async (options) => {
    const { listParkedMessages } = await import('./parked.ts');
    process.exitCode = await listParkedMessages(options, (text) => console.log(text));
  });

withApp(parked.command('replay <id>'))
  .description('Send a message to its queue again.')
  .action(async (id, options) => {
    const { replayParkedMessage } = await import('./parked.ts');
    process.exitCode = await replayParkedMessage(id, options, (text) => console.log(text));
  });

withApp(parked.command('drop <id>'))
  .description('Give a message up: a later audit does not wait for it.')
  .action(async (id, options) => {
    const { dropParkedMessage } = await import('./parked.ts');
    process.exitCode = await dropParkedMessage(id, options, (text) => console.log(text));
  });

program
  .command('export <format>')
  .description("Write a running app's findings: json, csv, sarif, ocsf, openreports, html, evidence, or a signed bundle.")
  .option('--url <url>', 'address of the app', 'http://127.0.0.1:7071')
  .option('--key <key>', 'access key of the app')
  .option('--key-file <file>', 'file that holds the access key')
  .option('--output <file>', 'where to write; default: the standard output')
  .option(
    '--filter <name=value>',
    'filter of GET /api/findings; may be given many times',
    (value, before) => [...before, value],
    [] as string[],
  )
  .option(
    '--signing-key <key>',
    "for a bundle: Ed25519 key file, or a P-256 key's address in Azure Key Vault; default: the app signs with its own",
  )
  .option('--previous <bundle>', 'for a bundle: the bundle before this one')
  .action(async (format, options) => {
    const [{ exportFindings }, { exportBundle }] = await Promise.all([import('./export.ts'), import('./bundle.ts')]);
    process.exitCode = await (format === 'bundle' ? exportBundle(options) : exportFindings(format, options));
  });

program
  .command('verify <bundles...>')
  .description('Check signed bundles offline, in the order of their chain.')
  .option('--public-key <file>', 'public key that must have signed them')
  .action(async (files, options) => {
    const { verifyBundles } = await import('./bundle.ts');
    process.exitCode = await verifyBundles(files, options);
  });

program
  .command('key <file>')
  .description('Make an Ed25519 key that signs bundles; its public half goes to <file>.pub.')
  .action(async (file) => {
    const { makeKeyFile } = await import('../compose/container/signer.ts');
    await makeKeyFile(file);
  });

program
  .command('doctor')
  .description('Tell what the identity that is signed in can and cannot do with clusters, and how to grant what is missing.')
  .option('--cluster <id>', 'ARM id of a cluster; may be given again', gather, [])
  .option('--subscription <id>', 'examine every cluster of a subscription; may be given again', gather, [])
  .option('--probe <kind>', 'examine the permissions of a probe too: exec or canary', 'off')
  .option('--canary-namespace <name>', 'where canaries would run', 'kataudit-canary')
  .option('--principal <id>', 'object id that the printed commands name; default: the own one')
  .option('--format <format>', 'table or json', 'table')
  .action(async (options) => {
    const [{ doctor }, { openDoctor }] = await Promise.all([import('./doctor.ts'), import('../compose/command-line/doctor.ts')]);
    process.exitCode = await doctor(options, { ...(await openDoctor(process.env)), print: (text) => console.log(text) });
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : COULD_NOT;
  } else if (error instanceof UsageError || error instanceof Fault || (error instanceof Error && error.name === 'SettingsError')) {
    console.error(`kataudit: ${error.message}`);
    process.exitCode = COULD_NOT;
  } else throw error;
}

/** The options of a command that asks a running app. */
function withApp(command: Command): Command {
  return command
    .option('--url <url>', 'address of the app', 'http://127.0.0.1:7071')
    .option('--key <key>', 'access key of the app')
    .option('--key-file <file>', 'file that holds the access key');
}

function gather(value: string, held: readonly string[]): readonly string[] {
  return [...held, value];
}

/** Absent until it is given: labels that nobody tells are not known, which is not the same as none. */
function gatherSome(value: string, held: readonly string[] = []): readonly string[] {
  return [...held, value];
}
