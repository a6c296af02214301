// Microsoft's client for Node (@azure/msal-node) in the benchmark `clients`: the same lines as
// python.py. NODE_MODULES: the directory that `npm ci` filled. The CA of the simulator comes by
// NODE_EXTRA_CA_CERTS.
import { createHash, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const packages = `${process.env.NODE_MODULES}/@azure/msal-node`;
const require = createRequire(`${packages}/package.json`);
const { ConfidentialClientApplication } = require(packages);
const { version } = require(`${packages}/package.json`);

function thumbprint(certificate) {
  return createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');
}

// An application for each tenant: msal binds one to its authority.
class Fleet {
  applications = new Map();

  constructor(settings) {
    this.settings = settings;
    this.clientCertificate = {
      thumbprintSha256: thumbprint(settings.certificate),
      privateKey: settings.private_key,
    };
  }

  application(tenant) {
    const { authority, client_id: clientId } = this.settings;
    if (!this.applications.has(tenant)) {
      this.applications.set(tenant, new ConfidentialClientApplication({
        auth: {
          clientId,
          authority: `${authority}/${tenant}`,
          knownAuthorities: [new URL(authority).host],
          clientCertificate: this.clientCertificate,
        },
      }));
    }
    return this.applications.get(tenant);
  }

  async token(tenant) {
    const application = this.application(tenant);
    const wanted = { scopes: [this.settings.scope], skipCache: true };
    const answer = await application.acquireTokenByClientCredential(wanted);
    return answer.accessToken ? 1 : 0;
  }

  async tokens() {
    const left = this.settings.tenants.values();
    let tokens = 0;
    const work = async () => {
      for (const tenant of left) {
        const got = await this.token(tenant);
        tokens += got;
      }
    };
    await Promise.all(Array.from({ length: this.settings.at_a_time }, work));
    return tokens;
  }
}

let fleet;
for await (const line of createInterface({ input: process.stdin })) {
  const said = JSON.parse(line);
  if (!fleet) {
    fleet = new Fleet(said);
    console.log(JSON.stringify({ name: `msal-node ${version} (Node)` }));
  } else {
    const tokens = said === 'prepare' ? 0 : await fleet.tokens();
    console.log(JSON.stringify({ tokens }));
  }
}
