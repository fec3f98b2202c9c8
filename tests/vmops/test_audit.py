"""The audit's file: durable lines, many writers, damage that stays where it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab import ROOT, until
from vmops import audit
from vmops.errors import Denied, Unavailable

WRITER = (
    "import sys; from pathlib import Path; from vmops import audit\n"
    "for n in range(int(sys.argv[3])): audit.append(Path(sys.argv[1]), 'asked', sys.argv[2], n=n, filler='ü' * 300)"
)


def writer(folder: Path, name: str, lines: int) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", WRITER, str(folder), name, str(lines)]
    return subprocess.Popen(words, env={**os.environ, "PYTHONPATH": str(ROOT)})


def test_a_line_says_who_when_what_and_to_which_machine(tmp_path: Path) -> None:
    written = audit.append(tmp_path / "machines", "stopped", "gpu-1", said="as asked")
    [line] = audit.read(tmp_path / "machines").lines
    assert line == written and (line.act, line.machine, line.facts) == ("stopped", "gpu-1", {"said": "as asked"})
    assert "@" in line.who and line.at > 1.7e9


def test_no_audit_is_an_empty_one(tmp_path: Path) -> None:
    assert audit.read(tmp_path) == audit.Record(())


def test_sixteen_processes_at_once_lose_no_line_and_mix_none(tmp_path: Path) -> None:
    writers = [writer(tmp_path, f"gpu-{number}", 20) for number in range(16)]
    assert [process.wait(100) for process in writers] == [0] * 16
    record = audit.read(tmp_path)
    assert not record.damaged and len(record.lines) == 320
    for number in range(16):
        assert [line.facts["n"] for line in record.lines if line.machine == f"gpu-{number}"] == list(range(20))


def test_a_writer_that_is_killed_leaves_whole_lines(tmp_path: Path) -> None:
    process = writer(tmp_path, "gpu-1", 100_000)
    until(lambda: len(audit.read(tmp_path).lines) > 20, "it has written some")
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = len(audit.read(tmp_path).lines)
    audit.append(tmp_path, "stopped", "gpu-1")
    record = audit.read(tmp_path)
    assert len(record.lines) == before + 1 and record.lines[-1].act == "stopped"


def test_after_a_half_written_line_the_next_one_stands_alone(tmp_path: Path) -> None:
    audit.append(tmp_path, "asked", "gpu-1")
    path = tmp_path / audit.FILE
    with path.open("ab") as file:
        file.write(b'{"at": 1795')
    assert not audit.read(tmp_path).damaged, "it may still grow"
    audit.append(tmp_path, "stopped", "gpu-1")
    record = audit.read(tmp_path)
    assert [line.act for line in record.lines] == ["asked", "stopped"]
    assert len(record.damaged) == 1 and "line 2" in record.damaged[0] and str(path) in record.damaged[0]


@pytest.mark.parametrize(
    "line",
    [b"\xff\xfe\x00", b"[]", b"null", b'"x"', b"{}", b'{"at": "now", "who": "a", "act": "b", "machine": "c"}',
     b'{"at": 1.0, "who": "a", "act": "b", "machine": 7}', b"[" * 100_000, b'{"at": true'],
)  # fmt: skip
def test_a_damaged_line_takes_no_other_with_it(tmp_path: Path, line: bytes) -> None:
    audit.append(tmp_path, "asked", "gpu-1")
    path = tmp_path / audit.FILE
    path.write_bytes(path.read_bytes() + line + b"\n")
    audit.append(tmp_path, "stopped", "gpu-1")
    record = audit.read(tmp_path)
    assert [one.act for one in record.lines] == ["asked", "stopped"] and len(record.damaged) == 1


def test_another_file_in_its_place_is_read_anew(tmp_path: Path) -> None:
    for name in ("gpu-1", "gpu-2"):
        audit.append(tmp_path, "asked", name)
    path = tmp_path / audit.FILE
    assert len(audit.read(tmp_path).lines) == 2
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[1])
    assert [line.machine for line in audit.read(tmp_path).lines] == ["gpu-2"]
    path.unlink()
    assert audit.read(tmp_path) == audit.Record(())
    audit.append(tmp_path, "asked", "gpu-3")
    assert [line.machine for line in audit.read(tmp_path).lines] == ["gpu-3"]


def test_what_is_read_again_is_what_a_first_reader_reads(tmp_path: Path) -> None:
    path = tmp_path / audit.FILE
    for step in range(12):
        audit.append(tmp_path, "asked", f"gpu-{step}")
        if step % 3 == 0:
            with path.open("ab") as file:
                file.write(b"{half" + b"\n" * (step % 2))
        seen = audit.read(tmp_path)
        copy = tmp_path / f"copy-{step}"
        copy.mkdir()
        (copy / audit.FILE).write_bytes(path.read_bytes())
        fresh = audit.read(copy)
        assert seen.lines == fresh.lines and [words.split(", ")[1] for words in seen.damaged] == [
            words.split(", ")[1] for words in fresh.damaged
        ]


def test_one_machine_and_a_time_can_be_asked_for(tmp_path: Path) -> None:
    audit.append(tmp_path, "asked", "gpu-1")
    later = audit.append(tmp_path, "asked", "gpu-2")
    assert [line.machine for line in audit.read(tmp_path, machine="gpu-2").lines] == ["gpu-2"]
    assert [line.machine for line in audit.read(tmp_path, since=later.at).lines] == ["gpu-2"]


def test_a_name_that_is_no_unicode_is_written(tmp_path: Path) -> None:
    audit.append(tmp_path, "refused", "gpu-\udcff", said='"; $(reboot)\n')
    [raw] = (tmp_path / audit.FILE).read_bytes().splitlines()
    assert json.loads(raw)["said"] == '"; $(reboot)\n'


def test_what_cannot_be_written_is_an_error_and_not_a_silence(tmp_path: Path) -> None:
    (tmp_path / audit.FILE).mkdir()
    with pytest.raises((Denied, Unavailable), match=audit.FILE):
        audit.append(tmp_path, "asked", "gpu-1")
