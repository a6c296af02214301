// A public collector of the audit log (npm `@pnp/cli-microsoft365`, command `purview auditlog
// list`) as the judge of the simulated Activity API: it starts a subscription, lists and fetches
// by its own lights. It owns the command's connection and says what came of the command; it
// knows nothing of our code.
//
// Two things are set in its memory, and no file of it is changed: the host of the API, in the
// table by which it finds the hosts of other clouds, and the tokens of a connection, which it
// would have kept of a login. Nothing is sent to anyone but the host: telemetry is off.
//
// stdin, one JSON line per command: {"host", "token", "options"}; `host` is the origin of the
// API, `options` are the command's. stdout, one JSON line each: {"records"}, as the command
// printed them, or {"raised"}, its error.
import { createInterface } from 'node:readline';

// NODE_MODULES: the directory that `npm ci` filled. HOME: a directory that nobody else has; the
// command keeps its settings in it.
const tool = `${process.env.NODE_MODULES}/@pnp/cli-microsoft365/dist`;
const { default: auth, Auth } = await import(`${tool}/Auth.js`);
const { executeCommand } = await import(`${tool}/api.js`);
const { cli } = await import(`${tool}/cli/cli.js`);

const API = 'https://manage.office.com';
// Whose token says which tenant it is.
const GRAPH = 'https://graph.microsoft.com';

cli.getConfig().set('disableTelemetry', true);

async function listed({ host, token, options }) {
  Auth.cloudEndpoints[auth.connection.cloudType] = { [API]: host };
  const kept = { accessToken: token, expiresOn: new Date(Date.now() + 3_000_000) };
  Object.assign(auth.connection, { active: true, accessTokens: { [GRAPH]: kept, [host]: kept } });
  try {
    const { stdout } = await executeCommand('purview auditlog list', { output: 'json', ...options });
    return { records: JSON.parse(stdout) };
  } catch (error) {
    return { raised: `${error.error?.message ?? error.message ?? error}` };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await listed(JSON.parse(line)))}\n`);
}
