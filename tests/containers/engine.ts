import {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  ImageName,
  type StartedTestContainer,
} from 'testcontainers';
import { images } from './images.ts';

/** A container that listens on loopback of this machine. */
export interface RunningContainer {
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/** How a container is run. */
export interface ContainerPlan {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly user?: string;
  /** Files of this machine, by their place inside. */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * Runs a container on the network of the host, so that containers and native processes reach each other at the same
 * addresses in any mixture, and so that what listens on loopback stays there.
 *
 * @returns why not, when no engine answers or the image is neither there nor to be pulled
 */
export async function runContainer(plan: ContainerPlan): Promise<RunningContainer | { missing: string }> {
  if (process.platform !== 'linux') return { missing: 'engines share the network of the host only on Linux' };
  const runtime = await getContainerRuntimeClient().catch((error: Error) => error);
  if (runtime instanceof Error) return { missing: `no container engine: ${runtime.message}` };
  const image = ImageName.fromString(plan.image);
  if (!(await has(runtime, image))) return { missing: `${plan.image} is not there and cannot be pulled` };
  // Ryuk removes what a killed test leaves. Where its image cannot be had, containers are better than none.
  if (!(await has(runtime, ImageName.fromString(images.ryuk))))
    process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  const container = new GenericContainer(plan.image)
    .withNetworkMode('host')
    .withEnvironment({ ...plan.environment })
    .withCopyFilesToContainer(
      Object.entries(plan.files ?? {}).map(([target, source]) => ({ source, target, mode: 0o644 })),
    );
  if (plan.command !== undefined) container.withCommand([...plan.command]);
  if (plan.user !== undefined) container.withUser(plan.user);
  const started: StartedTestContainer = await container.start();
  const handle = runtime.container.getById(started.getId());
  return {
    stop: () => handle.stop({ t: 20 }).then(() => undefined),
    start: () => handle.start().then(() => undefined),
    remove: () => started.stop({ timeout: 10_000 }).then(() => undefined),
  };
}

async function has(runtime: ContainerRuntimeClient, image: ImageName): Promise<boolean> {
  if (await runtime.image.exists(image)) return true;
  try {
    await runtime.image.pull(image);
    return true;
  } catch {
    return false;
  }
}
