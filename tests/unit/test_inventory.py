"""What `list` says, from made-up offers and clauses."""

from __future__ import annotations

from dataclasses import replace

from made_up_record import ACME, CLAUSES

from pytest_vessel.clause import Catalogue
from pytest_vessel.judge.offer import Offer
from pytest_vessel.report.inventory import Count, Inventory, as_json, counted, lines, profiles_of

GONE = Offer(
    "gone",
    address="elsewhere",
    capabilities=("choices.wait.no", "lock"),
    absent="gone is not installed",
    mend="apt install gone",
)
RETIRED = replace(CLAUSES[0], id="MADE-007", until="0.2")
INVENTORY = Inventory((replace(ACME, address="acme"), GONE), {"acme": 3}, 7, Catalogue((*CLAUSES, RETIRED)))


def test_lines() -> None:
    assert list(lines(INVENTORY)) == [
        "implementations (--vessel-impl)",
        "  acme               found: acme 1.0",
        "                     verbs: lock, run; 3 known failures (--vessel-baseline builtin)",
        "  elsewhere          not found: gone is not installed (apt install gone)",
        "                     verbs: lock",
        "  mutant:NAME        7 variants of the reference, one known defect each",
        "  ./my.toml          any program, by an adapter file",
        "suites (--vessel-suite) and their profiles",
        "  made               5 clauses (6 cases), 1 planned",
        "    made/up          5 clauses (6 cases), 1 planned",
    ]


def test_cases_count_in_their_own_profile() -> None:
    first, *others = CLAUSES[1].cases
    moved = replace(CLAUSES[1], cases=(replace(first, profile="made/down"), *others))
    assert profiles_of([moved]) == {"made/down": Count(1, 1, 0), "made/up": Count(1, 1, 0)}
    assert counted([moved]) == Count(1, 2, 0)


def test_json() -> None:
    data = as_json(INVENTORY)
    acme, gone = data["implementations"]
    assert (acme["found"], acme["known_failures"], acme["why_not"], acme["verbs"]) == (True, 3, None, ["lock", "run"])
    assert (gone["found"], gone["known_failures"], gone["why_not"]) == (False, None, "gone is not installed")
    assert (gone["version"], gone["address"]) == (None, "elsewhere")
    (suite,) = data["suites"]
    assert (suite["name"], suite["clauses"], suite["cases"], suite["planned"]) == ("made", 5, 6, 1)
    assert suite["profiles"] == [{"name": "made/up", "clauses": 5, "cases": 6, "planned": 1}]
    assert data["mutants"] == 7
