"""Figures that several scenarios share."""

from __future__ import annotations

from collections.abc import Sequence

from loadtests.crowd import Crowd
from loadtests.house import House
from loadtests.open_model import Load
from loadtests.outcome import load_figures
from loadtests.told import ClientRecord


def bid_figures(load: Load, clients: Sequence[ClientRecord]) -> dict[str, float]:
    """Give latencies, counts, and durable bids a second of one open run that was all that ``clients`` did."""
    finals = [answers[0] for client in clients for answers in client.answers.values()]
    accepted = sum(told.accepted for told in finals)
    return {
        "durable_bids_per_s": round(accepted / load.took_s, 1) if load.took_s else 0.0,
        "answers_per_s": round(load.answered / load.took_s, 1) if load.took_s else 0.0,
        "busiest_answers_per_s": max((second.answered for second in load.seconds), default=0),
        **load_figures(load),
        "accepted": accepted,
        "refused": len(finals) - accepted,
    }


def crowd_figures(crowd: Crowd, house: House, *, took_s: float) -> dict[str, float]:
    """Give what reached the sockets, and what the gateway holds for them."""
    gateway = house.processes.get("gateway")
    figures = {
        "sockets": len(crowd.seats),
        "deliveries": crowd.deliveries,
        "deliveries_per_s": round(crowd.deliveries / took_s, 1) if took_s else 0.0,
    }
    if gateway is not None:
        figures["gateway_resident_mib"] = round(gateway.resident_bytes() / 1_048_576, 1)
    return figures
