// Report one deployment with the unmodified OpenTelemetry SDK for JavaScript. In this checkout, after npm ci:
//   OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 npx node examples/javascript/report-deployment.mjs
// elsewhere: npm install @opentelemetry/api @opentelemetry/sdk-node @opentelemetry/exporter-trace-otlp-http
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({ traceExporter: new OTLPTraceExporter() });
sdk.start();

const span = trace.getTracer('report-deployment').startSpan('deploy checkout', {
  attributes: {
    'cicd.pipeline.task.type': 'deploy',
    'deployment.id': `javascript-${Date.now()}`,
    'deployment.environment.name': 'production',
    'evenkeel.service': 'checkout',
    'service.version': '1.0',
  },
});
// … the deployment itself …
span.setAttribute('deployment.status', 'succeeded');
span.end();
await sdk.shutdown();
