import { join } from 'node:path';
import { type Death, StackError, startStack, welcome } from './index.ts';
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

try {
  const { dataDir, ports } = readStackSettings(environment);
  const stack = await startStack({
    directory: join(dataDir, 'stack'),
    ports,
    environment,
    onProgress: (line) => console.error(`stack: ${line}`),
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
