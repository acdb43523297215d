"""Great Expectations, behind one door: frames and questions in, answers out.

Only this module imports the library, and only when something is asked: the import alone takes seconds. It is shown
small frames (distinct codes, shapes of identifiers, figures of a publication), never the lines of a file, in an
ephemeral context that keeps nothing, sends nothing and draws no progress bar.

Two habits of the library are kept out here. An empty frame passes every column expectation: such a question is
answered with an error. An expectation that could not be computed is reported as a plain failure: it becomes an
error too, which is not the same thing as data that failed.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from types import SimpleNamespace
from typing import Any

import polars as pl

POSITIONS = 10_000  # failing rows listed by one answer; beyond, they are counted only
_RESULT_FORMAT = {"result_format": "SUMMARY", "partial_unexpected_count": POSITIONS}


@dataclass(frozen=True, slots=True)
class Question:
    """One expectation about one frame, in the library's own words."""

    frame: str  # its name
    expectation: str  # e.g. 'expect_column_values_to_be_in_set'
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the expectation held, and where it did not."""

    success: bool
    positions: tuple[int, ...] = ()  # failing rows of the frame, at most POSITIONS of them
    unlisted: int = 0  # failing rows beyond those
    error: str = ""  # why nothing can be said; success is False then


def ask(
    frames: Mapping[str, pl.DataFrame], questions: Sequence[Question], *, docs: Path | None = None
) -> tuple[Answer, ...]:
    """Put every question to its frame; answers come in the order of the questions.

    Args:
        frames: what is looked at, by name.
        questions: any number about any of the frames; a frame is handed over once.
        docs: a folder that does not exist yet, where the library writes its Data Docs; None: it writes nothing.
    """
    answers = [Answer(success=False, error="there is no row to look at") for _ in questions]
    asked = {name: [i for i, question in enumerate(questions) if question.frame == name] for name in frames}
    asked = {name: numbers for name, numbers in asked.items() if numbers and not frames[name].is_empty()}
    if not asked:
        return tuple(answers)
    library = _great_expectations()
    definition = _definition(library.get_context(mode="ephemeral"))
    for name, numbers in asked.items():
        rows = frames[name].to_pandas(use_pyarrow_extension_array=True)
        batch = definition.get_batch(batch_parameters={"dataframe": rows})
        for number, answer in _validate(library, batch, questions, numbers).items():
            answers[number] = answer
    if docs is not None:
        _document(library, {name: frames[name] for name in asked}, questions, docs)
    return tuple(answers)


def _document(
    library: SimpleNamespace, frames: Mapping[str, pl.DataFrame], questions: Sequence[Question], docs: Path
) -> None:
    """The pages of the library about every suite; its project is made aside, and only the pages are kept."""
    with TemporaryDirectory(prefix="rpps-sync-docs-") as folder:
        context = library.get_context(mode="file", project_root_dir=folder)
        definition = _definition(context)
        for name, frame in frames.items():
            wanted = [(i, question) for i, question in enumerate(questions) if question.frame == name]
            expectations = [_expectation(library, question, i) for i, question in wanted]
            suite = context.suites.add(library.Suite(name=name, expectations=expectations))
            validation = library.Validation(name=name, data=definition, suite=suite)
            rows = frame.to_pandas(use_pyarrow_extension_array=True)
            context.validation_definitions.add(validation).run(batch_parameters={"dataframe": rows})
        index = next(iter(context.build_data_docs().values())).removeprefix("file://")
        shutil.copytree(Path(index).parent, docs)


def make_ready() -> None:
    """Import the library on a thread of its own, while the caller reads files: it takes seconds."""

    def imported() -> None:
        with suppress(ImportError):  # told by who needs it
            _great_expectations()

    Thread(target=imported, name="great-expectations", daemon=True).start()


@cache
def _great_expectations() -> SimpleNamespace:
    """Import the library, with its telemetry off whatever the environment says."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        # Great Expectations 1.24 imports `sre_constants`, which Python 3.11 deprecates: not ours to mend.
        warnings.simplefilter("ignore", DeprecationWarning)
        import great_expectations as gx  # noqa: PLC0415 - takes seconds, and only the nightly run needs it
        from great_expectations.exceptions import GreatExpectationsError  # noqa: PLC0415 - idem
        from great_expectations.expectations.expectation_configuration import (  # noqa: PLC0415 - idem
            ExpectationConfiguration,
        )
    return SimpleNamespace(
        get_context=gx.get_context,
        Suite=gx.ExpectationSuite,
        Validation=gx.ValidationDefinition,
        Configuration=ExpectationConfiguration,
        Error=GreatExpectationsError,
    )


def _definition(context: Any) -> Any:
    """What turns any frame into something the library examines; one serves all frames, it keeps none."""
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("quality").add_dataframe_asset("frames")
    return asset.add_batch_definition_whole_dataframe("whole")


def _validate(
    library: SimpleNamespace, batch: Any, questions: Sequence[Question], numbers: Sequence[int]
) -> dict[int, Answer]:
    """Answers by number of question; results come back in any order, so each carries its number."""
    answers: dict[int, Answer] = {}
    expectations = []
    for number in numbers:
        question = questions[number]
        try:
            expectations.append(_expectation(library, question, number))
        except (library.Error, ValueError) as error:  # an expectation that does not exist, or misused
            answers[number] = Answer(success=False, error=f"{question.expectation}: {error}")
    if expectations:
        suite = library.Suite(name="contract", expectations=expectations)
        for result in batch.validate(suite, result_format=_RESULT_FORMAT).results:
            answers[result.expectation_config.meta["number"]] = _answer(result)
    return answers


def _expectation(library: SimpleNamespace, question: Question, number: int) -> Any:
    configuration = library.Configuration(
        type=question.expectation, kwargs=dict(question.arguments), meta={"number": number}
    )
    return configuration.to_domain_obj()


def _answer(result: Any) -> Answer:
    if error := _exception(result.exception_info):
        return Answer(success=False, error=error)
    positions = tuple(int(position) for position in result.result.get("partial_unexpected_index_list") or ())
    failing = int(result.result.get("unexpected_count") or 0)
    return Answer(success=bool(result.success), positions=positions, unlisted=max(0, failing - len(positions)))


def _exception(information: Mapping[str, Any]) -> str:
    """The first message of an exception report, which is flat or keyed by the metric that raised."""
    reports = [information] if "raised_exception" in information else list(information.values())
    messages = [str(report["exception_message"]) for report in reports if report["raised_exception"]]
    return messages[0] if messages else ""
