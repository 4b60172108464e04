"""Known-bad twins of the product, each with a fault that such programs really have; all must be caught."""

from __future__ import annotations

from tests.faults import (
    mutants_of_answers,
    mutants_of_repetition,
    mutants_of_the_desk,
    mutants_of_the_platform,
    twins,
)

MUTANTS = twins.MUTANTS
ENTERED_BY = (mutants_of_answers, mutants_of_repetition, mutants_of_the_desk, mutants_of_the_platform)
"""Each of these enters its mutants when it is imported."""

hunt = twins.hunt
