import { attributeText } from './attribute-text.ts';
import { deployedService } from './ci-service-names.ts';
import type { Mapped } from './mapped.ts';
import { rejected } from './mapped.ts';
import type { MappingOptions, MappingRule } from './mapping-rules.ts';
import type { SpanView } from './span-view.ts';

/** What was deployed where, under which id. */
export interface DeploymentTarget {
  readonly service: string;
  readonly environment: string;
  readonly deployment_id: string;
  readonly version: string | undefined;
}

/** Where the payload names its environment, before any rule. */
export function statedEnvironment(view: SpanView): string | undefined {
  return view.get('deployment.environment.name', 'deployment.environment');
}

/** Finds service, environment and id of a deployment, or says which one nobody names. */
export function targetOf(
  view: SpanView,
  rule: MappingRule | undefined,
  options: MappingOptions,
): DeploymentTarget | (Mapped & { outcome: 'rejected' }) {
  const stated = view.get('evenkeel.service') ?? rule?.service;
  const service = stated ?? deployedService(view.get('service.name'));
  if (service === undefined) return missing('missing_service', 'service');
  const environment = rule?.environment ?? statedEnvironment(view) ?? options.defaultEnvironment;
  if (environment === undefined) return missing('missing_environment', 'environment');
  return {
    service,
    environment,
    deployment_id: deploymentId(view),
    version: version(view, stated !== undefined),
  };
}

function deploymentId(view: SpanView): string {
  const { span, reading } = view;
  const isRun =
    view.get('cicd.pipeline.task.name', 'cicd.pipeline.task.run.id', 'cicd.pipeline.task.type') === undefined;
  return (
    view.get('deployment.id') ??
    reading.deploymentId ??
    view.get('cicd.pipeline.task.run.id') ??
    (isRun ? view.get('cicd.pipeline.run.id') : undefined) ??
    `${span.traceId}:${span.spanId}`
  );
}

/** A resource's version belongs to the resource's service, so it says nothing of a service that is named elsewhere. */
function version(view: SpanView, serviceIsNamedElsewhere: boolean): string | undefined {
  const known = view.get('service.version');
  const own = attributeText(view.span.attributes, 'service.version');
  return serviceIsNamedElsewhere &&
    own === undefined &&
    view.reading.fallbacks?.['service.version'] === undefined
    ? undefined
    : known;
}

function missing(code: 'missing_service' | 'missing_environment', field: string) {
  return rejected(code, field) as Mapped & { outcome: 'rejected' };
}
