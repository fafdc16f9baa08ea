import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { readWithConfluentClient } from './avro-client.ts'
import { kafka } from './kafka.ts'
import { avroClientPython } from './local/avro-client.ts'

// Written by the same independent client, so that only the reader is tested.
const write = `
import sys
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

brokers, registry, topic = sys.argv[1:]
admin = AdminClient({"bootstrap.servers": brokers})
admin.create_topics([NewTopic(topic, 2, 1)])[topic].result()
schema = '{"type": "record", "name": "Sold", "fields": [{"name": "count", "type": "long"}]}'
encode = AvroSerializer(SchemaRegistryClient({"url": registry}), schema)
producer = Producer({"bootstrap.servers": brokers, "transactional.id": topic})
producer.init_transactions()
producer.begin_transaction()
for count in range(3):
    value = encode({"count": count}, SerializationContext(topic, MessageField.VALUE))
    producer.produce(topic, key=f"key {count}", value=value, headers={"ce_id": str(count)})
producer.commit_transaction()
`

test('the independent client reads every record of a topic, and fails for an unknown topic', async () => {
  const shared = await kafka()
  const topic = `sold.${randomUUID()}`
  const python = promisify(execFile)
  await python(avroClientPython(), ['-c', write, shared.brokers.join(','), shared.registryUrl, topic])
  const records = await readWithConfluentClient(shared, [topic])
  expect(records.toSorted((a, b) => Number(a.headers.ce_id) - Number(b.headers.ce_id))).toMatchObject(
    [0, 1, 2].map((count) => ({ topic, key: `key ${count}`, headers: { ce_id: String(count) }, value: { count } })),
  )
  await expect(readWithConfluentClient(shared, ['absent'])).rejects.toThrow('no such topic')
}, 180_000)
