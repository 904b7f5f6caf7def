"""A real Home Assistant as a client of a real hanport, by way of a real broker.

Started by `cargo xtask home-assistant` with the Python that has Home Assistant installed. Starts a
broker, three simulated meters behind `hanport run`, and Home Assistant; sets MQTT up through its
API; then looks at what became of it. Ends with one line a check, and a status.
"""

import asyncio
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

import aiohttp

METERS = {"main": "aidon-no", "flat": "dsmr5-nl", "shed": "kamstrup-dk"}
PATIENCE = 180


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Checks:
    def __init__(self):
        self.failed = 0

    def say(self, what, good, more=""):
        self.failed += not good
        print(f"{'ok    ' if good else 'FAILED'} {what}{'  ' + str(more) if more else ''}", flush=True)


class Rig:
    """The processes, and where they are."""

    def __init__(self, hanport, hass, folder):
        self.hanport_path, self.hass_path = hanport, hass
        self.folder = pathlib.Path(folder)
        self.broker_port, self.hass_port, self.web_port = free_port(), free_port(), free_port()
        self.running = {}

    def write(self, style, key):
        (self.folder / "mosquitto.conf").write_text(
            f"user root\nlistener {self.broker_port} 127.0.0.1\nallow_anonymous true\n"
            "log_dest none\npersistence false\n"
        )
        config = self.folder / "hass"
        config.mkdir(exist_ok=True)
        (config / "configuration.yaml").write_text(
            "homeassistant:\n  name: Test\n  latitude: 60\n  longitude: 10\n  elevation: 10\n"
            "  unit_system: metric\n  time_zone: UTC\n"
            f"http:\n  server_host: 127.0.0.1\n  server_port: {self.hass_port}\n"
            "api:\nwebsocket_api:\nconfig:\nonboarding:\nauth:\nrecorder:\n  commit_interval: 1\n"
            "sensor:\nlogger:\n  default: warning\n"
        )
        meters = "".join(
            f'[[meter]]\nid = "{name}"\nsource.kind = "simulator"\nsource.meter = "{kind}"\n'
            for name, kind in METERS.items()
        )
        (self.folder / "hanport.toml").write_text(
            '[site]\nreader = "attic"\nzone = "Europe/Oslo"\n'
            f'[data]\nfolder = "{self.folder / "data"}"\n'
            f'[web]\nlisten = ["127.0.0.1:{self.web_port}"]\n'
            f"{meters}"
            f'[[mqtt]]\nid = "home"\nhost = "127.0.0.1"\nport = {self.broker_port}\n'
            f'keep_alive_s = 5\n{key} = "{style}"\n'
        )

    def start(self, name):
        command = {
            "mosquitto": ["mosquitto", "-c", str(self.folder / "mosquitto.conf")],
            "hass": [*self.hass_path, "-c", str(self.folder / "hass")],
            "hanport": [self.hanport_path, "run", "--config", str(self.folder / "hanport.toml")],
        }[name]
        log = open(self.folder / f"{name}.log", "ab")
        self.running[name] = subprocess.Popen(command, stdout=log, stderr=log)

    def stop(self, name, with_signal=signal.SIGTERM):
        process = self.running.pop(name)
        process.send_signal(with_signal)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self):
        for name in ["hanport", "hass", "mosquitto"]:
            if name in self.running:
                self.stop(name)


