"""FastAPI on uvicorn in the race, as the seed chose it.   fastapi_server.py echo|fanout"""

import asyncio
import socket
import sys
import time

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()
clients = set()
is_echo = sys.argv[1:2] != ["fanout"]


@app.websocket("/ws")
async def serve(websocket: WebSocket):
    await websocket.accept()
    clients.add(websocket)
    try:
        while True:
            message = await websocket.receive_text()
            if is_echo:
                await websocket.send_text(message)
    except WebSocketDisconnect:
        pass
    finally:
        clients.discard(websocket)


async def tick():
    start = time.monotonic_ns()
    number = 1
    while True:
        wait = start + number * 1_000_000_000 // 60 - time.monotonic_ns()
        await asyncio.sleep(max(0, wait) / 1e9)
        began = time.monotonic_ns()
        number = max(number, (began - start) * 60 // 1_000_000_000)
        event = {
            "type": "energy_update", "channel": "energy", "timestamp": time.time_ns() // 1_000_000, "frameNumber": number,
            "payload": {
                "totalEnergy": time.monotonic_ns(), "deltaEnergy": began - start - number * 1_000_000_000 // 60,
                "tokensGenerated": 3, "processingTime": 1.25, "modelId": "llama3_2-3b",
                "energyDistribution": {"generation": 0.512345, "attention": 0.3125, "reasoning": 0.175155}}}
        await asyncio.gather(*(client.send_json(event) for client in list(clients)), return_exceptions=True)
        number += 1


async def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="websockets", ws_per_message_deflate=False,
                                           backlog=4096))
    print("port", listener.getsockname()[1], flush=True)
    if not is_echo:
        asyncio.get_running_loop().create_task(tick())
    await server.serve(sockets=[listener])


if __name__ == "__main__":
    config = uvicorn.Config(app)
    config.setup_event_loop()
    asyncio.run(main())
