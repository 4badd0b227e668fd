import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, type Environment } from '../cache/cache-directory.ts';
import { cached, type OnProgress } from '../cache/cached.ts';
import { requireTool, runBuild } from '../process/build-command.ts';

/**
 * The class path of a Kafka broker; its jars are fetched when they are not in the cache (about 45 MB, once).
 *
 * @throws {StackError} when they cannot be had
 */
export async function kafkaClassPath(environment: Environment, onProgress: OnProgress): Promise<string> {
  const pom = readFileSync(new URL('./pom.xml', import.meta.url), 'utf8');
  const place = await cached({
    cache: cacheDirectory(environment),
    name: 'kafka',
    content: pom,
    onProgress,
    async make(into) {
      requireTool(
        { command: 'mvn', neededFor: "fetching Kafka's jars", comesFrom: 'Apache Maven 3' },
        environment,
      );
      onProgress('fetching Kafka: about 45 MB, once for each version');
      await writeFile(join(into, 'pom.xml'), pom);
      await runBuild({
        what: 'fetching Kafka',
        command: 'mvn',
        args: ['-B', '-q', 'dependency:copy-dependencies', `-DoutputDirectory=${join(into, 'jars')}`],
        directory: into,
        environment,
        onProgress,
      });
    },
  });
  return join(place, 'jars', '*');
}
