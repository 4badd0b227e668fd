import { TupleParam } from '@clickhouse/client';

/**
 * Bound parameters as text, exactly as `@clickhouse/client` writes them into `param_x=` of a URL, so that a query
 * means the same over HTTP and in process. (The client keeps its own version of this to itself.)
 */
export function boundParameters(params: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, text(value, false)]));
}

const ESCAPES: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', "'": "\\'", '\\': '\\\\' };

function text(value: unknown, nested: boolean): string {
  if (value === null || value === undefined) return nested ? 'NULL' : '\\N';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'boolean') return nested ? (value ? 'TRUE' : 'FALSE') : value ? '1' : '0';
  if (typeof value === 'string') {
    const escaped = value.replace(/[\t\n\r'\\]/g, (character) => ESCAPES[character] ?? character);
    return nested ? `'${escaped}'` : escaped;
  }
  if (Array.isArray(value)) return `[${value.map((item) => text(item, true)).join(',')}]`;
  if (value instanceof Date) return instant(value);
  if (value instanceof TupleParam) return `(${value.values.map((item) => text(item, true)).join(',')})`;
  if (value instanceof Map) return mapText(value.entries());
  if (typeof value === 'object') return mapText(Object.entries(value));
  throw new TypeError(`A ${typeof value} cannot be a query parameter.`);
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? '+inf' : '-inf';
  return String(value);
}

/** Unix time, because a number means the same in every time zone. */
function instant(value: Date): string {
  const seconds = Math.floor(value.getTime() / 1000)
    .toString()
    .padStart(10, '0');
  const milliseconds = value.getUTCMilliseconds();
  return milliseconds === 0 ? seconds : `${seconds}.${milliseconds.toString().padStart(3, '0')}`;
}

function mapText(entries: Iterable<[unknown, unknown]>): string {
  return `{${Array.from(entries, ([key, value]) => `${text(key, true)}:${text(value, true)}`).join(',')}}`;
}
