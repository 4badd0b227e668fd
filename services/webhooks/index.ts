export { factsReceiver, type ReceiverOptions } from './facts-receiver.ts';
export { createBusIntake, createCommitIntake, type Intake } from './intake.ts';
export { type JudgementOptions, judgementReceiver } from './judgement-receiver.ts';
export { createKnownFacts } from './known-facts.ts';
export { otlpReceiver } from './otlp-receiver.ts';
