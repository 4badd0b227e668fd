import { createLifecycle, type Lifecycle, type SignalSource, start } from './lifecycle.ts';
import { createLogger, type Logger, type LogOutput } from './log.ts';
import { createReadiness, type Readiness } from './readiness.ts';
import { type Config, readConfig, type SettingName, secretValues } from './settings.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';

/** What a service is given to open itself with. */
export interface ServiceContext<Name extends SettingName> {
  readonly config: Config<Name>;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly readiness: Readiness;
  readonly telemetry: Telemetry;
}

/** What every service reads besides its own settings. */
const commonSettings = ['logLevel', 'shutdownMs', 'selfTracesEndpoint'] as const;
type CommonSetting = (typeof commonSettings)[number];

/** The process that a service runs in. */
export interface Surroundings extends SignalSource {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a service: reads its settings once, opens it, and stops it gracefully at a signal. A wrong setting, a failed
 * start and an error that nobody caught each end the process with one clear line and an exit code.
 *
 * @param service.open opens the parts and registers with the lifecycle how to close each
 */
export async function runService<Name extends SettingName>(
  service: {
    name: string;
    settings: readonly Name[];
    open: (context: ServiceContext<Name | CommonSetting>) => Promise<void>;
  },
  surroundings: Surroundings = process,
  output?: LogOutput,
): Promise<void> {
  const { env } = surroundings;
  const secrets = secretValues(env);
  const withOutput = output === undefined ? {} : { output };
  let config: Config<Name | CommonSetting>;
  try {
    config = readConfig(env, [...commonSettings, ...service.settings]);
  } catch (error) {
    const logger = createLogger({ name: service.name, level: 'info', secrets, ...withOutput });
    const lifecycle = createLifecycle({ logger, graceMs: 1_000 });
    return start(lifecycle, logger, () => Promise.reject(error), surroundings);
  }
  const logger = createLogger({ name: service.name, level: config.logLevel, secrets, ...withOutput });
  const lifecycle = createLifecycle({ logger, graceMs: config.shutdownMs });
  endOnUncaught(lifecycle, logger, surroundings);
  await start(
    lifecycle,
    logger,
    async () => {
      const telemetry = await startTelemetry({
        service: service.name,
        tracesEndpoint: config.selfTracesEndpoint,
      });
      lifecycle.onStop('telemetry', () => telemetry.close());
      const readiness = createReadiness();
      await service.open({ config, logger, lifecycle, readiness, telemetry });
    },
    surroundings,
  );
}

/** What nobody caught is a bug: after it nothing can be trusted but what is durable already. */
function endOnUncaught(lifecycle: Lifecycle, logger: Logger, source: SignalSource): void {
  const end = (error: unknown) => {
    logger.fatal({ err: error }, 'an error that nobody caught');
    void lifecycle.stop('uncaught error', 1).then((exitCode) => source.exit(exitCode));
  };
  source.on('uncaughtException', end);
  source.on('unhandledRejection', end);
}
