/** Server-sent events over fetch, so that every kind of event is heard and refusals are seen. */

export interface ServerEvent { id: string; kind: string; data: string }

/** Follows a stream until it is stopped; comes back by itself and goes on after the last event. */
export function follow(url: (last: string | null) => string, heard: (event: ServerEvent) => void, state?: (live: boolean) => void): () => void {
  const stop = new AbortController();
  let last: string | null = null;
  let waits = 500;
  let connected = false;
  const run = async () => {
    while (!stop.signal.aborted) {
      try {
        const answer = await fetch(url(last), { headers: { accept: 'text/event-stream' }, signal: stop.signal });
        if (!answer.ok || !answer.body) {
          if (answer.status === 401 || answer.status === 403 || answer.status === 404) return;
          throw new Error(String(answer.status));
        }
        connected = true;
        state?.(true);
        waits = 500;
        for await (const event of parsed(answer.body)) {
          if (event.id) last = event.id;
          heard(event);
          if (event.kind === 'end') return;
        }
      } catch {
        if (stop.signal.aborted) return;
      }
      connected = false;
      state?.(false);
      await new Promise((done) => setTimeout(done, waits));
      waits = Math.min(waits * 2, 15_000);
    }
  };
  // A browser that knows it is alone says so long before a connection breaks.
  const gone = () => state?.(false);
  const back = () => state?.(connected);
  addEventListener('offline', gone);
  addEventListener('online', back);
  void run();
  return () => {
    stop.abort();
    removeEventListener('offline', gone);
    removeEventListener('online', back);
  };
}

async function* parsed(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as TransformStream<Uint8Array, string>).getReader();
  let rest = '';
  let event = { id: '', kind: 'message', data: '' };
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (event.data || event.kind !== 'message') yield event;
        event = { id: '', kind: 'message', data: '' };
      } else if (line.startsWith('id:')) event.id = line.slice(3).trim();
      else if (line.startsWith('event:')) event.kind = line.slice(6).trim();
      else if (line.startsWith('data:')) event.data += line.slice(5).trim();
    }
  }
}
