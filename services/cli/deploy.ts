import { randomBytes, randomUUID } from 'node:crypto';
import { type DeploymentEnd, formatTraceparent, parseTraceparent } from '@evenkeel/emitter';
import { type ChildEnd, runChild } from './child-process.ts';
import { type Command, type CommandContext, usageError } from './command.ts';
import { type DeploymentPlan, deployFlags, planDeployment, rollbackFlags } from './deployment-flags.ts';
import { deployPhase, phaseHelp } from './deployment-phase.ts';
import { type Flag, flagHelp, parseFlags } from './flags.ts';
import { inTime, readSource } from './source.ts';
import { loadEmitter, report } from './telemetry.ts';

export const deploy = command('deploy', deployFlags);
export const rollback = command('rollback', rollbackFlags);

function command(kind: 'deploy' | 'rollback', table: Record<string, Flag>): Command {
  return {
    help: `Usage: evenkeel ${kind} [options] -- COMMAND [ARG…]
       evenkeel ${kind} start [options]
       evenkeel ${kind} finish --outcome OUTCOME [options]

Runs COMMAND, reports it as a ${kind === 'deploy' ? 'deployment' : 'rollback'}, and ends with its exit code. Output, input and signals
pass through. COMMAND finds TRACEPARENT and EVENKEEL_DEPLOYMENT_ID in its environment.
${phaseHelp(kind)}
Where to send is read from OTEL_EXPORTER_OTLP_ENDPOINT (default http://localhost:4318) and
OTEL_EXPORTER_OTLP_HEADERS. Telemetry that cannot be sent never changes the exit code.

Options:
${flagHelp(table)}
`,
    async run(argv, context) {
      const [first] = argv;
      if (first === 'start' || first === 'finish')
        return deployPhase(kind, first, table, argv.slice(1), context);
      const parsed = parseFlags(table, argv);
      if (parsed.outcome === 'rejected') return usageError(context, kind, parsed.message);
      if (parsed.words.length > 0) {
        return usageError(context, kind, `put "--" before the command: -- ${parsed.words.join(' ')}`);
      }
      if (parsed.command === undefined || parsed.command.length === 0) {
        return usageError(context, kind, 'give the command to run after "--", or use "start" and "finish"');
      }
      const planned = planDeployment(kind, parsed.flags, context.env, randomUUID);
      if (planned.outcome === 'rejected') return usageError(context, kind, planned.message);
      return runAndReport(planned.plan, parsed.command, context);
    },
  };
}

async function runAndReport(
  plan: DeploymentPlan,
  command: readonly string[],
  context: CommandContext,
): Promise<number> {
  const spanIds = {
    traceId: parseTraceparent(context.env['TRACEPARENT'])?.traceId ?? randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
  };
  const startedAt = context.now();
  // The command first: the SDK takes longer to load than many a deployment takes to begin.
  const running = runChild(command, {
    ...context.env,
    TRACEPARENT: formatTraceparent(spanIds),
    EVENKEEL_DEPLOYMENT_ID: plan.report.deploymentId,
  });
  const source = readSource(plan, context);
  const loading = loadEmitter(context);
  const end = await running;
  const finishedAt = context.now();
  if (end.problem !== undefined) context.warn(`evenkeel: ${end.problem}`);
  await report(context, loading, { subject: 'the deployment', signal: 'TRACES' }, async (emitter) => {
    const known = await inTime(source);
    if (known.warning !== undefined) context.warn(`evenkeel: ${known.warning}`);
    emitter
      .deployment({ ...plan.report, ...known.report, startedAt, spanIds })
      .finished({ ...outcomeOf(end), finishedAt });
  });
  return end.exitCode;
}

function outcomeOf(end: ChildEnd): DeploymentEnd {
  const outcome = end.exitCode === 0 ? 'succeeded' : end.cancelled ? 'cancelled' : 'failed';
  const errorType = end.errorType === undefined ? {} : { errorType: end.errorType };
  return { outcome, exitCode: end.exitCode, ...errorType };
}
