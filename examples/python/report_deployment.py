"""Report one deployment with the unmodified OpenTelemetry SDK for Python.

    pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http
    OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 python examples/python/report_deployment.py
"""

import time

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
tracer = provider.get_tracer("report_deployment")

with tracer.start_as_current_span("deploy checkout") as span:
    span.set_attribute("cicd.pipeline.task.type", "deploy")
    span.set_attribute("deployment.id", f"python-{time.time_ns()}")
    span.set_attribute("deployment.environment.name", "production")
    span.set_attribute("evenkeel.service", "checkout")
    span.set_attribute("service.version", "1.0")
    time.sleep(0.5)  # the deployment itself
    span.set_attribute("deployment.status", "succeeded")

provider.shutdown()
