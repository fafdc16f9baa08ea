"""Produces lines of base64 from standard input as one compressed batch, with Confluent's own client.

Usage: write.py BROKERS TOPIC KEY CODEC
"""

import base64
import sys

from confluent_kafka import Producer

brokers, topic, key, codec = sys.argv[1:]
producer = Producer({"bootstrap.servers": brokers, "compression.type": codec, "linger.ms": 1000})
failed = []
for line in sys.stdin:
    value = base64.b64decode(line)
    producer.produce(topic, value=value, key=key, partition=0, on_delivery=lambda error, _: error and failed.append(str(error)))
producer.flush(60)
sys.exit("; ".join(failed) or 0)
