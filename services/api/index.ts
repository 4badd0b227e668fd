export { type ApiOptions, buildApi } from './build-api.ts';
export { openApiDocument } from './open-api-document.ts';
export { watchRecompute } from './store/watch-recompute.ts';
