import { randomUUID } from 'node:crypto';
import type { IncidentReport, IncidentTransition } from '@evenkeel/emitter';
import { type Command, usageError } from './command.ts';
import { type Flag, flagHelp, parseFlags } from './flags.ts';
import { loadEmitter, report } from './telemetry.ts';

/** What people type, and the transition it reports. */
const TRANSITIONS: Readonly<Record<string, IncidentTransition>> = {
  open: 'opened',
  ack: 'acknowledged',
  mitigate: 'mitigated',
  resolve: 'resolved',
  reopen: 'reopened',
  update: 'updated',
  cancel: 'cancelled',
  link: 'linked',
  unlink: 'unlinked',
};

const flagTable: Record<string, Flag> = {
  service: { value: 'NAME', help: 'what is affected; required by open, or EVENKEEL_SERVICE' },
  environment: { value: 'NAME', help: 'where; EVENKEEL_ENVIRONMENT or production' },
  id: { value: 'ID', help: 'id for open; made up when absent' },
  severity: { value: 'S', help: 'such as sev1' },
  title: { value: 'TEXT', help: 'what people call it' },
  url: { value: 'URL', help: 'where people discuss it' },
  'detected-by': { value: 'WHO', choices: ['monitoring', 'people', 'customer'], help: 'who saw it first' },
  deployment: { value: 'ID', help: 'the deployment it comes from; required by link and unlink' },
  reason: { value: 'TEXT', help: 'why' },
  at: { value: 'TIME', help: 'when it happened, RFC 3339 with zone; default now' },
};

export const incident: Command = {
  help: `Usage: evenkeel incident open [options]
       evenkeel incident ack|mitigate|resolve|reopen|update|cancel ID [options]
       evenkeel incident link|unlink ID --deployment ID

"open" prints the incident's id. "cancel" says that it was a false alarm. Ends with 1 when it could not be
reported.

Options:
${flagHelp(flagTable)}
`,
  async run(argv, context) {
    const wrong = (message: string) => usageError(context, 'incident', message);
    const parsed = parseFlags(flagTable, argv);
    if (parsed.outcome === 'rejected') return wrong(parsed.message);
    const { flags, words } = parsed;
    const [verb, wordId, ...rest] = words;
    const transition = TRANSITIONS[verb ?? ''];
    if (transition === undefined) {
      return wrong(
        `${verb === undefined ? 'say what happened' : `unknown "${verb}"`}: ${Object.keys(TRANSITIONS).join(', ')}`,
      );
    }
    const extra = transition === 'opened' ? words.slice(1) : rest;
    if (extra.length > 0) return wrong(`unexpected "${extra.join(' ')}"`);
    const incidentId = flags.text('id') ?? wordId ?? (transition === 'opened' ? randomUUID() : undefined);
    if (incidentId === undefined) return wrong(`${verb} needs the incident's id`);
    const service = flags.text('service') ?? (context.env['EVENKEEL_SERVICE'] || undefined);
    if (transition === 'opened' && service === undefined) {
      return wrong('--service is required (or set EVENKEEL_SERVICE)');
    }
    const deploymentId = flags.text('deployment');
    if ((transition === 'linked' || transition === 'unlinked') && deploymentId === undefined) {
      return wrong(`--deployment is required by ${verb}`);
    }
    const occurredAt = readTime(flags.text('at'), context.now());
    if (occurredAt === undefined)
      return wrong('--at takes a time such as 2026-03-01T14:05:00Z, with its zone');
    const environment = flags.text('environment') ?? (context.env['EVENKEEL_ENVIRONMENT'] || undefined);
    const details = {
      service,
      // Later transitions leave it as it was opened.
      environment: environment ?? (transition === 'opened' ? 'production' : undefined),
      severity: flags.text('severity'),
      title: flags.text('title'),
      url: flags.text('url'),
      detectedBy: flags.text('detected-by'),
      deploymentId,
      reason: flags.text('reason'),
    };
    const given = Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined));
    if (transition === 'opened') context.print(incidentId);
    const delivery = await report(
      context,
      loadEmitter(context),
      { subject: 'the incident', signal: 'LOGS' },
      (emitter) => emitter.incident({ ...given, incidentId, transition, occurredAt } as IncidentReport),
    );
    return delivery.outcome === 'failed' ? 1 : 0;
  },
};

function readTime(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return now;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)) return;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
