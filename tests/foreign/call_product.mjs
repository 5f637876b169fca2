// Calls the product charity_donation over gRPC, knowing nothing of the platform but its .proto files.
//
//   node call_product.mjs '{"http": "http://127.0.0.1:8080", "grpc": "127.0.0.1:7100", "client_id": "admin",
//                           "secret": …, "identity_number": …, "include": ["protos", "build/protos/include"]}'
//
// Prints what came of it as one line of JSON.
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const given = JSON.parse(process.argv[2]);
const zhongtai = load([
  'zhongtai/gateway/v1/run.proto',
  'zhongtai/marketing/v1/customer.proto',
  'zhongtai/operations/v1/account.proto',
  'zhongtai/operations/v1/payment.proto',
]);
const metadata = new grpc.Metadata();
metadata.set('authorization', `Bearer ${await token()}`);

const { customer_id } = await call(zhongtai.marketing.v1.CustomerService, 'RegisterCustomer', {
  request_id: 'node-customer',
  kind: 'CUSTOMER_KIND_PERSON',
  name: '张伟',
  identity_kind: 'IDENTITY_KIND_RESIDENT_IDENTITY_CARD',
  identity_number: given.identity_number,
});
const giver = await account('giver');
const charity = await account('charity');
await call(zhongtai.operations.v1.PaymentService, 'ReceivePayment', {
  request_id: 'node-salary',
  end_to_end_id: 'NODE-SALARY',
  debtor: { name: 'Employer', account: '1', agent: 'BANKCNBJ' },
  creditor_account_id: giver,
  rail: 'simulated',
  amount: { currency_code: 'CNY', minor_units: '100000' },
});
const run = await call(zhongtai.gateway.v1.RunService, 'StartRun', {
  request_id: 'node-gift',
  product: 'charity_donation',
  input: struct({ debtor_account_id: giver, charity_account_id: charity, amount: 'CNY 250.00', message: '助学' }),
});
const refused = await call(zhongtai.gateway.v1.RunService, 'StartRun', {
  request_id: 'node-gift',
  product: 'charity_donation',
  input: struct({ debtor_account_id: giver, charity_account_id: charity, amount: 'CNY 1.00' }),
}).catch((error) => error);
console.log(JSON.stringify({
  customer_id,
  run_id: run.run_id,
  status: run.status,
  outcome: run.outcome,
  refused: grpc.status[refused.code],
}));

function load(files) {
  const options = { keepCase: true, longs: String, enums: String, defaults: true, includeDirs: given.include };
  return grpc.loadPackageDefinition(loadSync(files, options)).zhongtai;
}

// OAuth 2.0 client credentials, RFC 6749.
async function token() {
  const answer = await fetch(`${given.http}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${given.client_id}:${given.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const grant = await answer.json();
  if (!answer.ok) throw new Error(`no token: ${JSON.stringify(grant)}`);
  return grant.access_token;
}

async function account(name) {
  const opened = await call(zhongtai.operations.v1.AccountService, 'OpenAccount', {
    request_id: `node-${name}`,
    customer_id,
    account_class: 'ACCOUNT_CLASS_CUSTOMER',
    product: 'demand_deposit',
    currency_code: 'CNY',
  });
  return opened.account_id;
}

function call(Service, rpc, request) {
  const client = new Service(given.grpc, grpc.credentials.createInsecure());
  return new Promise((done, failed) => {
    const answer = (error, reply) => (error ? failed(error) : done(reply));
    client[rpc](request, metadata, { deadline: Date.now() + 20_000 }, answer);
  }).finally(() => client.close());
}

function struct(fields) {
  return { fields: Object.fromEntries(Object.entries(fields).map(([name, stringValue]) => [name, { stringValue }])) };
}
