// Reads Server-Sent Events from an answer, and says when the connection went silent.

export const SILENCE = 65000; // The server sends a beat every 25 s: two were missed.

export class Silent extends Error {}

export async function* eventsOf(body, silence = SILENCE) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await within(silence, reader.read());
      if (done) return;
      // An event counts once its blank line has come: what was cut in the middle comes again, whole.
      const whole = (rest + value).split("\n\n");
      rest = whole.pop();
      for (const text of whole) yield eventOf(text);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function eventOf(text) {
  const event = { name: "message", data: null, cursor: null, retry: null };
  for (const line of text.split("\n")) {
    const at = line.indexOf(": ");
    const value = line.slice(at + 2);
    const field = line.slice(0, at);
    if (field === "event") event.name = value;
    else if (field === "data") event.data = JSON.parse(value);
    else if (field === "id") event.cursor = value;
    else if (field === "retry") event.retry = Number(value);
  }
  return event;
}

function within(milliseconds, promise) {
  let timer;
  const silent = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Silent()), milliseconds);
  });
  return Promise.race([promise, silent]).finally(() => clearTimeout(timer));
}
