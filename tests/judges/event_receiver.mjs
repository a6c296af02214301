// A receiver of events, built on npm `standardwebhooks`, the library of the specification itself:
// it refuses what is not signed, too old or too new, and drops what it has by its id. It knows
// nothing of our code.
//
// stdin, one JSON line per command, each answered by one JSON line on stdout:
//   {"listen": {"secrets": [whsec_…]}}   -> {"port"}
//   {"mode": "up"|"down"|"gone"|"redirect"|"huge"|"hangs"} -> {"mode"}
//   {"now": unix}                         -> {"now"}: what its clock says from now on
//   {"seen": true}                        -> {"events", "posts", "repeats", "refused", "elsewhere"}
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { Webhook } = createRequire(`${process.env.NODE_MODULES}/`)('standardwebhooks');
const ours = { mode: 'up', secrets: [] };
const seen = { events: [], posts: 0, repeats: 0, refused: [], elsewhere: 0 };
const ids = new Set();
const HUGE = 'x'.repeat(64 * 1024 * 1024);

function take(request, body) {
  for (const secret of ours.secrets) {
    try {
      const event = new Webhook(secret).verify(body, request.headers);
      if (ids.has(event.id)) seen.repeats += 1;
      else { ids.add(event.id); seen.events.push(event); }
      if (event.id !== request.headers['webhook-id']) seen.refused.push('another id');
      return 204;
    } catch (error) {
      ours.why = error.message;
    }
  }
  seen.refused.push(ours.why);
  return 401;
}

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    if (request.url !== '/hook') { seen.elsewhere += 1; response.writeHead(200).end(); return; }
    seen.posts += 1;
    switch (ours.mode) {
      case 'down': response.writeHead(503).end('secret of the receiver'); break;
      case 'gone': response.writeHead(410).end(); break;
      case 'redirect': response.writeHead(307, { location: '/other' }).end(); break;
      case 'hangs': break;
      case 'huge': response.writeHead(take(request, body) === 204 ? 200 : 401); response.end(HUGE); break;
      default: response.writeHead(take(request, body)).end();
    }
  });
});

async function answer(command) {
  if (command.listen) {
    ours.secrets = command.listen.secrets;
    if (!server.listening) await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return { port: server.address().port };
  }
  if (command.mode) { ours.mode = command.mode; return { mode: ours.mode }; }
  if (command.now) { Date.now = () => command.now * 1000; return { now: command.now }; }
  return seen;
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
}
server.close();
process.exit(0);
