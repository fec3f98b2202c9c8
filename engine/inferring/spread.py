"""Videos over a cluster while a run tells of it; what is left when the cluster is lost is this machine's."""

from __future__ import annotations

from collections.abc import Sequence

from engine.errors import DataError
from engine.inferring import committing, placing
from engine.inferring.recipes import Recipe
from engine.inferring.telling import Teller
from engine.record import Recorder
from engine.scaling import pipeline
from engine.scaling.absorbing import take
from engine.scaling.commits import Commit, Commits, read, whole
from engine.scaling.feeding import Open
from engine.scaling.journal import Journal
from engine.scaling.pace import Load
from engine.scaling.pipeline import Step
from engine.scaling.shards import Shard
from engine.spreading import across
from engine.spreading.across import Lost, NoCluster
from engine.spreading.plan import Answer, Cluster, Plan, Said, Tally
from vmops.errors import OutsideError

AGAIN = 2  # times that a cluster is looked for after it was lost


class Spread:
    """One run over a cluster."""

    def __init__(
        self, recipe: Recipe, out: Recorder, shards: Sequence[Shard], journals: Sequence[Journal], commits: Commits
    ) -> None:
        self._recipe, self._spec, self._out = recipe, recipe.spec, out
        self._shards = {shard.name: shard for shard in shards}
        self._items = {item.video_id: item for shard in shards for item in shard.items}
        self._journals, self._commits, self._known = journals, commits, set[str]()
        self._teller: Teller | None = None
        self._gpus_there = False
        self._before, self._tally = Tally(), Tally()  # of drivers that were lost; of all

    def run(self, committed: set[str]) -> bool:
        """Have every shard done that is not committed; whether there is anything left for this machine.

        Raises:
            DataError: there is no cluster, or it does not see what it needs.
        """
        across.require()
        self._known = set(self._items) - {one.item.video_id for one in self._missing()}
        if self._known:
            self._out.note(f"{len(self._known)} of {len(self._items)} videos were done before")
        left = [shard for name, shard in self._shards.items() if name not in committed]
        for _ in range(1 + AGAIN):
            if not left or self._out.stopping:
                return False
            try:
                for said in across.hear(self._out, across.work(self._plan(), self._packed(left), self._address)):
                    self._hear(said)
                if self._teller:
                    self._teller.end()
                return False
            except Lost as lost:
                self._out.note(f"the cluster is lost: {lost}", "warning")
            except NoCluster as error:
                if self._teller is None:
                    raise
                self._out.note(error.message, "warning")
            left = [shard for shard in left if not whole(shard, self._journals)]
        return self._alone(left)

    def _alone(self, left: Sequence[Shard]) -> bool:
        """Go on here; unless the cluster had GPUs and this machine has none, where it would take days for hours."""
        if self._gpus_there and self._out.device == "cpu":
            raise DataError(
                f"the cluster is lost, {len(left)} shards are left, and this machine has no GPU",
                hint="bring the cluster up again and resume the run: what is committed is not done again",
            )
        self._out.note(f"{len(left)} shards are left: this machine goes on with them alone", "warning")
        return True

    @property
    def _address(self) -> str:
        return self._spec.compute.address

    def _gpus(self) -> float | str:
        """How many GPUs a task is given."""
        if self._spec.compute.device == "cpu" or not self._recipe.gpu:
            return 0.0
        return self._spec.compute.gpus_per_task

    def _plan(self) -> Plan:
        spec, files = self._spec, self._recipe.files()
        store, prefix = committing.store(self._out, spec.compute)
        where = placing.address(self._out, spec.videos)
        settles = getattr(spec.compute, "backend", "plain") == "auto" and not list(store.entries(f"{prefix}backend-"))
        return Plan(
            self._recipe, {digest: path.name for digest, path in files.items()}, store.url, prefix,
            where if "://" in where else str(self._out.resolve(where)),
            spec.frames_per_video, spec.deadline_s, spec.downloads, spec.compute.processes, spec.compute.threads,
            self._gpus(), settles,
        )  # fmt: skip

    def _packed(self, shards: Sequence[Shard]) -> list[tuple[Shard, bytes]]:
        """Shards with what is known of them, where that is anything."""
        return [
            (shard, self._commits.pack(shard, self._journals) if self._anything(shard) else b"") for shard in shards
        ]

    def _anything(self, shard: Shard) -> bool:
        return any(item.video_id in journal for item in shard.items for journal in self._journals)

    def _missing(self) -> list[Open]:
        return pipeline.missing(list(self._items.values()), self._journals)

    # --- what comes ----------------------------------------------------------------------------------------------

    def _hear(self, said: Said) -> None:
        for journal in self._journals:
            journal.tick()
        if said.kind == "begun":
            self._begin(said.what)
        elif said.kind == "answer":
            self._answer(said.what)
        elif said.kind == "tally":
            tally, waiting, running = said.what
            self._tally |= self._before + tally
            if self._tally.frames:  # before that, machines load what they need
                self._tell(waiting, running)
        elif said.kind in ("note", "warning"):
            self._out.note(said.what, "info" if said.kind == "note" else "warning")

    def _begin(self, cluster: Cluster) -> None:
        many = f"{len(cluster.machines)} machines ({', '.join(cluster.machines)})"
        self._out.note(f"a cluster of {many}: {cluster.slots} shards at a time")
        self._before, self._gpus_there = self._tally, cluster.gpus
        if self._teller is None:
            decoders = self._spec.compute.processes if isinstance(self._spec.compute.processes, int) else 1
            stages = {"download": 0, "decode": decoders * cluster.slots, "forward": cluster.slots}
            self._teller = Teller(self._out, len(self._items), len(self._known), stages, self._recipe.advice)

    def _tell(self, waiting: int, running: int, video_id: str = "", failed: str = "") -> None:
        assert self._teller
        tally = self._tally
        load = Load(tally.videos, tally.frames, tally.download_s, tally.decode_s, tally.forward_s)
        self._teller.hear(Step(load, waiting, running, tally.replaced, video_id, failed))

    def _answer(self, answer: Answer) -> None:
        for level, text in answer.words:
            self._out.flag(*text.split(": ", 1)) if level == "flag" else self._out.note(text, level)
        found = self._found(answer)
        if answer.state == "otherwise":
            committing.differs(self._out, answer.shard)
        take(found, self._journals, self._items)
        for journal in self._journals:
            journal.flush()
        for item in self._shards[answer.shard].items:
            places = [journal.place(item.video_id) for journal in self._journals]
            if item.video_id not in self._known and all(places):
                self._known.add(item.video_id)
                failed = next((place.failed for place in places if place and place.failed), "")
                self._tell(0, 0, item.video_id, failed)

    def _found(self, answer: Answer) -> Commit:
        """What was answered: with the answer, or committed."""
        if answer.data:
            return read(answer.data, answer.shard)
        try:
            return self._commits.one(self._shards[answer.shard])
        except OutsideError as error:
            raise DataError(error.message, hint=error.hint or "resume the run when the store can be read") from None
