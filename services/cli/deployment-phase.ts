import { randomUUID } from 'node:crypto';
import type { DeploymentOutcome } from '@evenkeel/emitter';
import { type CommandContext, usageError } from './command.ts';
import { planDeployment } from './deployment-flags.ts';
import { type Flag, parseFlags } from './flags.ts';
import { inTime, readSource } from './source.ts';
import { loadEmitter, report } from './telemetry.ts';

/** The words CI systems use for how a job ended, such as GitHub's `job.status`, GitLab's CI_JOB_STATUS and Azure's AGENT_JOBSTATUS. */
const OUTCOMES: Readonly<Record<string, DeploymentOutcome>> = {
  succeeded: 'succeeded',
  success: 'succeeded',
  succeededwithissues: 'succeeded',
  failed: 'failed',
  failure: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

const finishFlags: Record<string, Flag> = {
  outcome: { value: 'OUTCOME', help: 'how it ended' },
};

/** The part of the help that explains `start` and `finish`. */
export function phaseHelp(kind: string): string {
  return `
"${kind} start" reports the beginning and prints the deployment's id; "${kind} finish" reports the end.
OUTCOME is succeeded, failed or cancelled (or success, failure, canceled). Both need the same --service,
--environment and id: inside one CI run it is derived alike, elsewhere pass --id or EVENKEEL_DEPLOYMENT_ID.
`;
}

/** `deploy start` and `deploy finish`: one deployment, reported by two processes. */
export async function deployPhase(
  kind: 'deploy' | 'rollback',
  phase: 'start' | 'finish',
  table: Record<string, Flag>,
  argv: readonly string[],
  context: CommandContext,
): Promise<number> {
  const name = `${kind} ${phase}`;
  const wrong = (message: string) => usageError(context, name, message);
  const parsed = parseFlags(phase === 'start' ? table : { ...table, ...finishFlags }, argv);
  if (parsed.outcome === 'rejected') return wrong(parsed.message);
  if (parsed.command !== undefined) return wrong(`runs no command; use "evenkeel ${kind} -- COMMAND"`);
  if (parsed.words.length > 0) return wrong(`unexpected "${parsed.words.join(' ')}"`);
  const typed = parsed.flags.text('outcome');
  const outcome = OUTCOMES[typed?.toLowerCase() ?? ''];
  if (phase === 'finish' && outcome === undefined) {
    const given = typed === undefined ? 'is required' : `does not know "${typed}"`;
    return wrong(`--outcome ${given}; it is succeeded, failed or cancelled`);
  }
  const givenId = context.env['EVENKEEL_DEPLOYMENT_ID'] || undefined;
  const fallbackId = phase === 'start' ? randomUUID : () => givenId;
  const planned = planDeployment(kind, parsed.flags, context.env, fallbackId);
  if (planned.outcome === 'rejected') return wrong(planned.message);
  const { plan } = planned;
  const at = context.now();
  if (phase === 'start') context.print(plan.report.deploymentId);
  const loading = loadEmitter(context);
  // The source was reported with the start; by the end of a deployment the checkout may be another one.
  const source =
    phase === 'finish' && plan.changesFrom === undefined
      ? Promise.resolve({ report: { changes: [] } })
      : readSource(plan, context);
  await report(context, loading, { subject: `the ${kind}'s ${phase}`, signal: 'TRACES' }, async (emitter) => {
    const known = await inTime(source);
    if (known.warning !== undefined) context.warn(`evenkeel: ${known.warning}`);
    const details = { ...plan.report, ...known.report, startedAt: at };
    emitter.deploymentPhase(details, outcome === undefined ? 'started' : { outcome, finishedAt: at });
  });
  return 0;
}
