import { runWebhooks } from './webhooks-service.ts';

await runWebhooks();
