// A real OpenID provider for tests. Anybody may sign in under any name, but those who were removed. Told by lines on
// standard input (`rotate`, `remove <name>`, `back <name>`); each is answered with one line of JSON.
import { createHash, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [issuer, installed, client, secret, redirectBase] = process.argv.slice(2);
const { default: Provider } = await import(pathToFileURL(`${installed}/oidc-provider/lib/index.js`));
for (const level of ['log', 'info', 'warn']) console[level] = () => {}; // standard output is for answers
const removed = new Set();
const say = (told) => process.stdout.write(`${JSON.stringify(told)}\n`);

function newKey(algorithm) {
  const pair = algorithm === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = pair.privateKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(jwk.n ?? jwk.x).digest('hex').slice(0, 16);
  return { ...jwk, use: 'sig', alg: algorithm, kid };
}

function provider() {
  const made = new Provider(issuer, {
    clients: [{
      client_id: client,
      client_secret: secret,
      redirect_uris: [`${redirectBase}/v1/oidc/callback`],
      post_logout_redirect_uris: [`${redirectBase}/`],
    }],
    jwks: { keys: [newKey('RS256'), newKey('ES256')] },
    cookies: { keys: ['for tests alone'] },
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'amr'] },
    async findAccount(ctx, id) {
      if (removed.has(id)) return undefined;
      return { accountId: id, claims: async () => ({ sub: id }) };
    },
  });
  // its own form knows no second factor: who is called so has shown one
  const finish = made.interactionFinished.bind(made);
  made.interactionFinished = (request, response, result, options) => {
    if (result.login) result.login.amr = result.login.accountId.endsWith('-otp') ? ['pwd', 'otp'] : ['pwd'];
    return finish(request, response, result, options);
  };
  return made.callback();
}

let current = provider();
const server = createServer((request, response) => current(request, response));
server.listen(0, '127.0.0.1', () => say({ port: server.address().port }));
createInterface({ input: process.stdin }).on('line', (line) => {
  const [verb, name] = line.split(' ');
  if (verb === 'rotate') current = provider();
  if (verb === 'remove') removed.add(name);
  if (verb === 'back') removed.delete(name);
  say({ done: verb });
}).on('close', () => process.exit(0));
