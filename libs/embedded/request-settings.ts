/** Settings that live in ClickHouse's HTTP server; the engine does not know them. */
const HTTP_ONLY = new Set([
  'wait_end_of_query',
  'send_progress_in_http_headers',
  'http_response_buffer_size',
  'http_headers_progress_interval_ms',
  'http_send_progress_interval_ms',
  'http_write_exception_in_output_format',
  'http_zlib_compression_level',
  'http_response_compression_method',
  'http_native_compression_disable_checksumming_on_decompress',
  'enable_http_compression',
  'add_http_cors_header',
  'buffer_size',
  // Ours: it is how a statement is found again when it has to be stopped.
  'log_comment',
]);

/** Divides what a client calls settings into those for the engine and the default output format. */
export function splitSettings(input: Readonly<Record<string, unknown>>): {
  settings: Record<string, string | number>;
  format: string | undefined;
} {
  const settings: Record<string, string | number> = {};
  let format: string | undefined;
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined || HTTP_ONLY.has(name)) continue;
    if (name === 'default_format') format = String(value);
    else if (typeof value === 'number') settings[name] = value;
    else if (typeof value === 'boolean') settings[name] = value ? 1 : 0;
    else settings[name] = String(value);
  }
  return { settings, format };
}
