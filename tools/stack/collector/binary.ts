import { existsSync, readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, type Environment } from '../cache/cache-directory.ts';
import { cached, cachePlace, type OnProgress } from '../cache/cached.ts';
import { requireTool, runBuild } from '../process/build-command.ts';

/** The builder of the same release as the parts in the manifest. */
const builder = 'go.opentelemetry.io/collector/cmd/builder@v0.159.0';
const manifest = () => readFileSync(new URL('./manifest.yaml', import.meta.url), 'utf8');
const entry = (environment: Environment) => ({
  cache: cacheDirectory(environment),
  name: 'collector',
  content: `${builder}\n${process.platform} ${process.arch}\n${manifest()}`,
});

/** The Collector's binary if it was built before. */
export function builtCollector(environment: Environment): string | undefined {
  const binary = join(cachePlace(entry(environment)), 'otelcol');
  return existsSync(binary) ? binary : undefined;
}

/**
 * The Collector's binary, built from the manifest when it is not in the cache (some minutes, once).
 *
 * @throws {StackError} when it cannot be built
 */
export async function collectorBinary(environment: Environment, onProgress: OnProgress): Promise<string> {
  const place = await cached({
    ...entry(environment),
    onProgress,
    async make(into) {
      requireTool(
        { command: 'go', neededFor: 'building the OpenTelemetry Collector', comesFrom: 'Go 1.25 or newer' },
        environment,
      );
      onProgress('building the OpenTelemetry Collector: takes some minutes, once for each version');
      const out = join(into, 'sources');
      const file = join(into, 'manifest.yaml');
      await writeFile(
        file,
        manifest().replace(/^dist:\n/m, `dist:\n  output_path: ${JSON.stringify(out)}\n`),
      );
      await runBuild({
        what: 'building the Collector',
        command: 'go',
        args: ['run', builder, '--config', file],
        directory: into,
        environment: { ...environment, CGO_ENABLED: '0', GOWORK: 'off' },
        onProgress,
      });
      await rename(join(out, 'otelcol'), join(into, 'otelcol'));
      await rm(out, { recursive: true });
    },
  });
  return join(place, 'otelcol');
}
