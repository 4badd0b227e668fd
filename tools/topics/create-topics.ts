import { createKafka } from '@evenkeel/bus';
import kafkajs from 'kafkajs';
import { topics } from './topics.ts';

const { ConfigResourceTypes } = kafkajs;

/** Options of {@link createTopics}. */
export interface TopicOptions {
  /** `host:port` of some brokers. */
  readonly brokers: readonly string[];
  /** Brokers that keep each partition. @default 1 */
  readonly replicas?: number;
}

/** What was there and what was not. */
export interface CreatedTopics {
  readonly created: string[];
  /** Topics that were there, with a setting that is not the one here, as `topic: name is a, not b`. Left as they are. */
  readonly different: string[];
}

/**
 * Creates the topics that are missing, and says where one that is there differs: whoever runs the brokers may have
 * had a reason.
 *
 * @throws kafkajs' error when the brokers are not there or refuse
 */
export async function createTopics({ brokers, replicas = 1 }: TopicOptions): Promise<CreatedTopics> {
  const kafka = createKafka({ brokers, clientId: 'evenkeel-topics', log: () => undefined });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = Object.entries(topics).filter(([topic]) => !existing.has(topic));
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map(([topic, { partitions, settings }]) => ({
          topic,
          numPartitions: partitions,
          replicationFactor: replicas,
          configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
        })),
      });
    }
    const created = missing.map(([topic]) => topic);
    const before = Object.keys(topics).filter((topic) => existing.has(topic));
    if (before.length === 0) return { created, different: [] };
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: before.map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
    });
    const different = resources.flatMap(({ resourceName, configEntries }) =>
      Object.entries(topics[resourceName]?.settings ?? {}).flatMap(([name, wanted]) => {
        const has = configEntries.find((entry) => entry.configName === name)?.configValue;
        return has === wanted ? [] : [`${resourceName}: ${name} is ${has}, not ${wanted}`];
      }),
    );
    return { created, different };
  } finally {
    await admin.disconnect();
  }
}
