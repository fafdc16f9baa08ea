"""Drain3 on a file of messages, one a line, repeated to so many lines for the speed: as the package comes, or masked as its own README proposes.

Prints JSON: {"ids": [...], "per_second": ...}. `masked` hides numbers, addresses and hexadecimal numbers first.
"""
import json
import sys
import time

from drain3 import TemplateMiner
from drain3.masking import MaskingInstruction
from drain3.template_miner_config import TemplateMinerConfig

config = TemplateMinerConfig()
config.profiling_enabled = False
if sys.argv[2] == "masked":
    config.masking_instructions = [
        MaskingInstruction(r"((?<=[^A-Za-z0-9])|^)(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})((?=[^A-Za-z0-9])|$)", "IP"),
        MaskingInstruction(r"((?<=[^A-Za-z0-9])|^)(0x[a-f0-9A-F]+)((?=[^A-Za-z0-9])|$)", "HEX"),
        MaskingInstruction(r"((?<=[^A-Za-z0-9])|^)([\-\+]?\d+)((?=[^A-Za-z0-9])|$)", "NUM"),
    ]
with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
    lines = [line.rstrip("\n") for line in file]
miner = TemplateMiner(config=config)
ids = [miner.add_log_message(line)["cluster_id"] for line in lines]
repeated = lines * max(1, -(-int(sys.argv[3]) // len(lines)))
miner = TemplateMiner(config=config)
start = time.process_time()
for line in repeated:
    miner.add_log_message(line)
print(json.dumps({"ids": ids, "per_second": len(repeated) / (time.process_time() - start)}))
