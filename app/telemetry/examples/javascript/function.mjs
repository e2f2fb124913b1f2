// Posts events of its own to the extension, and answers with the extension's answer.
//
// The event {"events": 100} makes it post that many, in arrays of 100.

const url = `http://127.0.0.1:${process.env.PI_TELEMETRY_PORT ?? 4243}/events`;

async function post(events) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
  return (await answer.json()).accepted;
}

export async function handler(event) {
  const count = event.events ?? 1;
  const events = Array.from({ length: count }, (_, number) => (
    { type: 'example.called', record: { language: 'JavaScript', number } }));
  let accepted = 0;
  for (let at = 0; at < count; at += 100) accepted += await post(events.slice(at, at + 100));
  return { accepted };
}
