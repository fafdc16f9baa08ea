"""Reads every record that topics hold now, with Confluent's own client, and prints one JSON object a line.

Usage: read.py BROKERS REGISTRY_URL TOPIC...
"""

import json
import sys

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def plain(value):
    """Bytes and times as text: the reader of this output knows JSON alone."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


brokers, registry, *topics = sys.argv[1:]
decode = AvroDeserializer(SchemaRegistryClient({"url": registry}))
consumer = Consumer(
    {
        "bootstrap.servers": brokers,
        "group.id": "independent-reader",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
)
known = consumer.list_topics(timeout=30).topics

missing = [topic for topic in topics if topic not in known]
if missing:
    sys.exit(f"no such topic: {', '.join(missing)}")
unread = {(topic, partition) for topic in topics for partition in known[topic].partitions}
consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING) for topic, partition in unread])
records = []
while unread:
    message = consumer.poll(30)
    if message is None:
        sys.exit(f"{sorted(unread)} did not answer to their end")
    # The end of the partition, not the last record: a transaction leaves markers behind that are no records.
    if message.error() and message.error().code() == KafkaError._PARTITION_EOF:
        unread.discard((message.topic(), message.partition()))
        continue
    if message.error():
        sys.exit(str(message.error()))
    value = message.value()
    records.append(
        {
            "topic": message.topic(),
            "partition": message.partition(),
            "offset": message.offset(),
            "key": plain(message.key()) if message.key() is not None else None,
            "headers": {name: plain(header) for name, header in message.headers() or []},
            "value": None if value is None else decode(value, SerializationContext(message.topic(), MessageField.VALUE)),
        }
    )
consumer.close()
for record in sorted(records, key=lambda one: (topics.index(one["topic"]), one["partition"], one["offset"])):
    print(json.dumps(record, default=plain))
