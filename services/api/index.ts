export { type ApiOptions, buildApi } from './build-api.ts';
