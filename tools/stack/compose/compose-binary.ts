import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheDirectory, type Environment } from '../cache/cache-directory.ts';
import { cached, cachePlace, type OnProgress } from '../cache/cached.ts';
import { outputOf, requireTool, runBuild } from '../process/build-command.ts';

const version = 'github.com/docker/compose/v2@v2.40.3';
const entry = (environment: Environment) => ({
  cache: cacheDirectory(environment),
  name: 'compose',
  content: `${version} ${process.platform} ${process.arch}`,
});

/** Docker Compose's binary if it was built before. */
export function builtCompose(environment: Environment): string | undefined {
  const binary = join(cachePlace(entry(environment)), 'docker-compose');
  return existsSync(binary) ? binary : undefined;
}

/**
 * Docker Compose, to check compose files where no Docker is installed; built from its Go module when it is not in the
 * cache (a minute or two, once).
 *
 * @throws {StackError} when it cannot be built
 */
export async function composeBinary(environment: Environment, onProgress: OnProgress): Promise<string> {
  const place = await cached({
    ...entry(environment),
    onProgress,
    async make(into) {
      requireTool(
        { command: 'go', neededFor: 'building Docker Compose', comesFrom: 'Go 1.24 or newer' },
        environment,
      );
      const go = { ...environment, CGO_ENABLED: '0', GOWORK: 'off' };
      // Built where the module lies, because its go.mod excludes versions, and `go install` refuses those.
      const module = z
        .object({ Dir: z.string() })
        .parse(JSON.parse(await outputOf('go', ['mod', 'download', '-json', version], into, go)));
      await runBuild({
        what: 'building Docker Compose',
        command: 'go',
        args: [
          'build',
          '-C',
          module.Dir,
          '-trimpath',
          '-ldflags=-s -w',
          '-o',
          join(into, 'docker-compose'),
          './cmd',
        ],
        directory: into,
        environment: go,
        onProgress,
      });
    },
  });
  return join(place, 'docker-compose');
}
