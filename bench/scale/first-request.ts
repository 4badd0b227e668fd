// One request in a fresh process: node bench/scale/first-request.ts <data directory> <address> <now>. Prints milliseconds.
import { ask, openBenchApi } from './server-time.ts';

const [path = '', address = '', now = ''] = process.argv.slice(2);
const api = openBenchApi(path, () => new Date(now));
await api.app.ready();
const [{ statusCode }, ms] = await ask(api, address);
if (statusCode !== 200) throw new Error(`${address}: ${statusCode}`);
console.log(ms.toFixed(2));
await api.close();
