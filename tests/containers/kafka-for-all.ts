import { kafka } from './parts.ts';

/** Test files that need a broker; a run that is narrowed to others starts none. */
const needsKafka = /bus|kafka|normalizer|webhooks|full-stack|tests\/?$/;

/** One Kafka for the whole run: the tests that need one find it in `KAFKA_BROKERS`. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  const narrowed = process.argv.slice(2).filter((word) => word !== 'run' && !word.startsWith('-'));
  if (narrowed.length > 0 && !narrowed.some((word) => needsKafka.test(word))) return undefined;
  const part = await kafka();
  if ('missing' in part) return undefined;
  process.env['KAFKA_BROKERS'] = part.address;
  return () => part.close();
}
