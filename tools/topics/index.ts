export { type CreatedTopics, createTopics, type TopicOptions } from './create-topics.ts';
export { topics } from './topics.ts';
