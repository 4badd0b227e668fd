import type { Embedded } from '@evenkeel/embedded';
import { selectRows } from '@evenkeel/store';

/** What a store takes on disk. */
export interface Disk {
  readonly tables: readonly { name: string; rows: number; bytes: number }[];
  /** Of everything about deliveries: facts, links, marks, aggregates. */
  readonly bytesOfDeployment: number;
  /** Of everything about SLIs. */
  readonly bytesOfSliWindow: number;
}

/** Active parts, as ClickHouse counts them. */
export async function measureDisk(
  client: ReturnType<Embedded['reader']>,
  counts: { deployments: number; slis: number },
): Promise<Disk> {
  const tables = await selectRows<{ name: string; rows: number; bytes: number }>(
    client,
    `select table as name, sum(rows) as rows, sum(bytes_on_disk) as bytes from system.parts
     where active and database = currentDatabase() group by table order by bytes desc`,
  );
  const ofSlis = (name: string) => name.startsWith('sli_') || name.startsWith('slo_');
  const sum = (chosen: (name: string) => boolean) =>
    tables.filter(({ name }) => chosen(name)).reduce((total, { bytes }) => total + bytes, 0);
  return {
    tables,
    bytesOfDeployment: sum((name) => !ofSlis(name)) / counts.deployments,
    bytesOfSliWindow: sum(ofSlis) / counts.slis,
  };
}
