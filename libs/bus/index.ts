export { type Consumer, type ConsumerOptions, type ConsumerState, createConsumer } from './consumer.ts';
export type { BusBatch, BusMessage } from './delivery.ts';
export { type BusConnection, type BusLog, createKafka } from './kafka-client.ts';
export { BusUnavailable, createProducer, type Producer } from './producer.ts';
