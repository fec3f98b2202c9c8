"""The price list: what is shipped, what a file brings, and what is not known."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from vmops import pricefiles, prices
from vmops.errors import NotFound, Refused
from vmops.provider import Kind

T4 = Kind("t4", "n1-standard-4", "nvidia-tesla-t4", 1, disk_gb=100)


def test_the_shipped_list_is_whole_and_tells_its_date_and_source() -> None:
    held, faults = prices.parse(prices.SHIPPED.read_text(), prices.SHIPPED)
    assert not faults and len(held.date) == 10 and "public list prices" in held.source


def test_a_t4_in_iowa_costs_what_the_public_list_says() -> None:
    held = prices.load()
    standard, spot = held.hourly(T4, "us-central1-a"), held.hourly(T4, "us-central1-a", spot=True)
    assert standard is not None and spot is not None
    assert (round(standard, 2), round(spot, 3)) == (Decimal("0.54"), Decimal("0.227"))


@pytest.mark.parametrize(
    ("kind", "zone"),
    [(T4, "mars-north1-a"), (Kind("x", "c9-weird", "nvidia-tesla-t4", 1), "us-central1-a"),
     (Kind("x", "n1-standard-4", "nvidia-b200", 1), "us-central1-a")],
)  # fmt: skip
def test_what_is_not_in_the_list_is_unknown_and_not_nothing(kind: Kind, zone: str) -> None:
    assert prices.load().hourly(kind, zone) is None
    assert prices.load().rates(kind, zone).running() is None


def test_no_gpu_costs_nothing() -> None:
    assert prices.load().rates(Kind("cpu", "n1-standard-4"), "us-central1-a").gpu == 0


def test_prices_are_the_numbers_that_are_written() -> None:
    held, _ = prices.parse("date: d\nsource: s\nus-x1: {thing: {standard: 0.1}}", Path("x.yaml"))
    assert held.price("thing", "us-x1") == Decimal("0.1")


@pytest.mark.parametrize(
    ("zone", "region"),
    [("us-central1-a", "us-central1"), ("us-south1-ai1b", "us-south1"), ("us-central1", "us-central1"), ("x", "x")],
)
def test_a_zone_lies_in_its_region(zone: str, region: str) -> None:
    assert prices.region_of(zone) == region


def test_an_address_of_a_spot_machine_costs_half() -> None:
    held = prices.load()
    assert held.price("address", "us-central1", spot=True) == Decimal("0.0025")
    assert held.idle_address_month("us-central1") == Decimal("7.30")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "expected date, source and regions"),
        ("date: [", "not YAML"),
        ("source: s\nus-x1: {}", "date: expected a text"),
        ("date: d\nsource: s\nus-x1: 7", "us-x1: expected things with prices, got '7'"),
        ("date: d\nsource: s\nus-x1: {t: 0.1}", "us-x1.t: expected {standard: USD"),
        ("date: d\nsource: s\nus-x1: {t: {standart: 0.1}}", "us-x1.t: expected {standard: USD"),
        ("date: d\nsource: s\nus-x1: {t: {spot: -0.1}}", "us-x1.t.spot: expected dollars of 0 or more, got '-0.1'"),
        ("date: d\nsource: s\nus-x1: {t: {spot: .nan}}", "us-x1.t.spot: expected dollars"),
    ],
)
def test_every_fault_of_a_list_is_named_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / prices.FILE).write_text(text)
    with pytest.raises(Refused, match=r"prices\.yaml") as refused:
        prices.load(tmp_path)
    assert said in refused.value.message and "delete it" in refused.value.hint


# --- newer prices ----------------------------------------------------------------------------------------------------


def sku(description: str, usd: float, unit: str = "h", *, regions: tuple[str, ...] = ("us-x1",), **changes: Any) -> Any:
    nanos = {"currencyCode": "USD", "units": str(int(usd)), "nanos": round(usd % 1 * 1e9)}
    told = {"usageUnit": unit, "tieredRates": [{"startUsageAmount": 0, "unitPrice": nanos}]}
    return {
        "skuId": "0001-AAAA", "description": description, "category": {"usageType": "OnDemand"},
        "serviceRegions": list(regions), "pricingInfo": [{"pricingExpression": told}], **changes,
    }  # fmt: skip


def written(path: Path, *skus: Any) -> Path:
    path.write_text(json.dumps({"skus": list(skus), "nextPageToken": ""}))
    return path


def test_a_refreshed_list_is_preferred_and_keeps_what_the_file_does_not_tell(tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("date: 2027-01-01\nsource: our contract\nus-central1: {nvidia-tesla-t4: {spot: 0.1}}")
    pricefiles.refresh(tmp_path / "machines", file)
    held = prices.load(tmp_path / "machines")
    assert held.price("nvidia-tesla-t4", "us-central1", spot=True) == Decimal("0.1")
    assert held.price("nvidia-tesla-t4", "us-central1") == Decimal("0.35")
    assert held.date == "2027-01-01" and held.source.startswith("our contract (1 prices); others: public list")


def test_a_table_brings_prices_too(tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("thing,region,model,usd\nn1-standard,mars-north1,standard,0.06\n")
    pricefiles.refresh(tmp_path, file)
    assert prices.load(tmp_path).price("n1-standard", "mars-north1") == Decimal("0.06")


def test_of_a_table_every_faulty_row_is_named_and_nothing_changes(tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text(
        "thing,region,model,usd\na,b,standard,1\na,b,cheap,1\na,b,spot,much\n,b,spot,1\na,b\na,b,spot,1,2\n"
    )
    with pytest.raises(Refused) as refused:
        pricefiles.refresh(tmp_path, file)
    lines = refused.value.message.splitlines()
    assert [line.removeprefix(f"{file}:").split(":")[0] for line in lines] == ["3", "4", "5", "6", "7"]
    assert prices.load(tmp_path).file == prices.SHIPPED


def test_cloud_billings_skus_become_our_things(tmp_path: Path) -> None:
    file = written(
        tmp_path / "skus.json",
        sku("N1 Predefined Instance Core running in Mars", 0.031611),
        sku("N1 Predefined Instance Ram running in Mars", 0.004237, "GiBy.h"),
        sku("Spot Preemptible N1 Predefined Instance Core running in Mars", 0.01),
        sku("Spot Preemptible N1 Predefined Instance Ram running in Mars", 0.001, "GiBy.h"),
        sku("Nvidia Tesla T4 GPU running in Mars", 0.35, regions=("us-x1", "us-x2")),
        sku("Nvidia Tesla T4 GPU attached to Spot Preemptible VMs running in Mars", 0.175),
        sku("Balanced PD Capacity in Mars", 0.1, "GiBy.mo"),
        sku("External IP Charge on a Spot Preemptible VM", 0.0025, regions=("global",)),
        sku("Nvidia Tesla T4 GPU running in Mars", 0.2, category={"usageType": "Commit1Yr"}),
        sku("Network Internet Egress from Mars", 0.12, "GiBy"),
    )
    held, brought = pricefiles.refresh(tmp_path, file)
    assert held.hourly(T4, "us-x1-a") == 4 * (Decimal("0.031611") + Decimal("3.75") * Decimal("0.004237")) + Decimal(
        "0.35"
    )
    assert held.hourly(T4, "us-x1-a", spot=True) == 4 * (Decimal("0.01") + Decimal("0.00375")) + Decimal("0.175")
    assert held.price("nvidia-tesla-t4", "us-x2") == Decimal("0.35")
    assert held.price("pd-balanced", "us-x1") == Decimal("0.1")
    assert (brought.rejected, brought.passed_over) == ((), 1)
    assert prices.load(tmp_path).table == held.table, "what is kept is what was taken"


def test_the_last_tier_counts_since_the_first_may_be_free(tmp_path: Path) -> None:
    one = sku("Storage PD Capacity", 0.0, "GiBy.mo")
    rates = one["pricingInfo"][0]["pricingExpression"]["tieredRates"]
    rates.append({"startUsageAmount": 30, "unitPrice": {"currencyCode": "USD", "units": "0", "nanos": 40000000}})
    held, _ = pricefiles.refresh(tmp_path, written(tmp_path / "skus.json", one))
    assert held.price("pd-standard", "us-x1") == Decimal("0.04")


def test_each_sku_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    euro = sku("Nvidia Tesla T4 GPU running in Mars", 0.3, skuId="EURO")
    euro["pricingInfo"][0]["pricingExpression"]["tieredRates"][0]["unitPrice"]["currencyCode"] = "EUR"
    file = written(
        tmp_path / "skus.json", euro, sku("Nvidia Tesla T4 GPU running in Mars", 0.3, "min", skuId="UNIT"),
        sku("Nvidia Tesla T4 GPU running in Mars", 0.3, skuId="BARE", pricingInfo=[]), "nonsense",
        sku("Nvidia L4 GPU running in Mars", 0.56),
    )  # fmt: skip
    _, brought = pricefiles.refresh(tmp_path, file)
    assert [words.split()[1] for words in brought.rejected] == ["EURO", "UNIT", "BARE"]
    assert "expected USD, got EUR" in brought.rejected[0] and "got one for min" in brought.rejected[1]
    assert [row.thing for row in brought.rows] == ["nvidia-l4"]


@pytest.mark.parametrize(
    "text", ["", "{}", '{"skus": []}', '{"skus": 7}', "{", "[[[]]]", '{"skus": [{"description": 7}]}']
)
def test_a_file_without_prices_of_ours_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "skus.json"
    file.write_text(text)
    with pytest.raises(Refused):
        pricefiles.refresh(tmp_path, file)
    assert not (tmp_path / prices.FILE).exists()


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"nowhere\.yaml"):
        pricefiles.refresh(tmp_path, tmp_path / "nowhere.yaml")
    (tmp_path / "picture.yaml").write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(Refused, match=r"picture\.yaml"):
        pricefiles.refresh(tmp_path, tmp_path / "picture.yaml")
