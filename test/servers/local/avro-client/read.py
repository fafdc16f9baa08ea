"""Reads every record that topics hold now, with Confluent's own client, and prints one JSON object a line.

Usage: read.py BROKERS REGISTRY_URL TOPIC...
"""

import json
import sys
from datetime import datetime, timedelta, timezone

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def plain(value):
    """Bytes as text, times as milliseconds since the epoch: the reader of this output knows JSON alone."""
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(milliseconds=1)
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


brokers, registry, *topics = sys.argv[1:]
# Without a timeout a client waits for ever for one answer, and asks twice when it has one. The subject is told by the topic: asking the
# registry for associations of it is of no use here.
schemas = SchemaRegistryClient({"url": registry, "timeout": 15})
decode = AvroDeserializer(schemas, conf={"subject.name.strategy": topic_subject_name_strategy})
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
