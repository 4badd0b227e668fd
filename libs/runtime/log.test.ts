import { expect, test } from 'vitest';
import { createLogger, logListening } from './log.ts';

function capture(options: { isTTY?: boolean; secrets?: string[] } = {}) {
  const lines: string[] = [];
  const logger = createLogger({
    name: 'test',
    level: 'info',
    secrets: options.secrets ?? [],
    output: { write: (text) => lines.push(text), isTTY: options.isTTY },
  });
  return { logger, lines };
}

test('listening names the real address', () => {
  const { logger, lines } = capture();
  expect(logListening(logger, 'api', { host: '::1', port: 41_000 })).toBe('http://[::1]:41000');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    msg: 'listening',
    endpoint: 'api',
    port: 41_000,
    url: 'http://[::1]:41000',
  });
});

test('secrets never reach a line, wherever they stand', () => {
  const { logger, lines } = capture({ secrets: ['pa"ss/word'] });
  logger.info({ url: 'http://u:pa"ss/word@host', headers: { authorization: 'Bearer x' } }, 'with pa"ss/word');
  logger.error({ err: new Error(`refused ${encodeURIComponent('pa"ss/word')}`) }, 'failed');
  expect(lines.join('')).not.toMatch(/ss\/word|ss%2Fword|Bearer x/);
  expect(lines.join('')).toContain('[hidden]');
});

test('a terminal gets lines for people', () => {
  const { logger, lines } = capture({ isTTY: true });
  logger.warn({ part: 'kafka', waited: 3 }, 'waiting');
  expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}waiting part=kafka waited=3\n$/);
});

test('what is below the level is left out', () => {
  const { logger, lines } = capture();
  logger.debug('quiet');
  expect(lines).toEqual([]);
});
