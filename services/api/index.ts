export { type ApiOptions, buildApi } from './build-api.ts';
export { watchRecompute } from './store/watch-recompute.ts';
