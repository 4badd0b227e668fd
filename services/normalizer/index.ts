export { createNormalizer, type NormalizerOptions } from './normalizer.ts';
