import { runNormalizer } from './normalizer-service.ts';

await runNormalizer();
