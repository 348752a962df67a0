import type { CliCommand } from '../frame/command.ts';
import type { Parents } from '../frame/program.ts';
import { auditCommand } from './audit.ts';
import { auditsListCommand } from './audits-list.ts';
import { auditsStartCommand } from './audits-start.ts';
import { checkCommand } from './check.ts';
import { clustersCommand } from './clusters.ts';
import { collectCommand } from './collect.ts';
import { completionCommand } from './completion.ts';
import { demoCommand } from './demo.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { evaluateCommand } from './evaluate.ts';
import { eventCommand } from './event.ts';
import { exemptionsEndCommand } from './exemptions-end.ts';
import { exemptionsGiveCommand } from './exemptions-give.ts';
import { exemptionsListCommand } from './exemptions-list.ts';
import { exemptionsRenewCommand } from './exemptions-renew.ts';
import { exportCommand } from './export.ts';
import { findingsCommand } from './findings.ts';
import { imagesCheckCommand } from './images-check.ts';
import { imagesShowCommand } from './images-show.ts';
import { imagesUpdateCommand } from './images-update.ts';
import { keyCommand } from './key.ts';
import { notifyTestCommand } from './notify-test.ts';
import { parkedDropCommand } from './parked-drop.ts';
import { parkedListCommand } from './parked-list.ts';
import { parkedReplayCommand } from './parked-replay.ts';
import { policyAuditCommand } from './policy-audit.ts';
import { policyCheckCommand } from './policy-check.ts';
import { policyExplainCommand } from './policy-explain.ts';
import { policyGuardrailCommand } from './policy-guardrail.ts';
import { policyInitCommand } from './policy-init.ts';
import { policyPreviewCommand } from './policy-preview.ts';
import { policySchemaCommand } from './policy-schema.ts';
import { probeCommand } from './probe.ts';
import { rulesCommand } from './rules.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';
import { verifyCommand } from './verify.ts';

/** Every command, in the order of the help. A new command is a file in this folder and a line here. */
export const COMMANDS: readonly CliCommand[] = [
  auditCommand,
  showCommand,
  collectCommand,
  probeCommand,
  doctorCommand,
  checkCommand,
  evaluateCommand,
  diffCommand,
  rulesCommand,
  imagesShowCommand,
  imagesCheckCommand,
  imagesUpdateCommand,
  policyCheckCommand,
  policyExplainCommand,
  policyGuardrailCommand,
  policyPreviewCommand,
  policyInitCommand,
  policySchemaCommand,
  policyAuditCommand,
  notifyTestCommand,
  findingsCommand,
  clustersCommand,
  auditsListCommand,
  auditsStartCommand,
  exemptionsListCommand,
  exemptionsGiveCommand,
  exemptionsRenewCommand,
  exemptionsEndCommand,
  exportCommand,
  eventCommand,
  parkedListCommand,
  parkedReplayCommand,
  parkedDropCommand,
  verifyCommand,
  keyCommand,
  serveCommand,
  demoCommand,
  completionCommand,
];

/** The group descriptions of commands with two words. */
export const PARENTS: Parents = {
  notify: { group: 'Policy', summary: 'Test the notification targets of a policy.' },
  policy: { group: 'Policy', summary: 'Create, check, explain and audit the policy.' },
  images: { group: 'Judge offline', summary: 'Show, check and update what is known about node images.' },
  audits: { group: 'A running app', summary: 'List and start audits of a running app.' },
  exemptions: { group: 'A running app', summary: 'List, create, renew and end exemptions of a running app.' },
  parked: {
    group: 'A running app',
    summary: 'List, replay and drop the parked messages of a running app: messages that failed at every attempt.',
  },
};
