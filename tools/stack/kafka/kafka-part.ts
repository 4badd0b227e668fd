import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTopics } from '@evenkeel/topics';
import type { Environment } from '../cache/cache-directory.ts';
import type { OnProgress } from '../cache/cached.ts';
import type { Part } from '../part.ts';
import { requireTool } from '../process/build-command.ts';
import { kafkaClassPath } from './jars.ts';
import { serverProperties } from './server-properties.ts';

/** A broker for one machine: little memory, and up quickly. */
const javaOptions = [
  '-Xms128m',
  '-Xmx512m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Djava.awt.headless=true',
  // At info it writes a line for every partition that it opens.
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
];

/** Kafka: one KRaft node whose topics exist with their settings as soon as it takes work. */
export async function kafkaPart(options: {
  directory: string;
  port: number;
  controllerPort: number;
  environment: Environment;
  onProgress: OnProgress;
}): Promise<Part> {
  const { port, controllerPort, environment } = options;
  requireTool({ command: 'java', neededFor: 'Kafka', comesFrom: 'a Java runtime 17 or newer' }, environment);
  const classPath = await kafkaClassPath(environment, options.onProgress);
  const directory = join(options.directory, 'kafka');
  const logDirectory = join(directory, 'data');
  const properties = join(directory, 'server.properties');
  const java = ['-cp', classPath, ...javaOptions];
  return {
    name: 'kafka',
    async prepare() {
      mkdirSync(directory, { recursive: true });
      writeFileSync(properties, serverProperties({ port, controllerPort, logDirectory }));
      if (existsSync(join(logDirectory, 'meta.properties'))) return;
      const id = randomBytes(16).toString('base64url');
      const format = ['kafka.tools.StorageTool', 'format', '--cluster-id', id, '--config', properties];
      await promisify(execFile)('java', [...java, ...format], { env: environment });
    },
    program: { command: 'java', args: [...java, 'kafka.Kafka', properties], environment, directory },
    check: () => createTopics({ brokers: [`127.0.0.1:${port}`] }).then(() => undefined),
    startMs: 60_000,
    stopMs: 10_000,
  };
}
