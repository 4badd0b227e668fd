import { createClickHouseHttp, openEmbedded } from './index.ts';
const e = openEmbedded({ path: '/tmp/rt/stack' });
const h = createClickHouseHttp({ embedded: e, credentials: { user: 'default', password: 'sesame-secret' } as never });
console.log(await h.listen({ port: 28123 }));
process.on('SIGTERM', async () => { await h.close(); await e.close(); process.exit(0); });
