import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What one analyst's query may use. */
export interface AnalystLimits {
  /** @default 60 */
  maxExecutionSeconds: number;
  /** @default 2 GiB */
  maxMemoryBytes: number;
  /** @default 1 000 000 */
  maxResultRows: number;
  /** The engine holds a whole result in memory. @default 256 MiB */
  maxResultBytes: number;
}

export const DEFAULT_ANALYST_LIMITS: AnalystLimits = {
  maxExecutionSeconds: 60,
  maxMemoryBytes: 2 * 1024 ** 3,
  maxResultRows: 1_000_000,
  maxResultBytes: 256 * 1024 ** 2,
};

/**
 * Everything Evenkeel does to ClickHouse needs these rights and no more. What is left out on purpose are all
 * sources (`file()`, `url()`, `s3()`, `remote()`…), backups, and users: nobody who can send SQL, not even the owner,
 * reads this machine's files or its network through the engine.
 */
const GRANTS = [
  'SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE DICTIONARY, CREATE FUNCTION',
  'DROP, UNDROP TABLE, TRUNCATE, OPTIMIZE, KILL QUERY, MOVE PARTITION BETWEEN SHARDS, SYSTEM, dictGet, TABLE ENGINE',
].join(', ');

/**
 * Threads on which views refresh, among other upkeep. Without it the engine has one a core and gives 0.8 of them to
 * tasks of one kind: on two cores a single refresh at a time, of all views.
 */
const REFRESH_THREADS = 16;

/** Settings that name a file or a network place, or that open what is closed by default. */
const SETTINGS_ANALYSTS_MAY_NOT_CHANGE = [
  'log_comment',
  'format_schema',
  'format_schema_source',
  'format_schema_message_name',
  'format_template_row',
  'format_template_resultset',
  'output_format_schema',
  'allow_experimental_eval_table_function',
  'allow_introspection_functions',
  'allow_ddl',
  'result_overflow_mode',
];

/**
 * Writes the engine's configuration into the data directory.
 *
 * The profile of the owner carries `readonly = 0` so that a connection with `readonly = 2` cannot switch to it:
 * that would change `readonly`, which ClickHouse refuses. So the analyst's constraints cannot be left again.
 *
 * @returns arguments for the engine's first connection
 */
export function writeEngineConfig(directory: string, limits: AnalystLimits): string[] {
  mkdirSync(directory, { recursive: true });
  const users = join(directory, 'users.xml');
  const config = join(directory, 'config.xml');
  const ceilings: [string, number][] = [
    ['max_execution_time', limits.maxExecutionSeconds],
    ['max_memory_usage', limits.maxMemoryBytes],
    ['max_result_rows', limits.maxResultRows],
    ['max_result_bytes', limits.maxResultBytes],
  ];
  const constraints = [
    ...ceilings.map(([name, max]) => `<${name}><min>1</min><max>${max}</max></${name}>`),
    '<max_threads><max>64</max></max_threads>',
    ...SETTINGS_ANALYSTS_MAY_NOT_CHANGE.map((name) => `<${name}><const/></${name}>`),
  ].join('');
  writeFileSync(
    users,
    `<clickhouse>
<users><default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
<grants><query>GRANT ${GRANTS} ON *.*</query></grants></default></users>
<profiles><default><readonly>0</readonly></default><analyst><constraints>${constraints}</constraints></analyst></profiles>
<quotas><default/></quotas>
</clickhouse>
`,
  );
  writeFileSync(
    config,
    `<clickhouse><users_config>${xmlText(users)}</users_config><background_schedule_pool_size>${REFRESH_THREADS}</background_schedule_pool_size></clickhouse>\n`,
  );
  return [`--config-file=${config}`];
}

/** Statement that puts a fresh connection into the analyst's profile, for good. */
export function becomeAnalyst(limits: AnalystLimits): string {
  return (
    `SET profile = 'analyst', max_execution_time = ${limits.maxExecutionSeconds}, max_memory_usage = ${limits.maxMemoryBytes}, ` +
    `max_result_rows = ${limits.maxResultRows}, max_result_bytes = ${limits.maxResultBytes}, readonly = 2`
  );
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
