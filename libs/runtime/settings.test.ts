import { expect, test } from 'vitest';
import { StartError } from './errors.ts';
import { readConfig } from './settings.ts';

function failure(environment: Record<string, string>, names: Parameters<typeof readConfig>[1]): StartError {
  try {
    readConfig(environment, names);
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

test('what is not set, or empty, takes its default', () => {
  const config = readConfig({ EVENKEEL_API_PORT: '' }, [
    'apiHost',
    'apiPort',
    'tokens',
    'selfTracesEndpoint',
  ]);
  expect(config).toEqual({ apiHost: '127.0.0.1', apiPort: 8080, tokens: [], selfTracesEndpoint: undefined });
});

test('the configuration cannot be changed afterwards', () => {
  expect(Object.isFrozen(readConfig({}, ['apiPort']))).toBe(true);
});

test('every wrong variable is named, with its value', () => {
  const error = failure({ EVENKEEL_API_PORT: '99999', KAFKA_BROKERS: 'kafka' }, [
    'apiPort',
    'kafkaBrokers',
    'clickhouseUrl',
  ]);
  expect(error.code).toBe('invalid_configuration');
  expect(error.message).toContain('EVENKEEL_API_PORT=99999');
  expect(error.message).toContain('KAFKA_BROKERS=kafka: expected host:port');
  expect(error.message).toContain('CLICKHOUSE_URL is not set');
});

test('a wrong secret is named without its value', () => {
  const error = failure({ EVENKEEL_TOKENS: 'first-secret:read,second-secret:admin' }, ['tokens']);
  expect(error.message).toBe('EVENKEEL_TOKENS: entry 2: scopes are read, write, gate');
});

test('the ClickHouse port is a number or auto', () => {
  expect(readConfig({ EVENKEEL_CLICKHOUSE_PORT: 'auto' }, ['clickhousePort']).clickhousePort).toBe('auto');
  expect(readConfig({ EVENKEEL_CLICKHOUSE_PORT: '0' }, ['clickhousePort']).clickhousePort).toBe(0);
});

test('a database name that would need quoting is refused', () => {
  expect(failure({ CLICKHOUSE_DATABASE: 'a; drop' }, ['clickhouseDatabase']).message).toContain(
    'CLICKHOUSE_DATABASE',
  );
});