class Assistant:
    """Home Assistant by its API."""

    def __init__(self, session, port):
        self.session, self.base, self.token = session, f"http://127.0.0.1:{port}", None

    async def call(self, method, path, body=None, form=False):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent = {"data": body} if form else {"json": body} if body is not None else {}
        async with self.session.request(method, self.base + path, headers=headers, **sent) as answer:
            answer.raise_for_status()
            return await answer.json()

    async def up(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                await self.call("GET", "/api/onboarding" if not self.token else "/api/states")
                return True
            except (aiohttp.ClientError, asyncio.TimeoutError):
                await asyncio.sleep(0.5)
        return False

    async def enter(self):
        client = self.base + "/"
        user = dict(client_id=client, name="a", username="a", password="aaaaaaaa", language="en")
        code = (await self.call("POST", "/api/onboarding/users", user))["auth_code"]
        grant = dict(client_id=client, grant_type="authorization_code", code=code)
        self.token = (await self.call("POST", "/auth/token", grant, form=True))["access_token"]

    async def set_up_mqtt(self, port):
        flows = "/api/config/config_entries/flow"
        flow = await self.call("POST", flows, dict(handler="mqtt", show_advanced_options=False))
        step = dict(broker="127.0.0.1", port=port)
        return await self.call("POST", f"{flows}/{flow['flow_id']}", step)

    async def states(self):
        states = await self.call("GET", "/api/states")
        return {state["entity_id"]: state for state in states}

    async def socket(self, command):
        url = self.base.replace("http", "ws") + "/api/websocket"
        async with self.session.ws_connect(url, max_msg_size=0) as ws:
            await ws.receive_json()
            await ws.send_json({"type": "auth", "access_token": self.token})
            await ws.receive_json()
            await ws.send_json({"id": 1, **command})
            answer = await ws.receive_json()
            if not answer.get("success"):
                raise RuntimeError(answer)
            return answer["result"]

    async def until(self, wanted):
        """The states once they are as wanted; else as they are at the end."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                states = await self.states()
                if wanted(states) or time.monotonic() > end:
                    return states
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.5)


ENTITIES = {
    "power_from_grid": ("W", "power", "measurement"),
    "voltage_l1": ("V", "voltage", "measurement"),
    "current_l1": ("A", "current", "measurement"),
    "energy_from_grid": ("kWh", "energy", "total_increasing"),
    "energy_to_grid": ("kWh", "energy", "total_increasing"),
}


def is_known(state):
    return state is not None and state["state"] not in ("unknown", "unavailable")


def entities(names):
    return [(f"sensor.{meter}_{name}", wanted) for meter in names for name, wanted in ENTITIES.items()]


async def look(rig, checks, session):
    assistant = Assistant(session, rig.hass_port)
    rig.start("mosquitto")
    rig.start("hass")
    rig.start("hanport")
    checks.say("Home Assistant starts", await assistant.up())
    await assistant.enter()
    flow = await assistant.set_up_mqtt(rig.broker_port)
    checks.say("MQTT is set up through its API", flow.get("type") == "create_entry", flow.get("errors"))

    # meters that send their registers hourly tell them with the full hour
    at_once = ["flat", "shed"]
    wanted = entities(at_once) + [("sensor.main_power_from_grid", ENTITIES["power_from_grid"])]
    states = await assistant.until(lambda s: all(is_known(s.get(e)) for e, _ in wanted))
    for entity, (unit, kind, state_class) in wanted:
        state = states.get(entity)
        got = state and (
            state["attributes"].get("unit_of_measurement"),
            state["attributes"].get("device_class"),
            state["attributes"].get("state_class"),
        )
        good = is_known(state) and got == (unit, kind, state_class)
        checks.say(f"{entity}", good, state and f"{state['state']} {got}")
    registry = await assistant.socket({"type": "config/entity_registry/list"})
    ours = {e["entity_id"]: e["unique_id"] for e in registry if e["platform"] == "mqtt"}
    checks.say("entities of three meters and the reader", len(ours) > 40, len(ours))
    devices = await assistant.socket({"type": "config/device_registry/list"})
    ids = {i for d in devices for (domain, i) in d["identifiers"] if domain == "mqtt"}
    checks.say("a device a meter, and the reader", len(ids) == 4, sorted(ids))

    rig.stop("hanport", signal.SIGKILL)
    gone = lambda s: all(s.get(e, {}).get("state") == "unavailable" for e, _ in wanted)
    checks.say("a killed reader makes them unavailable", gone(await assistant.until(gone)))
    rig.start("hanport")
    back = lambda s: all(is_known(s.get(e)) for e, _ in wanted)
    checks.say("and they return with it", back(await assistant.until(back)))

    rig.stop("hass")
    rig.start("hass")
    await assistant.up()
    checks.say("they return after a restart of Home Assistant", back(await assistant.until(back)))
    registry = await assistant.socket({"type": "config/entity_registry/list"})
    again = {e["entity_id"]: e["unique_id"] for e in registry if e["platform"] == "mqtt"}
    checks.say("with the same ids", ours.items() <= again.items(), f"{len(again)} now")
    await statistics(assistant, checks)


async def statistics(assistant, checks):
    """Energy is booked where it was used: over two of Home Assistant's five minutes."""
    energy = ["sensor.flat_energy_from_grid", "sensor.shed_energy_from_grid"]
    now = time.time()
    first = (int(now) // 300 + 1) * 300
    seen = {}
    for boundary in [first, first + 300]:
        await asyncio.sleep(max(0, boundary - time.time()))
        states = await assistant.states()
        seen[boundary] = {e: float(states[e]["state"]) for e in energy}
    # compiled some ten seconds later
    await asyncio.sleep(30)
    metas = await assistant.socket({"type": "recorder/list_statistic_ids"})
    sums = {m["statistic_id"] for m in metas if m.get("has_sum")}
    checks.say("statistics take the energy entities", set(energy) <= sums, sorted(sums)[:6])
    start = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(first - 300))
    found = await assistant.socket({
        "type": "recorder/statistics_during_period", "start_time": start,
        "statistic_ids": energy, "period": "5minute", "types": ["sum", "state"],
    })
    for entity in energy:
        rows = {row["start"] // 1000: row["sum"] for row in found.get(entity, [])}
        booked = rows.get(first, 0) - rows.get(first - 300, 0)
        used = seen[first + 300][entity] - seen[first][entity]
        near = used > 0 and abs(booked - used) <= max(0.01 * used, 0.0015)
        checks.say(f"{entity} is booked in its five minutes", near, f"{booked:.4f} of {used:.4f} kWh")


async def main(hanport, style, *hass):
    checks = Checks()
    with tempfile.TemporaryDirectory(prefix="hanport-ha-") as folder:
        rig = Rig(hanport, hass, folder)
        rig.write(style, "homeassistant.style")
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
                await look(rig, checks, session)
        finally:
            rig.stop_all()
            kept = os.environ.get("HANPORT_HA_LOGS")
            if kept:
                for log in pathlib.Path(folder).glob("*.log"):
                    (pathlib.Path(kept) / log.name).write_bytes(log.read_bytes())
    print(f"home-assistant: {checks.failed} failed", flush=True)
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
