"""Sends messages with the A2A SDK for Python, one line of JSON each on stdin: {"binding", "streaming", "data" or "text"}.

Prints the task that each ends with, one line each. A client of each binding is made from the agent card of the URL."""

import asyncio
import json
import sys
import uuid

import httpx
from a2a.client import A2ACardResolver, ClientConfig, ClientFactory
from a2a.types import GetTaskRequest, Message, Part, Role, SendMessageRequest
from google.protobuf import json_format


async def main(url: str, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers, timeout=120) as http:
        card = await A2ACardResolver(http, url).get_agent_card()
        for line in sys.stdin:
            asked = json.loads(line)
            config = ClientConfig(
                httpx_client=http,
                streaming=asked["streaming"],
                supported_protocol_bindings=[asked["binding"]],
            )
            client = ClientFactory(config).create(card)
            part = json_format.ParseDict({"text": asked["text"]} if "text" in asked else {"data": asked["data"]}, Part())
            message = Message(message_id=str(uuid.uuid4()), role=Role.ROLE_USER, parts=[part])
            task_id, events = None, []
            async for event in client.send_message(SendMessageRequest(message=message)):
                events.append(event.WhichOneof("payload"))
                if event.HasField("task"):
                    task_id = event.task.id
            task = await client.get_task(GetTaskRequest(id=task_id))
            print(json.dumps({"events": events, "task": json_format.MessageToDict(task)}), flush=True)


asyncio.run(main(sys.argv[1], sys.argv[2]))
