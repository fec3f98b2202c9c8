"""What watches on a rented machine while nobody is connected: a notice of preemption, idleness, two limits of its life.

    python3 watchdog.py run SETTINGS.json         watch until killed; a second one ends at once
    python3 watchdog.py preempted SETTINGS.json   for the shutdown script: ask for checkpoints, and wait for them
    python3 watchdog.py state SETTINGS.json       what it saw last, and why it does or does not stop the machine

One file, with the standard library of Python 3.8 alone, since it goes to machines on which nothing else is installed.
It knows folders whose `lock` somebody holds while he works there, and leaves him word in a file `stop` beside it.
Times that decide are counted on a clock that nobody sets.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

LOGIN_GRACE_S = 120.0  # of sshd, for who has not logged in
DEFAULTS: dict[str, Any] = {
    "folder": "~/footplate/watchdog",  # state.json, life.json, lock, log.txt
    "stop_glob": "~/footplate/workspaces/*/runs/*",
    "metadata": "http://metadata.google.internal",  # empty: a machine that nobody preempts
    "compute": "https://compute.googleapis.com",
    "boot_id": "",  # empty: the kernel's
    "idle_minutes": 30.0,  # null: never
    "grace_minutes": None,  # never within so long after the boot; null: as idle_minutes
    "warn_minutes": 2.0,
    "max_hours": None,  # of running at a stretch, reboots included
    "delete_after_hours": None,  # of running without any use, over all boots
    "ssh_port": 22,
    "ssh_address": "",  # empty: any
    "login_grace_s": LOGIN_GRACE_S,  # an older connection is a login, whatever processes tell
    "gpu_percent": 5.0,
    "every_s": 5.0,
    "stop": ["sudo", "-n", "shutdown", "-h", "now"],  # or {"post": URL}
    "delete": None,  # words of a command or {"post": URL}; null: ask the cloud, with the machine's own rights
}
NUMBERS = (
    "idle_minutes", "grace_minutes", "warn_minutes", "max_hours", "delete_after_hours", "ssh_port", "gpu_percent",
    "every_s", "login_grace_s",
)  # fmt: skip
OPTIONAL = ("idle_minutes", "grace_minutes", "max_hours", "delete_after_hours")
TOLD = "footplate/watchdog"  # where the cloud keeps what we see
TELL_S = 60.0  # how often it is told where nothing has changed
MOST_TELLS = 8  # a minute, of the ten that it takes of a machine: a notice must never be the one too many
POLL_S = 10  # a question to the metadata server is answered after so long even if nothing changed
AGAIN_S = 60.0  # until what did not work is tried again
REBOOT_S = 600.0  # a machine that was away for longer had been stopped, and begins a new stretch
CHECKPOINT_S = 25.0  # of the 30 that a preempted machine has
LOG_BYTES = 1 << 20
EARLY_S = 300.0  # before its limit, at which the cloud itself ends it at once, without a checkpoint


def settings_of(path: Path) -> dict[str, Any]:
    """The settings in a file, over the defaults."""
    given = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(given, dict):
        raise ValueError("expected an object")
    settings = {**DEFAULTS, **given}
    for key in NUMBERS:
        value = settings[key]
        if not (isinstance(value, (int, float)) and value >= 0) and not (value is None and key in OPTIONAL):
            raise ValueError(f"{key}: expected a number of 0 or more, got {value!r}")
    _of_environment(settings, given)
    settings["folder"] = Path(settings["folder"]).expanduser()
    settings["stop_glob"] = str(Path(settings["stop_glob"]).expanduser())
    return settings


def _of_environment(settings: dict[str, Any], given: dict[str, Any]) -> None:
    """What machines that share a computer, and get other addresses at each start, have in their environment."""
    if os.environ.get("GCE_METADATA_HOST"):
        settings["metadata"] = "http://" + os.environ["GCE_METADATA_HOST"]
    address, _, port = os.environ.get("FOOTPLATE_SSH", "").partition(":")
    if port.isdigit() and "ssh_port" not in given:
        settings["ssh_address"], settings["ssh_port"] = address, int(port)
    settings["boot_id"] = settings["boot_id"] or os.environ.get("FOOTPLATE_BOOT_ID") or boot_id()


# --- who is active ---------------------------------------------------------------------------------------------------


def held(lock: Path) -> bool:
    """Whether a living process holds a lock."""
    try:
        file = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def active(stop_glob: str) -> list[Path]:
    """Folders in which somebody works."""
    root = Path(stop_glob).anchor
    folders = Path(root).glob(stop_glob[len(root) :])
    return sorted(folder for folder in folders if held(folder / "lock"))


FOLLOWS = "<mirror>"  # stands among the words of the program by which Footplate follows a run
LOGGED_IN = re.compile(r"sshd(-session)?: [^ \[\]@]+(@[^ ]*)?$")  # sshd: ana@pts/0, and not sshd: ana [priv] or [net]


class Logins:
    """Connections to the ssh server on which somebody is logged in; who only knocks, as bots do, is none.

    sshd drops whoever has not logged in after LoginGraceTime, so what is older than that is a login as well.
    The connection that Footplate's own commands share counts while one of them is at work, and not while it rests or
    only follows a run: else a machine that somebody looks at from afar would never be idle.
    """

    def __init__(self, port: int, address: str = "", grace_s: float = LOGIN_GRACE_S, ours: Path | None = None) -> None:
        self.port, self.address, self.grace_s, self.ours = port, address, grace_s, ours
        self.since: dict[str, float] = {}

    def count(self) -> int:
        """How many there are now; asked again and again, since it learns from that how old connections are."""
        marks = self.marks()  # first: whose connection is not there a moment later, has gone
        now, found = time.monotonic(), connections(self.port, self.address)
        self.since = {one: self.since.get(one, now) for one in found}
        for name in marks.keys() - set(found.values()):
            with suppress(OSError):
                marks[name].unlink()
        if not found:
            return 0
        ours = {one for one, peer in found.items() if peer in marks}
        old = {one for one in found if now - self.since[one] >= self.grace_s} - ours
        served = sessions()
        sure = old | {one for sockets, rests in served for one in sockets or () if one in found}
        sure -= {one for sockets, rests in served if rests for one in (sockets or set()) & ours}
        hidden = [rests for sockets, rests in served if sockets is None]  # one of ours may be among those that rest
        unknown = len(hidden) - min(sum(hidden), len(ours))
        return min(len(found), len(sure) + (0 if self.address else unknown))

    def marks(self) -> dict[str, Path]:
        """What those other ends have left that are Footplate: a file each."""
        with suppress(OSError):
            return {mark.name: mark for mark in self.ours.iterdir()} if self.ours else {}
        return {}


def connections(
    port: int, address: str = "", tables: tuple[str, ...] = ("/proc/net/tcp", "/proc/net/tcp6")
) -> dict[str, str]:
    """The open connections to the ssh server: the numbers of their sockets, and `ADDRESS PORT` of their other end."""
    found = {}
    for table in tables:
        try:
            rows = [line.split() for line in Path(table).read_text(encoding="ascii").splitlines()[1:]]
        except OSError:
            continue
        found.update({row[9]: peer(row[2]) for row in rows if row[3] == "01" and _is_at(row[1], port, address)})
    return found


def peer(place: str) -> str:
    """An end of a connection, as the kernel writes it (0100007F:D431), in the words of sshd: `127.0.0.1 54321`."""
    host, _, port = place.partition(":")
    words = [bytes.fromhex(host[at : at + 8])[::-1] for at in range(0, len(host), 8)]
    packed = b"".join(words)
    if packed[:12] == bytes(10) + b"\xff\xff":  # an old address in the new table
        packed = packed[12:]
    name = socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
    return f"{name} {int(port, 16)}"


def sessions() -> list[tuple[set[str] | None, bool]]:
    """The processes of sshd that serve somebody who is logged in: their sockets, and whether nothing is at work there.

    The sockets are None where a process has changed its user, so that only root may look.
    """
    found: list[tuple[set[str] | None, bool]] = []
    children = processes()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            title = command(process)
            if not LOGGED_IN.match(title):
                continue
            rests = "@pts" not in title and not at_work(process.name, children)
            try:
                links = [os.readlink(file) for file in (process / "fd").iterdir()]  # noqa: PTH115 (since 3.9)
                found.append(({link[8:-1] for link in links if link.startswith("socket:[")}, rests))
            except PermissionError:
                found.append((None, rests))
        except OSError:  # it has ended
            continue
    return found


def at_work(process: str, children: dict[str, list[str]]) -> bool:
    """Whether a process has descendants that do more than to follow a run."""
    for child in children.get(process, ()):
        try:
            follows = FOLLOWS in command(Path("/proc") / child)
        except OSError:  # it has ended
            continue
        if not follows or at_work(child, children):
            return True
    return False


def processes() -> dict[str, list[str]]:
    """The children of each process."""
    found: dict[str, list[str]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
        except (OSError, IndexError):
            continue
        found.setdefault(parent, []).append(stat.parent.name)
    return found


def command(process: Path) -> str:
    """The words with which a process was started, or its title."""
    return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()


def _is_at(place: str, port: int, address: str) -> bool:
    """Whether an end of a connection, as the kernel writes it (0100007F:0016), is this one."""
    host, _, number = place.partition(":")
    if int(number, 16) != port:
        return False
    return not address or ".".join(str(byte) for byte in reversed(bytes.fromhex(host[-8:]))) == address


def gpu_percent() -> tuple[float | None, str]:
    """How busy the busiest GPU is, and what is wrong with asking; None where there is none."""
    words = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=20)
    except FileNotFoundError:
        return None, ""
    except (OSError, subprocess.SubprocessError) as error:
        return None, f"nvidia-smi does not answer: {error}"
    said = done.stdout.decode("utf-8", "replace").strip()
    numbers = [line.strip() for line in said.splitlines() if line.strip().replace(".", "", 1).isdigit()]
    if done.returncode or not numbers:
        return None, "nvidia-smi tells no percentage: {:.200}".format(said or f"exit code {done.returncode}")
    return max(float(number) for number in numbers), ""


# --- the world around ------------------------------------------------------------------------------------------------


def ask(
    url: str, *, method: str = "GET", headers: dict[str, str] | None = None, timeout: float = 5.0, data: bytes = b""
) -> Any:
    """An answer over HTTP, past any proxy."""
    sent = data if method in ("POST", "PUT") else None
    asked = urllib.request.Request(url, method=method, headers=headers or {}, data=sent)
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=timeout)


def metadata(host: str, path: str, *, timeout: float = 5.0) -> tuple[str, str]:
    """What the metadata server says at a path, and the mark of that answer."""
    url = "{}/computeMetadata/v1/{}".format(host.rstrip("/"), path)
    with ask(url, headers={"Metadata-Flavor": "Google"}, timeout=timeout) as answer:
        return answer.read(1 << 16).decode("utf-8", "replace").strip(), answer.headers.get("ETag", "")


def preempted(host: str, mark: str, timeout_s: int = POLL_S) -> tuple[bool, str]:
    """Whether the machine is being taken back; waits for a change where a mark of the last answer is given."""
    wait = f"?wait_for_change=true&timeout_sec={timeout_s}&last_etag={mark}" if mark else ""
    said, mark = metadata(host, "instance/preempted" + wait, timeout=timeout_s + 2.0)
    return said.upper() == "TRUE", mark


def tell(host: str, state: dict[str, Any]) -> None:
    """Have the cloud keep what we see, for whoever may ask it about this machine; nobody has to log in for that."""
    url = "{}/computeMetadata/v1/instance/guest-attributes/{}".format(host.rstrip("/"), TOLD)
    ask(url, method="PUT", headers={"Metadata-Flavor": "Google"}, data=json.dumps(state).encode()).close()


def delete_machine(settings: dict[str, Any]) -> None:
    """Ask the cloud to delete this machine, with the rights of its own service account."""
    host = settings["metadata"]
    name, zone = metadata(host, "instance/name")[0], metadata(host, "instance/zone")[0]
    token = json.loads(metadata(host, "instance/service-accounts/default/token")[0])["access_token"]
    url = "{}/compute/v1/{}/instances/{}".format(settings["compute"].rstrip("/"), zone, name)
    ask(url, method="DELETE", headers={"Authorization": "Bearer " + token}, timeout=30.0).close()


def carry_out(words: Any) -> None:
    """Run a command, or post to a URL; OSError where that fails."""
    if isinstance(words, dict):
        ask(words["post"], method="POST", timeout=30.0).close()
        return
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    if done.returncode:
        raise OSError(f"{words[0]} ends with {done.returncode}: {done.stdout[-200:]!r:.200}")


def replace(path: Path, value: Any) -> None:
    """Write JSON whole: beside, and then in place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            json.dump(value, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def read(path: Path) -> dict[str, Any]:
    """The object in a file; empty where it is missing or damaged."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def request_stops(stop_glob: str, reason: str) -> list[str]:
    """Leave word in every folder where somebody works; who was asked before is not asked again."""
    asked = []
    for folder in active(stop_glob):
        stop = folder / "stop"
        if not stop.exists() and leave_word(stop, reason):
            asked.append(str(folder))
    return asked


def leave_word(stop: Path, reason: str) -> bool:
    """Whether the word was left; on a full disk without the reason, for which there is no room."""
    try:
        replace(stop, {"at": time.time(), "reason": reason, "now": False})
    except OSError:
        try:
            stop.touch()
        except OSError:  # its folder went: the others are asked
            return False
    return True


def wait_until_free(stop_glob: str, seconds: float) -> bool:
    """Whether everybody came to an end within so long."""
    end = time.monotonic() + seconds
    while active(stop_glob):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


# --- how long already ------------------------------------------------------------------------------------------------


class Life:
    """How long the machine runs at a stretch, without use, since its boot; kept in a file, so that it outlives us."""

    def __init__(self, path: Path, boot_id: str) -> None:
        known, self.path, self.boot_id = read(path), path, boot_id
        now, self.ticked = time.time(), time.monotonic()
        same = known.get("boot_id") == boot_id
        unseen = self.ticked - number(known, "mono") if same else 0.0  # we were dead for so long, the machine was not
        away = 0.0 if same else now - number(known, "at")
        self.first_seen = number(known, "first_seen") or now
        self.booted_s = number(known, "booted_s") + unseen if same else 0.0
        self.stretch_s = number(known, "stretch_s") + unseen if abs(away) <= REBOOT_S else 0.0
        self.unused_s = number(known, "unused_s")
        # What happened while we were dead nobody saw, so idleness begins anew unless that was short.
        self.idle_s = number(known, "idle_s") if same and unseen < 60.0 else 0.0

    def tick(self, busy: bool) -> None:
        """Count what has passed since the last tick."""
        now = time.monotonic()
        passed, self.ticked = now - self.ticked, now
        self.booted_s += passed
        self.stretch_s += passed
        self.idle_s = 0.0 if busy else self.idle_s + passed
        self.unused_s = 0.0 if busy else self.unused_s + passed

    def keep(self) -> None:
        """Write it down for whoever comes after us."""
        keys = ("boot_id", "first_seen", "booted_s", "stretch_s", "unused_s", "idle_s")
        replace(self.path, {"at": time.time(), "mono": self.ticked, **{key: getattr(self, key) for key in keys}})


def number(known: dict[str, Any], key: str) -> float:
    """A number of a file that somebody may have damaged."""
    value = known.get(key)
    return float(value) if isinstance(value, (int, float)) and value == value else 0.0


class Plan(NamedTuple):
    """What will be done, in how many seconds, and why."""

    left_s: float
    act: str
    why: str


def due(settings: dict[str, Any], life: Life) -> list[Plan]:
    """What is to be done in how many seconds, and why; soonest first."""
    found = []
    idle, grace = settings["idle_minutes"], settings["grace_minutes"]
    rest = (idle if grace is None else grace or 0.0) or 0.0
    if idle is not None:
        left = max(idle * 60 - life.idle_s, rest * 60 - life.booted_s)
        found.append(Plan(left, "stop", f"no run, no login and no GPU at work for {idle:g} minutes"))
    if settings["max_hours"] is not None:
        limit = settings["max_hours"] * 3600
        left = limit - min(EARLY_S, limit / 20) - life.stretch_s
        found.append(Plan(left, "end", "its limit of {:g} hours of running is near".format(settings["max_hours"])))
    if settings["delete_after_hours"] is not None:
        left = max(settings["delete_after_hours"] * 3600 - life.unused_s, rest * 60 - life.booted_s)
        why = "nobody has used it for {:g} hours of running".format(settings["delete_after_hours"])
        found.append(Plan(left, "delete", why))
    return sorted(found)


# --- watching --------------------------------------------------------------------------------------------------------


class Watch:
    """One watchdog: a thread that waits for a notice, and a loop that looks around."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.folder = settings["folder"]
        self.life = Life(self.folder / "life.json", settings["boot_id"])
        ours = self.folder / "ours"  # a file for each connection of ours; its commands make them
        with suppress(OSError):  # then ours are logins like others
            ours.mkdir(exist_ok=True)
        self.logins = Logins(int(settings["ssh_port"]), settings["ssh_address"], settings["login_grace_s"], ours)
        self.preempted_at: float | None = None
        self.asked: list[str] = []
        self.warned = ""
        self.problems: dict[str, str] = {}
        self.not_before = 0.0  # when what did not work may be tried again
        self.told: tuple[float, Any] = (float("-inf"), None)  # when the cloud was told what
        self.tells: list[float] = []  # when that was tried in the last minute
        self.untold = ""  # why it could not be told

    def run(self) -> None:
        """Look around for ever."""
        self.say(f"watching, process {os.getpid()}")
        if self.settings["metadata"]:
            threading.Thread(target=self.listen, name="notice", daemon=True).start()
        while True:
            try:
                self.look()
            except Exception as error:  # noqa: BLE001 (a watchdog that died watches nothing)
                self.problem("look", repr(error))
            time.sleep(self.settings["every_s"] if self.preempted_at is None else 0.5)

    def listen(self) -> None:
        """Wait for the notice; an unreachable server is asked again, ever more rarely."""
        mark, pause = "", 0.1
        while True:
            try:
                notice, mark = preempted(self.settings["metadata"], mark)
            except Exception as error:  # noqa: BLE001 (whatever it answers, the next answer may be the notice)
                self.problem("metadata", f"no word from the metadata server: {error}")
                mark, pause = "", min(2 * pause, 2.0)
                time.sleep(pause)
                continue
            self.problem("metadata", "")
            pause = 0.1
            if notice:
                self.on_notice()
            if notice or not mark:
                time.sleep(1.0)  # it stays so until the machine is gone, or the server gives no marks to wait for

    def on_notice(self) -> None:
        """The machine is taken back in 30 seconds."""
        if self.preempted_at is None:
            self.preempted_at = time.time()
            self.asked = request_stops(self.settings["stop_glob"], "preempted")
            self.say(f"preempted: asked {', '.join(self.asked) or 'nobody'} for a checkpoint")

    def look(self) -> None:
        """See who is active, count, and do what is due."""
        busy = self.busy()
        self.life.tick(bool(busy))
        plans = due(self.settings, self.life)
        if self.preempted_at is not None:  # who began after the notice is asked as well
            self.asked += request_stops(self.settings["stop_glob"], "preempted")
        state = self.state(busy, plans)
        try:
            self.life.keep()
            replace(self.folder / "state.json", state)
            self.problem("disk", "")
        except OSError as error:  # a full disk keeps it neither from counting nor from stopping the machine
            self.problem("disk", f"cannot write its state: {error}")
        self.publish(state)
        if plans and self.preempted_at is None:
            self.heed(*plans[0])

    def publish(self, state: dict[str, Any]) -> None:
        """Tell the cloud what is new, and now and then that we live."""
        news = [state[key] for key in ("busy", "preempted_at", "asked", "warned", "problems")]
        (at, before), now = self.told, time.monotonic()
        if not self.settings["metadata"] or (news == before and now - at < TELL_S):
            return
        self.tells = [one for one in self.tells if now - one < 60.0]
        if len(self.tells) >= MOST_TELLS and self.preempted_at is None:  # it is told at a later look
            return
        self.tells.append(now)
        try:
            tell(self.settings["metadata"], state)
        except (OSError, ValueError) as error:  # at the next look again; meanwhile who looks sees that it is old
            self.not_told(str(error))
        else:
            self.told, self.untold = (now, news), ""

    def not_told(self, why: str) -> None:
        """Write down why the cloud could not be told, once."""
        if why != self.untold:
            self.untold = why
            self.say(f"could not tell the cloud what is seen here: {why}")

    def busy(self) -> list[str]:
        """Who is active, in words."""
        found = self.here()
        if found:  # then the GPU, which is slow to ask, decides nothing
            return found
        percent, problem = gpu_percent()
        self.problem("gpu", problem)
        if percent is not None and percent >= self.settings["gpu_percent"]:
            return [f"GPU {percent:g} %"]
        return self.here()  # who has come meanwhile

    def here(self) -> list[str]:
        """Who works or is logged in."""
        found = [f"run {folder.name}" for folder in active(self.settings["stop_glob"])]
        count = self.logins.count()
        return found + ["1 ssh login" if count == 1 else f"{count} ssh logins"] * bool(count)

    def heed(self, left: float, act: str, why: str) -> None:
        """Warn of what is due soon, and do what is due."""
        if left > self.settings["warn_minutes"] * 60:
            self.warned = ""
        elif self.warned != act:
            self.warned = act
            self.say("{} in {:.0f} s: {}".format("delete" if act == "delete" else "stop", max(left, 0.0), why))
        if left <= 0 and time.monotonic() >= self.not_before:
            self.not_before = time.monotonic() + AGAIN_S
            self.end(act, why)

    def end(self, act: str, why: str) -> None:
        """Stop or delete the machine; a machine that may not delete itself is stopped."""
        if act == "end":
            self.asked = request_stops(self.settings["stop_glob"], "limit")
            wait_until_free(self.settings["stop_glob"], CHECKPOINT_S)
        if act == "delete" and self.attempt("delete", why):
            return
        self.attempt("stop", why)

    def attempt(self, act: str, why: str) -> bool:
        """Whether it worked."""
        self.say(f"{act}: {why}")
        words = self.settings[act]
        try:
            if words is None:
                delete_machine(self.settings)
            else:
                carry_out(words)
        except urllib.error.HTTPError as error:
            right = ": its service account has no right to" if error.code in (401, 403) else ""
            self.problem(act, f"could not {act}{right}: {error}")
        except Exception as error:  # noqa: BLE001 (it stays running, and says why)
            self.problem(act, f"could not {act}: {error}")
        else:
            self.problem(act, "")
            return True
        return False

    def problem(self, key: str, words: str) -> None:
        """Keep what is wrong now, and write it down once."""
        if self.problems.get(key, "") != words:
            self.problems[key] = words
            if words:
                self.say(words)

    def state(self, busy: list[str], plans: list[Plan]) -> dict[str, Any]:
        """What it sees and means to do, for whoever looks."""
        now = time.time()
        times = {act: now + left for left, act, _ in plans}
        return {
            "at": now, "pid": os.getpid(), "first_seen": self.life.first_seen, "busy": busy,
            "idle_since": None if busy else now - self.life.idle_s,
            "stops_at": None if busy else times.get("stop"), "ends_at": times.get("end"),
            "deletes_at": None if busy else times.get("delete"), "why": self.words(busy, plans),
            "preempted_at": self.preempted_at, "asked": self.asked, "warned": bool(self.warned),
            "problems": [words for words in self.problems.values() if words],
        }  # fmt: skip

    def words(self, busy: list[str], plans: list[Plan]) -> str:
        """Why the machine is (not) stopped."""
        if self.preempted_at is not None:
            return "preempted: the cloud takes the machine back"
        if busy:
            return "in use: " + ", ".join(busy)
        if not plans:
            return "idle, and nobody has settled that it stops itself"
        left, act, why = plans[0]
        verb = "deletes itself" if act == "delete" else "stops itself"
        return f"idle: {verb} in {max(left, 0.0):.0f} s, when {why}"

    def say(self, words: str) -> None:
        """A line of the log, which never grows large."""
        path = self.folder / "log.txt"
        try:
            if path.exists() and path.stat().st_size > LOG_BYTES:
                path.replace(self.folder / "log.1.txt")
            with path.open("a", encoding="utf-8") as file:
                file.write("{} {}\n".format(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), words))
        except OSError:  # a full disk does not keep it from watching
            pass


