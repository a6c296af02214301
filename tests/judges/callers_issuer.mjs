// A certified OpenID provider (npm `oidc-provider`) as an issuer of callers' tokens: what
// a customer's own issuer publishes and signs, and how it rotates a key. It owns the
// provider's configuration and its keys; it knows nothing of our code.
//
// stdin, one JSON line each: first {"origin", "clients": [ID], "secret"}; then
// {"publish": [NAME]} as often as is wanted. `origin` is what clients see, and the issuer.
// A key is made when its name is first heard; the first of the list signs. A rotation is
// what the provider's documentation says it is: a new configuration, behind the same URL.
// stdout, one JSON line each: first {"port"}, then {"published": [NAME]}. It ends when
// stdin closes.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

// NODE_MODULES: the directory that `npm ci` filled. A module of the ES kind does not
// look at NODE_PATH.
const { Provider } = createRequire(`${process.env.NODE_MODULES}/`)('oidc-provider');

const ALGORITHM = 'RS256';
const LIFE_SECONDS = 3600;

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/// RSA keys by their name, which is their `kid`.
const made = new Map();

function key(name) {
  if (!made.has(name)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    made.set(name, { ...privateKey.export({ format: 'jwk' }), kid: name, use: 'sig', alg: ALGORITHM });
  }
  return made.get(name);
}

/// A provider whose access tokens are JWTs (RFC 9068) for the resource that is asked for.
function provider({ origin, clients, secret }, names) {
  const issuer = new Provider(origin, {
    clients: clients.map((client_id) => ({
      client_id,
      client_secret: secret,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
    })),
    jwks: { keys: names.map(key) },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_, resource) => ({
          scope: '',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: LIFE_SECONDS,
          jwt: { sign: { alg: ALGORITHM } },
        }),
      },
    },
    ttl: { ClientCredentials: LIFE_SECONDS },
  });
  issuer.on('server_error', (_, error) => console.error(error));
  return issuer.callback();
}

function serve(settings) {
  let answer = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
  return (line) => {
    const { publish } = JSON.parse(line);
    answer = provider(settings, publish);
    say({ published: publish });
  };
}

const input = createInterface({ input: process.stdin });
input.once('line', (line) => input.on('line', serve(JSON.parse(line))));
input.once('close', () => process.exit(0));
