export { drainRecompute } from './drain.ts';
export { generateFacts, storedFacts } from './generate.ts';
export { type GenerateOptions, readOptions, usage } from './options.ts';
export { openTarget, type Target, TargetError } from './target.ts';
