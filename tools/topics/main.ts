import { setTimeout as sleep } from 'node:timers/promises';
import { createTopics } from './create-topics.ts';

/** How often and how long brokers that start are waited for. */
const tries = 60;
const waitMs = 1_000;

const brokers = (process.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
const replicas = Number(process.env['EVENKEEL_TOPIC_REPLICAS'] || 1);
if (brokers.length === 0 || !Number.isInteger(replicas) || replicas < 1) {
  console.error(
    'KAFKA_BROKERS=host:port[,host:port] is needed; EVENKEEL_TOPIC_REPLICAS is a whole number, default 1',
  );
  process.exit(64);
}

for (let attempt = 1; ; attempt += 1) {
  try {
    const { created, different } = await createTopics({ brokers, replicas });
    console.log(created.length > 0 ? `created ${created.join(', ')}` : 'all topics are there');
    for (const line of different) console.warn(`differs: ${line}`);
    break;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (attempt === tries) {
      console.error(`Kafka at ${brokers.join(',')}: ${reason}`);
      process.exit(69);
    }
    await sleep(waitMs);
  }
}
