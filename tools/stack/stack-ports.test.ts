import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { resolvePorts } from './stack-ports.ts';
import { readStackSettings } from './stack-settings.ts';

test('a port that is taken is named with the variable that changes it', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(resolvePorts({ kafka: port, api: port }, new Set(['kafka']))).rejects.toThrow(
    `These ports are taken: ${port} (kafka, EVENKEEL_KAFKA_PORT).`,
  );
  server.close();
});

test('every port that is not asked for is free and another', async () => {
  const ports = Object.values(await resolvePorts({ api: 0 }, new Set(['kafka', 'api'])));
  expect(new Set(ports).size).toBe(ports.length);
});

test('settings have the ports of the embedded default, and name a variable that is wrong', () => {
  expect(readStackSettings({})).toEqual({
    dataDir: '.evenkeel',
    ports: {
      otlp: 4318,
      otlpGrpc: 4317,
      kafka: 9092,
      clickhouse: 8123,
      normalizer: 9464,
      webhooks: 8081,
      api: 8080,
    },
  });
  expect(readStackSettings({ EVENKEEL_API_PORT: '0', EVENKEEL_DATA_DIR: '/d' })).toMatchObject({
    dataDir: '/d',
    ports: { api: 0 },
  });
  expect(() => readStackSettings({ EVENKEEL_OTLP_PORT: 'http' })).toThrow('EVENKEEL_OTLP_PORT=http');
});
