import { startProgress } from '@evenkeel/progress';
import { tellDemo } from './demo.ts';
import { fill } from './fill.ts';
import { readOptions, usage } from './options.ts';
import { RefusedError } from './send.ts';
import { otherDemo, waitUntilFresh, whatToLookAt } from './system.ts';

const read = readOptions(process.argv.slice(2), process.env, new Date());
if (read.outcome === 'help') {
  process.stdout.write(usage);
} else if (read.outcome === 'rejected') {
  process.stderr.write(`${read.message}\nnpm run demo -- --help shows the options.\n`);
  process.exitCode = 2;
} else {
  const { stretch, destination, apiUrl } = read.options;
  const system = { apiUrl, token: destination.token };
  try {
    const other = await otherDemo(system, stretch);
    if (other !== undefined) throw new RefusedError(other);
    const demo = tellDemo(stretch);
    const total = demo.deployments.length + demo.facts.length + demo.sliWindows;
    const progress = startProgress(process.stderr, 'demo', 'spans and facts');
    let sent = 0;
    await fill(demo, destination, (count) => {
      sent += count;
      progress.update(sent / total, sent);
    });
    progress.done(sent);
    await waitUntilFresh(system);
    process.stdout.write(whatToLookAt(apiUrl, stretch));
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
