export { factsReceiver, type ReceiverOptions } from './facts-receiver.ts';
export { createBusIntake, createCommitIntake, type Intake } from './intake.ts';
export { otlpReceiver } from './otlp-receiver.ts';
