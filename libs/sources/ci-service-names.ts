/** What CI tools, and SDKs that were told nothing, put into `service.name`: never the deployed service. */
const NOT_A_SERVICE =
  /^(?:circleci pipelines|jenkins|buildkite[-_]agent|otel-cli|gitlab-ci|github-actions|evenkeel|unknown_service(?::.*)?)$/i;

/** The service unless it is the name of a tool. */
export function deployedService(name: string | undefined): string | undefined {
  return name === undefined || NOT_A_SERVICE.test(name) ? undefined : name;
}
