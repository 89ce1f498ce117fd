"""The work of a run, counted against what its steps really do."""

from __future__ import annotations

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.costs.macs import cost
from scalenet_tf.forecast.duration import at_speed
from scalenet_tf.forecast.speed import DeviceSpeed, Measured, Speed, timed_networks
from scalenet_tf.forecast.work import Images, MemberWork, StepWork, workload
from scalenet_tf.presets import load_space
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.requested_space import requested_space
from scalenet_tf.sampling import TrainingDraws, trained_subnets

INFO = DataInfo(
    channels=1,
    classes=10,
    labels=tuple("abcdefghij"),
    image_size=28,
    counts={"train": 8000, "validation": 1000, "test": 1000},
    digest="0" * 16,
)


LINE = Speed(1.0, 0.0)  # a second for each image


def trainings(groups: list[list[int]]) -> StepWork:
    """The trainings of members on some images, by group."""
    members = tuple(tuple(MemberWork(Images(count), Images()) for count in group) for group in groups)
    return StepWork("retrain", "", Images(sum(map(sum, groups))), groups=members)


def test_training_counts_every_image_at_the_mean_cost_of_the_draws() -> None:
    config, space = load_config("quickstart", ["supernet.steps=50"]), load_space("small")
    [train, *_] = workload(config, space, INFO)
    draws = TrainingDraws(space, 0, config.supernet.draw, config.supernet.stage_weights)
    total = sum(64 * cost(draws.at(step).subnet).macs for step in range(50))
    assert train == StepWork("train", "50 steps of 64 images", trained=Images(3200, total))


def test_a_sandwich_counts_its_three_subnets() -> None:
    config = load_config("quickstart", ["supernet.steps=20", "supernet.sandwich=stage"])
    space = load_space("small")
    [train, *_] = workload(config, space, INFO)
    draws = TrainingDraws(space, 0, config.supernet.draw, config.supernet.stage_weights)
    trained = [trained_subnets(space, draws.at(step), "stage") for step in range(20)]
    assert all(len(subnets) == 3 for subnets in trained)
    total = sum(64 * cost(subnet).macs for subnets in trained for subnet in subnets)
    assert train.trained == Images(3 * 1280, total)  # each subnet sees all images


def test_finalists_count_as_training() -> None:
    settings = ["search.confirm=3", "search.confirm_epochs=2", "members.epoch_images=100"]
    alone = workload(load_config("quickstart", settings[2:]), load_space("small"), INFO)[1]
    search = workload(load_config("quickstart", settings), load_space("small"), INFO)[1]
    macs = sum(400_000 * 2**stage for stage in range(4))
    assert search.trained == Images(4 * 3 * 2 * 100, 3 * 2 * 100 * macs) and alone.trained == Images()
    assert search.scored.macs - alone.scored.macs == 3 * 3 * 1000 * macs
    assert search.amount == f"{alone.amount}, 12 trainings of 2 epochs of finalists"
    assert (alone.networks, search.networks) == (1, 13)
    weighed = load_config("quickstart", [*settings, "search.stage_weights=[1, 0, 0, 0]"])
    assert workload(weighed, load_space("small"), INFO)[1].trained.macs == 3 * 2 * 100 * 400_000


def test_the_search_counts_the_networks_that_it_asks_for() -> None:
    config = load_config("quickstart", ["search.rounds=1", "search.start_bases=1", "search.generations=1"])
    [_, search, *_] = workload(config, load_space("small"), INFO)
    count = search.scored.count // 1500
    assert 10 < count < 60 and search.scored.count == count * 1500
    assert search.amount == f"about {count} scores with 1,500 images each"
    more = workload(load_config("quickstart", ["search.rounds=4"]), load_space("small"), INFO)[1]
    assert more.scored.count > search.scored.count


def test_members_count_their_epochs_at_the_targets_of_the_budgets() -> None:
    settings = ["members.epochs=[2, 1]", "members.scratch_epochs=3", "members.epoch_images=100"]
    config = load_config("quickstart", settings)
    [_, _, retrain, export] = workload(config, load_space("small"), INFO)
    # S0 inherits for 2 epochs, S1 to S3 for 1 each; S4 is extrapolated and starts from scratch.
    macs = [400_000 * 2**stage for stage in range(5)]
    epochs = [2, 1, 1, 1, 3]
    assert retrain.amount == "5 members, 8 epochs in all"
    assert (retrain.networks, export.networks, export.macs) == (5, 5, 0)
    assert retrain.trained == Images(800, sum(100 * e * m for e, m in zip(epochs, macs, strict=True)))
    scored = [1000 * (e + 1) + 1000 for e in epochs]
    assert retrain.scored == Images(sum(scored), sum(s * m for s, m in zip(scored, macs, strict=True)))


