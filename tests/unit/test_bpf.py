"""Filters, run by an interpreter of our own over made-up calls."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_vessel.errors import Inconclusive
from pytest_vessel.system import bpf
from pytest_vessel.system.bpf import ALLOW, NOTIFY, REFUSE, Chosen, program
from pytest_vessel.system.syscalls import AARCH64, CALLS, I386, SHAPES, X32, X86_64, abis, name_of

ALL_ABIS = [X86_64, X32, I386, AARCH64]
MACHINE = {X86_64: "x86_64", X32: "x86_64", I386: "x86_64", AARCH64: "aarch64"}


def run(code, number, audit, arguments=()):
    """seccomp's BPF: loads of 32 bits from seccomp_data, JEQ, JA, RET; anything else is an error."""
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, audit, 0, *(word & (2**64 - 1) for word in words))
    at, accumulator = 0, 0
    while True:
        operation, if_true, if_false, k = struct.unpack_from("=HBBI", code, at * 8)
        at += 1
        match operation:
            case 0x20:
                assert k % 4 == 0
                (accumulator,) = struct.unpack_from("=I", data, k)
            case 0x15:
                at += if_true if accumulator == k else if_false
            case 0x05:
                at += k
            case 0x06:
                return k
            case _:
                raise AssertionError(f"unknown instruction {operation:#x}")


def expected(chosen, name, arguments):
    for each in chosen:
        if each.name == name and (
            each.argument is None
            or arguments[each.argument] & 0xFFFFFFFF in {value & 0xFFFFFFFF for value in each.values}
        ):
            return NOTIFY
    return ALLOW


words = st.integers(0, 2**64 - 1) | st.integers(0, 40)
choices = st.builds(Chosen, st.sampled_from(sorted(CALLS))) | st.builds(
    Chosen,
    st.sampled_from(["fcntl", "fcntl64", "openat", "close"]),
    st.integers(0, 5),
    st.frozensets(st.integers(-(2**31), 2**32 - 1) | st.integers(0, 40), min_size=1, max_size=8),
)


@given(
    chosen=st.lists(choices, max_size=12),
    abi=st.sampled_from(ALL_ABIS),
    name=st.sampled_from(sorted(CALLS)) | st.sampled_from(["fcntl", "openat", "close"]),
    arguments=st.lists(words, min_size=6, max_size=6),
)
def test_answers_as_chosen(chosen, abi, name, arguments):
    if name not in abi.numbers:
        return
    answer = run(program(chosen, MACHINE[abi]), abi.numbers[name], abi.audit, arguments)
    assert answer == expected(chosen, name, arguments)


@pytest.mark.parametrize("abi", ALL_ABIS, ids=lambda abi: abi.name)
def test_everything_chosen_at_once_fits_and_stops_at_each(abi):
    code = program([Chosen(name) for name in CALLS], MACHINE[abi])
    for number in abi.numbers.values():
        assert run(code, number, abi.audit) == NOTIFY
    assert len(code) // 8 <= bpf.LONGEST


@pytest.mark.parametrize("abi", ALL_ABIS, ids=lambda abi: abi.name)
def test_more_values_than_a_jump_can_span(abi):
    values = frozenset(range(1000, 1300))
    code = program([Chosen("fcntl", 1, values), Chosen("close")], MACHINE[abi])
    fcntl, close = abi.numbers["fcntl"], abi.numbers["close"]
    assert {run(code, fcntl, abi.audit, (0, value)) for value in values} == {NOTIFY}
    assert run(code, fcntl, abi.audit, (0, 999)) == ALLOW
    assert run(code, close, abi.audit) == NOTIFY


def test_a_filter_that_the_kernel_would_refuse_is_an_error():
    with pytest.raises(ValueError, match="choose fewer values"):
        program([Chosen("fcntl", 1, frozenset(range(5000)))], "x86_64")


@pytest.mark.parametrize("abi", ALL_ABIS, ids=lambda abi: abi.name)
def test_io_uring_is_refused_with_or_without_choices(abi):
    for chosen in ((), bpf.LOCKS):
        assert run(program(chosen, MACHINE[abi]), abi.io_uring_setup, abi.audit) == REFUSE


def test_an_unknown_abi_is_refused_and_unchosen_calls_pass():
    code = program(bpf.LOCKS, "aarch64")
    assert run(code, 55, 0x40000028) == REFUSE  # 32-bit ARM
    assert run(code, 172, AARCH64.audit) == ALLOW


def test_only_the_low_half_of_an_argument_counts():
    code = program([Chosen("fcntl", 1, frozenset({-1}))], "x86_64")
    for argument in (-1, 0xFFFFFFFF, 0xABCD_FFFFFFFF):
        assert run(code, 72, X86_64.audit, (0, argument)) == NOTIFY


def test_lock_commands_stop_and_descriptor_flags_pass():
    code = program(bpf.LOCKS, "x86_64")
    stopped = {command for command in range(64) if run(code, 72, X86_64.audit, (3, command)) == NOTIFY}
    assert stopped == {5, 6, 7, 12, 13, 14, 36, 37, 38}
    setting = program(bpf.SET_LOCKS, "x86_64")
    assert {run(setting, 221, I386.audit, (3, command)) for command in (5, 12, 36)} == {ALLOW}
    assert {run(setting, 221, I386.audit, (3, command)) for command in (6, 7, 13, 14, 37, 38)} == {NOTIFY}


def test_i386_numbers_are_not_mistaken_for_native_ones():
    code = program([Chosen("unlink")], "x86_64")
    assert run(code, 10, I386.audit) == NOTIFY
    assert run(code, 10, X86_64.audit) == ALLOW  # mprotect
    assert run(code, 87, X86_64.audit) == NOTIFY


def test_groups_name_each_spelling_once():
    for group in (bpf.LOCKS, bpf.SET_LOCKS, bpf.FLOCK, bpf.DELETES, bpf.OPENS, bpf.CREATES, bpf.EXECS, bpf.RELEASES):
        names = [each.name for each in group]
        assert len(names) == len(set(names)) > 0


@pytest.mark.parametrize(
    "wrong",
    [("fnctl",), ("fcntl", 1), ("fcntl", None, frozenset({1})), ("fcntl", 6, frozenset({1})), ("fcntl", 1, {2**32})],
)
def test_a_choice_that_means_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match=r"syscall|system call|fcntl"):
        Chosen(*wrong)


def test_a_machine_without_known_numbers_is_inconclusive():
    with pytest.raises(Inconclusive, match="riscv64"):
        abis("riscv64")
    assert abis("i686") == abis("x86_64")


def test_numbers_are_unique_and_shapes_name_known_calls():
    for abi in ALL_ABIS:
        assert len(set(abi.numbers.values())) == len(abi.numbers)
        assert {name_of(abi.audit, number) for number in abi.numbers.values()} == set(abi.numbers)
    assert set(SHAPES) <= CALLS
    assert name_of(X86_64.audit, 9999) == "syscall_9999"
