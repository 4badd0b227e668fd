import { runApi } from './api-service.ts';

await runApi();