def boot_id() -> str:
    """Changes with every boot."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def going_down() -> bool:
    """Whether systemd is shutting the machine down, rather than that somebody ends this process alone."""
    try:
        done = subprocess.run(["systemctl", "is-system-running"], stdout=subprocess.PIPE, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() == b"stopping"


def noticed(settings: dict[str, Any]) -> bool:
    """Whether the machine is being taken back, as far as the metadata server tells at once."""
    try:
        return bool(settings["metadata"]) and preempted(settings["metadata"], "", 2)[0]
    except (OSError, ValueError):
        return False


def shut_down(settings: dict[str, Any]) -> int:
    """The machine is going down, whyever: ask for checkpoints with the reason, and wait for them."""
    request_stops(settings["stop_glob"], "preempted" if noticed(settings) else "shutdown")
    return 0 if wait_until_free(settings["stop_glob"], CHECKPOINT_S) else 1


def last_word(settings: dict[str, Any]) -> int:
    """Somebody ends us: the machine's end, in which nobody else would ask for checkpoints, or ours alone."""
    return shut_down(settings) if noticed(settings) or going_down() else 0


def alone(folder: Path) -> int | None:
    """A lock that is ours until we die; None where another watchdog has it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def main(words: list[str]) -> int:
    """Do what the command line asks; the exit code."""
    if len(words) != 2 or words[0] not in ("run", "preempted", "state"):
        sys.stderr.write("usage: watchdog.py run|preempted|state SETTINGS.json\n")
        return 2
    try:
        settings = settings_of(Path(words[1]))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"watchdog: {words[1]}: {error}\n")
        return 2
    if words[0] == "state":
        json.dump(read(settings["folder"] / "state.json"), sys.stdout)
        return 0
    if words[0] == "preempted":
        return shut_down(settings)
    if alone(settings["folder"]) is None:
        sys.stderr.write("watchdog: another one watches already\n")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: os._exit(last_word(settings)))
    Watch(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
