import { parseArgs } from 'node:util';

/** One option of a command: how it is typed and what its help says. */
export interface Flag {
  /** Placeholder of its value in the help; absent for a switch. */
  value?: string;
  /** May be given several times. */
  repeatable?: boolean;
  /** The only values it takes. */
  choices?: readonly string[];
  help: string;
}

/** Options as they were typed. */
export interface FlagValues {
  text(name: string): string | undefined;
  all(name: string): readonly string[];
  on(name: string): boolean;
}

/** A command line taken apart, or what is wrong with it. */
export type Parsed =
  | { outcome: 'ok'; flags: FlagValues; words: readonly string[]; command: readonly string[] | undefined }
  | { outcome: 'rejected'; message: string };

/** The longest text a fact takes, characters. */
const LONGEST_TEXT = 512;

/** Takes a command line apart: options and words, and after `--` a command that is left as it is. */
export function parseFlags(table: Readonly<Record<string, Flag>>, argv: readonly string[]): Parsed {
  const dashes = argv.indexOf('--');
  const own = dashes === -1 ? argv : argv.slice(0, dashes);
  const command = dashes === -1 ? undefined : argv.slice(dashes + 1);
  const options = Object.fromEntries(
    Object.entries({ ...table, help: { help: '' } as Flag }).map(([name, flag]) => [
      name,
      {
        type: flag.value === undefined ? ('boolean' as const) : ('string' as const),
        multiple: flag.value !== undefined,
      },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...own],
      options,
      allowPositionals: true,
      strict: true,
    });
    const flags = readValues(values);
    const wrong = firstWrong(table, flags);
    return wrong === undefined
      ? { outcome: 'ok', flags, words: positionals, command }
      : { outcome: 'rejected', message: wrong };
  } catch (error) {
    // parseArgs explains itself in several sentences; the first names the option.
    const [message = ''] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    return { outcome: 'rejected', message };
  }
}

function readValues(values: Record<string, unknown>): FlagValues {
  const all = (name: string): string[] => {
    const value = values[name];
    return Array.isArray(value) ? value.map(String) : [];
  };
  return { text: (name) => all(name).at(-1), all, on: (name) => values[name] === true };
}

function firstWrong(table: Readonly<Record<string, Flag>>, flags: FlagValues): string | undefined {
  for (const [name, flag] of Object.entries(table)) {
    const given = flags.all(name);
    if (given.length > 1 && !flag.repeatable) return `--${name} was given ${given.length} times`;
    for (const value of given) {
      if (value.trim() === '') return `--${name} needs a value`;
      if (value.length > LONGEST_TEXT && !flag.repeatable) {
        return `--${name} is longer than ${LONGEST_TEXT} characters`;
      }
      if (flag.choices && !flag.choices.includes(value)) {
        return `--${name} takes ${flag.choices.join(', ')}; not "${value}"`;
      }
    }
  }
  return;
}

/** The options of a command as lines of help. */
export function flagHelp(table: Readonly<Record<string, Flag>>): string {
  const rows = Object.entries(table).map(([name, flag]) => {
    const typed = flag.value === undefined ? `--${name}` : `--${name} ${flag.value}`;
    return [typed, flag.choices ? `${flag.help} (${flag.choices.join(', ')})` : flag.help] as const;
  });
  const width = Math.max(...rows.map(([typed]) => typed.length));
  return rows.map(([typed, help]) => `  ${typed.padEnd(width)}  ${help}`).join('\n');
}
