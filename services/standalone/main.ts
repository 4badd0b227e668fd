import { runStandalone } from './index.ts';

await runStandalone();
