export { runCli } from './cli.ts';
export type { CommandContext } from './command.ts';
