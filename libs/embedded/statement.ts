import { type AnalystLimits, becomeAnalyst } from './engine-config.ts';
import { EngineError } from './engine-error.ts';
import { identifier, stringLiteral } from './sql-text.ts';

/** `owner` may do anything, `reader` reads, `analyst` reads within limits that it cannot lift. */
type Access = 'owner' | 'reader' | 'analyst';

export interface Statement {
  sql: string;
  access: Access;
  /** Output format where the SQL names none. @default TabSeparated */
  format?: string | undefined;
  /** Bytes that follow an INSERT, in the format that it names. */
  data?: Uint8Array | undefined;
  database?: string | undefined;
  /** Hold for this statement only. */
  settings?: Readonly<Record<string, string | number>> | undefined;
  /** Bound parameters, escaped as ClickHouse's HTTP interface has them in `param_x=`. */
  params?: Readonly<Record<string, string>> | undefined;
  /** Aborting stops the engine's work too. */
  signal?: AbortSignal | undefined;
}

const SETTING_NAME = /^[a-zA-Z_]\w*$/;

/** What a fresh connection is told before its one statement. The order matters: after `readonly` comes no way back. */
export function setup(statement: Statement, tag: string, limits: AnalystLimits): string {
  const steps = [`SET log_comment = ${stringLiteral(tag)}`];
  if (statement.database !== undefined) steps.push(`USE ${identifier(statement.database)}`);
  if (statement.access === 'analyst') steps.push(becomeAnalyst(limits));
  for (const [name, value] of Object.entries(statement.settings ?? {})) {
    if (!SETTING_NAME.test(name)) throw unknownSetting(name);
    steps.push(`SET ${name} = ${typeof value === 'number' ? value : stringLiteral(value)}`);
  }
  for (const [name, value] of Object.entries(statement.params ?? {})) {
    if (!SETTING_NAME.test(name)) throw unknownSetting(`param_${name}`);
    steps.push(`SET param_${name} = ${stringLiteral(value)}`);
  }
  if (statement.access === 'reader') steps.push('SET readonly = 2');
  return steps.join('; ');
}

function unknownSetting(name: string): EngineError {
  return new EngineError(
    `Code: 115. DB::Exception: Setting ${name} is neither a builtin setting nor started with a custom prefix. (UNKNOWN_SETTING)`,
  );
}