def test_a_speed_is_the_line_through_two_measurements() -> None:
    speed = Speed.through((100, 3.0), (300, 5.0))
    assert speed.seconds(Images(1, 100)) == pytest.approx(3.0)
    assert speed.seconds(Images(2, 600)) == pytest.approx(10.0)
    # A disturbed measurement gives no negative time.
    assert Speed.through((100, 3.0), (300, 2.0)) == Speed(0.0, 2.0 / 300)
    assert Speed.through((100, 1.0), (300, 9.0)).per_image == 0.0


def test_members_that_train_at_a_time_share_the_idle_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scalenet_tf.forecast.speed.usable_cores", lambda: 4)
    work = (StepWork("train", "", trained=Images(10)), trainings([[2, 3, 5]]))

    def seconds(cores: float, jobs: int) -> list[float]:
        return [step.seconds for step in at_speed(work, DeviceSpeed(LINE, LINE, cores), jobs).steps]

    assert seconds(1.0, jobs=2) == [10.0, 5.0]
    assert seconds(3.0, jobs=2) == [10.0, 7.5]
    assert seconds(5.0, jobs=1) == [10.0, 10.0]
    assert at_speed(work, DeviceSpeed(LINE, LINE, 1.0), 2).seconds == 15.0


def test_no_number_of_jobs_makes_a_group_shorter_than_its_longest_member(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("scalenet_tf.forecast.speed.usable_cores", lambda: 16)

    def seconds(groups: list[list[int]], jobs: int) -> float:
        return at_speed((trainings(groups),), DeviceSpeed(LINE, LINE, 1.0), jobs).seconds

    assert [seconds([[1, 2, 4, 8, 16]], jobs) for jobs in (1, 2, 5, 50)] == [31.0, 16.0, 16.0, 16.0]
    # A teacher trains first, and alone.
    assert [seconds([[16], [1, 2, 4, 8]], jobs) for jobs in (1, 2, 5)] == [31.0, 24.0, 24.0]
    assert seconds([[6], [6, 6, 6]], jobs=8) == 12.0  # there are three to train at a time


def test_members_are_grouped_as_they_are_trained() -> None:
    def groups(*settings: str) -> list[list[int]]:
        config = load_config(
            "quickstart", ["members.epochs=[1, 2, 3, 4]", "members.scratch_epochs=5", *settings]
        )
        step = workload(config, load_space("small"), INFO)[2]
        assert sum((member.trained for group in step.groups for member in group), Images()) == step.trained
        assert sum((member.scored for group in step.groups for member in group), Images()) == step.scored
        return [[member.trained.count // 8000 for member in group] for group in step.groups]

    assert groups() == [[1, 2, 3, 4, 5]]
    assert groups("members.teacher=largest") == [[5], [1, 2, 3, 4]]


def test_networks_take_time_to_be_prepared_whatever_their_images() -> None:
    speed = DeviceSpeed(Speed(0.0, 0.0), Speed(0.0, 0.0), 1.0, preparing=3.0)
    work = (StepWork("retrain", "", networks=5), StepWork("export", "", networks=2))
    assert [step.seconds for step in at_speed(work, speed, 1).steps] == [30.0, 12.0]


def test_one_network_is_enough_for_the_speed_of_a_device() -> None:
    only = Measured((100, 2.0), (100, 1.0), 1.5, 4.0)
    speed = DeviceSpeed.through([only])
    assert speed.training.seconds(Images(1, 100)) == pytest.approx(2)
    assert speed.scoring.seconds(Images(1, 100)) == pytest.approx(1)
    assert (speed.cores, speed.preparing) == (1.5, 4.0)


@pytest.mark.parametrize(("extra", "timed"), [(0, 0), (1, 1), (4, 3)])
def test_a_family_of_s0_alone_is_timed_by_a_larger_member_too(extra: int, timed: int) -> None:
    given = ["ladder.stages=1", "scale.rule=efficientnet", f"scale.extra_stages={extra}"]
    config = load_config("quickstart", given)
    networks = timed_networks(config, requested_space(config))
    assert [*networks] == ([0, timed] if timed else [0])
    # More than the budget's, since whole blocks and channels are rounded up.
    assert 2**timed <= cost(networks[timed]).macs / cost(networks[0]).macs < 2.5 * 2**timed
