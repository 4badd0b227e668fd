import { isRuntimeTimeZone } from './time-zone.ts';

/** The time zones in which dates and buckets can be asked. */
export interface KnownTimeZones {
  /** True when both this runtime (for dates) and ClickHouse (for buckets) know the zone by exactly this name. */
  has(name: string): Promise<boolean>;
}

/**
 * Zones that ClickHouse and this runtime share. ClickHouse fails on a name that it does not know and, unlike this
 * runtime, minds its case, so its list is read: once, when a zone other than UTC is first asked.
 */
export function createKnownTimeZones(readNames: () => Promise<string[]>): KnownTimeZones {
  let names: Promise<ReadonlySet<string>> | undefined;
  return {
    async has(name) {
      if (name === 'UTC') return true;
      if (!isRuntimeTimeZone(name)) return false;
      names ??= readNames().then((list) => new Set(list));
      try {
        return (await names).has(name);
      } catch (error) {
        names = undefined;
        throw error;
      }
    },
  };
}
