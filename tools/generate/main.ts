import { StartError } from '@evenkeel/runtime';
import {
  drainRecompute,
  generateFacts,
  openTarget,
  readOptions,
  storedFacts,
  TargetError,
  usage,
} from './index.ts';

const read = readOptions(process.argv.slice(2), new Date());
if (read.outcome === 'help') {
  console.log(usage);
  process.exit(0);
}
if (read.outcome === 'rejected') {
  for (const problem of read.problems) console.error(problem);
  console.error('npm run generate -- --help shows what there is');
  process.exit(64);
}
const { options } = read;
const target = await openTarget(options.dataDir, process.env).catch((error: unknown) => {
  if (!(error instanceof StartError || error instanceof TargetError)) throw error;
  console.error(error.message);
  process.exit(66);
});
try {
  const stored = await storedFacts(target.client);
  if (stored > 0 && !options.addToData) {
    console.error(
      `${target.place} has ${stored} facts already: name an empty --data-dir, or add to them with --add-to-data`,
    );
    process.exitCode = 65;
  } else {
    const { services, slos, since, until, seed } = options;
    console.error(
      `${services} services and ${slos} SLOs from ${since.toISOString()} to ${until.toISOString()}, seed ${seed}, into ${target.place}`,
    );
    await generateFacts(target.client, options, process.stderr);
    if (options.recompute) {
      const failed = await drainRecompute(
        target.client,
        target.maintainer,
        options.servicesPerBatch,
        process.stderr,
      );
      for (const { what, reason } of failed) console.error(`${what} was not recomputed: ${reason}`);
      if (failed.length > 0) process.exitCode = 70;
    }
  }
} finally {
  await target.close();
}
