// A certified OpenID provider (npm `oidc-provider`) as the judge of our client
// authentication: private_key_jwt for the client credentials grant. It owns the
// provider's configuration and says what the provider decided; it knows nothing of
// our code, and reads the public key out of the certificate with Node's own X.509.
//
// stdin, first line: {"origin", "tenants": [GUID], "client_id", "certificate": PEM}.
// `origin` is what clients see; one provider per tenant, its issuer
// `{origin}/{tenant}/oauth2/v2.0`, its token endpoint `{issuer}/token`.
// stdout, one JSON line each: first {"port"}, then one per token request,
// {"tenant", "granted": true, "scope"} or {"tenant", "granted": false, "detail"}. It
// ends when stdin closes.
import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

// NODE_MODULES: the directory that `npm ci` filled. A module of the ES kind does not
// look at NODE_PATH.
const { Provider } = createRequire(`${process.env.NODE_MODULES}/`)('oidc-provider');

const RESOURCE = 'https://manage.office.com';
const SCOPE = `${RESOURCE}/.default`;

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

function configuration({ client_id, certificate }) {
  const key = new X509Certificate(certificate).publicKey.export({ format: 'jwk' });
  return {
    clients: [{
      client_id,
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      scope: SCOPE,
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...key, use: 'sig' }] },
    }],
    clientAuthMethods: ['private_key_jwt'],
    scopes: [SCOPE],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        getResourceServerInfo: () => ({
          scope: SCOPE,
          accessTokenFormat: 'opaque',
          accessTokenTTL: 3599,
        }),
      },
    },
    ttl: { ClientCredentials: 3599 },
  };
}

/// A provider below its prefix, as any framework mounts one.
function mounted(settings, tenant) {
  const prefix = `/${tenant}/oauth2/v2.0`;
  const provider = new Provider(`${settings.origin}${prefix}`, configuration(settings));
  provider.on('grant.success', (ctx) => say({ tenant, granted: true, scope: ctx.body.scope }));
  provider.on('grant.error', (_, error) => say({
    tenant,
    granted: false,
    detail: error.error_detail ?? error.error_description,
  }));
  provider.on('server_error', (_, error) => console.error(error));
  const handle = provider.callback();
  return [prefix, (request, response) => {
    request.originalUrl = request.url;
    request.baseUrl = prefix;
    request.url = request.url.slice(prefix.length);
    handle(request, response);
  }];
}

function serve(settings) {
  const providers = settings.tenants.map((tenant) => mounted(settings, tenant));
  const server = createServer((request, response) => {
    const found = providers.find(([prefix]) => request.url.startsWith(`${prefix}/`));
    if (found) return found[1](request, response);
    response.writeHead(404).end();
    return say({ granted: false, detail: `no such endpoint: ${request.url}` });
  });
  server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
}

const input = createInterface({ input: process.stdin });
input.once('line', (line) => serve(JSON.parse(line)));
input.once('close', () => process.exit(0));
