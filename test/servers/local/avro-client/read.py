"""Reads every record that topics hold now, with Confluent's own client, and prints one JSON object a line.

Usage: read.py BROKERS REGISTRY_URL TOPIC...
"""

import json
import sys

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext


def plain(value):
    """Bytes and times as text: the reader of this output knows JSON alone."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


brokers, registry, *topics = sys.argv[1:]
decode = AvroDeserializer(SchemaRegistryClient({"url": registry}))
consumer = Consumer({"bootstrap.servers": brokers, "group.id": "independent-reader", "enable.auto.commit": False})
known = consumer.list_topics(timeout=30).topics

for topic in topics:
    if topic not in known:
        sys.exit(f"no such topic: {topic}")
    for partition in known[topic].partitions:
        low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
        if low == high:
            continue
        consumer.assign([TopicPartition(topic, partition, low)])
        while True:
            message = consumer.poll(30)
            if message is None:
                sys.exit(f"{topic}/{partition} stopped before {high}")
            if message.error():
                sys.exit(str(message.error()))
            value = message.value()
            record = {
                "topic": topic,
                "partition": partition,
                "offset": message.offset(),
                "key": plain(message.key()) if message.key() is not None else None,
                "headers": {name: plain(header) for name, header in message.headers() or []},
                "value": None if value is None else decode(value, SerializationContext(topic, MessageField.VALUE)),
            }
            print(json.dumps(record, default=plain))
            if message.offset() >= high - 1:
                break
consumer.close()
