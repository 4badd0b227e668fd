import { join } from 'node:path';
import { collectorBinary, type Death, StackError, startStack, welcome } from './index.ts';
import { kafkaClassPath } from './kafka/jars.ts';
import { readStackSettings } from './stack-settings.ts';

const environment = Object.freeze({ ...process.env });
const aborting = new AbortController();
const ends = Promise.withResolvers<number>();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The parts have guards of their own: leaving at the second signal leaves nothing behind.
    if (aborting.signal.aborted) process.exit(130);
    console.error(`${signal}: stopping; once more to end at once`);
    aborting.abort(new StackError('stopped while starting'));
    ends.resolve(0);
  });
}

const onDeath = ({ part, exit, lastLines }: Death) => {
  console.error(`\n${part} ended (${exit}); stopping the rest. Its last lines:\n${lastLines}\n`);
  ends.resolve(1);
};

const onProgress = (line: string) => console.error(`stack: ${line}`);

try {
  // For machines that prepare themselves, like CI's: what is needed, and no start.
  if (process.argv.includes('--fetch')) {
    await collectorBinary(environment, onProgress);
    await kafkaClassPath(environment, onProgress);
    process.exit(0);
  }
  const { dataDir, ports } = readStackSettings(environment);
  const stack = await startStack({
    directory: join(dataDir, 'stack'),
    ports,
    environment,
    onProgress,
    onDeath,
    signal: aborting.signal,
  });
  console.error(welcome(stack, Boolean(environment['EVENKEEL_TOKENS'])));
  const exitCode = await ends.promise;
  await stack.stop();
  console.error('stack: stopped');
  process.exit(exitCode);
} catch (error) {
  if (!(error instanceof StackError)) throw error;
  console.error(`stack: ${error.message}`);
  process.exit(aborting.signal.aborted ? 0 : 1);
}
