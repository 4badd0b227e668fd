import { type Command, type CommandContext, USAGE_ERROR } from './command.ts';

/** Every command, loaded when it is called: a start must not pay for what it does not use. */
const commands: Readonly<Record<string, { summary: string; load(): Promise<Command> }>> = {
  deploy: {
    summary: 'run a command and report it as a deployment',
    load: async () => (await import('./deploy.ts')).deploy,
  },
  rollback: { summary: 'the same for going back', load: async () => (await import('./deploy.ts')).rollback },
  incident: {
    summary: 'report what happens to an incident',
    load: async () => (await import('./incident.ts')).incident,
  },
  slo: { summary: 'apply SLOs from files', load: async () => (await import('./slo.ts')).slo },
  service: {
    summary: 'apply what services are from files',
    load: async () => (await import('./service.ts')).service,
  },
  explain: {
    summary: 'print a number and the rows behind it',
    load: async () => (await import('./explain.ts')).explain,
  },
  doctor: {
    summary: 'say what would be reported and where to',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  start: { summary: 'start the embedded default', load: async () => (await import('./start.ts')).start },
  migrate: {
    summary: 'bring a ClickHouse server to the current tables',
    load: async () => (await import('./migrate.ts')).migrate,
  },
};

const help = `Usage: evenkeel COMMAND [options]

Reports deployments, rollbacks and incidents to Evenkeel over OpenTelemetry, and applies SLOs and services from files.

Commands:
${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

"evenkeel COMMAND --help" says more; "evenkeel --version" names this version.
`;

/** Runs one command line and returns its exit code. */
export async function runCli(
  argv: readonly string[],
  version: string,
  context: CommandContext,
): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version') {
    context.print(version);
    return 0;
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const about = name === 'help' ? commands[rest[0] ?? ''] : undefined;
    const text = about === undefined ? help : (await about.load()).help;
    if (name !== undefined) context.print(text.trimEnd());
    else context.warn(text.trimEnd());
    return name === undefined ? USAGE_ERROR : 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    context.warn(`evenkeel: unknown command "${name}"; there are ${Object.keys(commands).join(', ')}`);
    return USAGE_ERROR;
  }
  const command = await entry.load();
  if (asksForHelp(rest)) {
    context.print(command.help.trimEnd());
    return 0;
  }
  return command.run(rest, context);
}

/** Whether --help stands before the `--` that hands the rest to another command. */
function asksForHelp(argv: readonly string[]): boolean {
  const dashes = argv.indexOf('--');
  const own = dashes === -1 ? argv : argv.slice(0, dashes);
  return own.includes('--help') || own.includes('-h');
}
