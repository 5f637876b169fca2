// Receives events over NATS JetStream, knowing nothing of the platform but its .proto files: the subject of an event is
// the full name of its message, its payload is that message, its headers are CloudEvents attributes.
//
//   node receive_events.mjs '{"nats": "nats://127.0.0.1:4222", "include": ["protos", "build/protos/include"],
//                             "wanted": [{"stream": "zhongtai_gateway", "file": "zhongtai/gateway/v1/run.proto",
//                                         "subject": "zhongtai.gateway.v1.RunEnded", "key": "run_…"}]}'
//
// Waits for every wanted event, and prints each as one line of JSON.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import protobuf from 'protobufjs';

const given = JSON.parse(process.argv[2]);
const connection = await connect({ servers: given.nats });
for (const wanted of given.wanted) console.log(JSON.stringify(await receive(wanted)));
await connection.close();

async function receive({ stream, file, subject, key }) {
  const manager = await jetstreamManager(connection);
  const { name } = await manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.All,
    filter_subject: subject,
    inactive_threshold: 30 * 1e9,
  });
  const consumer = await jetstream(connection).consumers.get(stream, name);
  const type = load(file).lookupType(subject);
  for await (const message of await consumer.consume()) {
    if (decodeURIComponent(message.headers.get('ce-subject')) !== key) continue;
    const event = type.toObject(type.decode(message.data), { enums: String, longs: String });
    return { type: message.headers.get('ce-type'), id: message.headers.get('ce-id'), event };
  }
}

function load(file) {
  const root = new protobuf.Root();
  root.resolvePath = (_, wanted) =>
    given.include.map((folder) => path.join(folder, wanted)).find((found) => existsSync(found)) ?? null;
  return root.loadSync(file, { keepCase: true });
}
