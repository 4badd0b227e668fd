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

/**
 * What a fresh connection is told before its one statement, in as few statements as can be: each costs as much as a
 * small query. An analyst's profile comes first, because after `readonly` comes no way back.
 */
export function setup(statement: Statement, tag: string, limits: AnalystLimits): string {
  const { database, access, settings = {}, params = {} } = statement;
  const tagged = `log_comment = ${stringLiteral(tag)}`;
  const assignments: string[] = [];
  for (const [name, value] of Object.entries(settings)) {
    if (!SETTING_NAME.test(name)) throw unknownSetting(name);
    assignments.push(`${name} = ${typeof value === 'number' ? value : stringLiteral(value)}`);
  }
  for (const [name, value] of Object.entries(params)) {
    if (!SETTING_NAME.test(name)) throw unknownSetting(`param_${name}`);
    assignments.push(`param_${name} = ${stringLiteral(value)}`);
  }
  if (access === 'reader') assignments.push('readonly = 2');
  const steps = database === undefined ? [] : [`USE ${identifier(database)}`];
  // The tag is not an analyst's to set.
  if (access === 'analyst') steps.push(`SET ${tagged}`, becomeAnalyst(limits));
  else assignments.unshift(tagged);
  if (assignments.length > 0) steps.push(`SET ${assignments.join(', ')}`);
  return steps.join('; ');
}

function unknownSetting(name: string): EngineError {
  return new EngineError(
    `Code: 115. DB::Exception: Setting ${name} is neither a builtin setting nor started with a custom prefix. (UNKNOWN_SETTING)`,
  );
}
