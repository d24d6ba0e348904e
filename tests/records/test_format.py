"""The format of figure.toml: one bad file per rule, named by its fault; hashes; README in step."""

import re
import shutil
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import get_args

import pytest

from survrecon.errors import RecordError
from survrecon.files.outputs import sha256_of
from survrecon.model.curve import AtRiskConvention
from survrecon.model.document import Document, FollowUp, FollowUpAssumption, FollowUpMethod
from survrecon.model.grade import ReadingDoubt, ReadingGrade
from survrecon.model.published import Because, Bound, Explained, ModelKind, PTest, PublishedFact, Quantity, Reference
from survrecon.records.folder import (
    catalogue_folder,
    read_document,
    read_figure,
    record_folder,
    write_document,
    write_record,
)
from survrecon.records.schema import (
    Analysis,
    Arm,
    ArmRole,
    Axes,
    AxisFit,
    DataFile,
    Digitized,
    Edit,
    OtherCutoff,
    PrintedRiskTable,
    ReadersApart,
    RecordDocument,
    ReviewedBy,
    SourceKind,
)

HERE = Path(__file__).parent
README = (catalogue_folder() / "README.md").read_text(encoding="utf-8")
BAD = sorted((HERE / "bad").glob("*.toml"), key=lambda path: path.stem)
TABLES: dict[str, type[Document]] = {
    "Top": RecordDocument,
    "`[digitized]`": Digitized,
    "`[digitized.reading]`": ReadingGrade,
    "`[[digitized.doubts]]`": ReadingDoubt,
    "`[[digitized.calibration]]`": AxisFit,
    "`[[digitized.edits]]`": Edit,
    "`[digitized.review]`": ReviewedBy,
    "`[[digitized.second_reader]]`": ReadersApart,
    "`[analysis]`": Analysis,
    "`[axes]`": Axes,
    "`[[arms]]`": Arm,
    "`[arms.points]`, `[arms.censored]`, `[risk_table.points]`, `[risk_table.events]`, `[digitized.readings]`": (
        DataFile
    ),
    "`[risk_table]`": PrintedRiskTable,
    "`[follow_up]`": FollowUp,
    "`[follow_up.assumed]`": FollowUpAssumption,
    "`[[published]]`": PublishedFact,
    "`[[explained]]`": Explained,
    "`[other_cutoff]`": OtherCutoff,
    "`[references.<key>]`": Reference,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the record that every bad one departs from."""
    shutil.copy(HERE / "good.toml", tmp_path / "figure.toml")
    return tmp_path


def test_the_record_that_the_bad_ones_depart_from_is_good(folder: Path) -> None:
    assert len(read_document(folder).facts) == 5


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_bad_record_is_refused_and_says_why(path: Path, tmp_path: Path) -> None:
    shutil.copy(path, tmp_path / "figure.toml")
    says = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# says: ")
    with pytest.raises(RecordError, match=re.escape(says)):
        read_document(tmp_path)


def test_no_record_file(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"a record holds figure\.toml"):
        read_document(tmp_path)


def test_a_path_that_is_a_file(folder: Path) -> None:
    with pytest.raises(RecordError, match="a readable record folder"):
        read_document(folder / "figure.toml")


def test_neither_a_folder_nor_a_name(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"neither.*quiredex_ttp_2012-10"):
        record_folder(tmp_path / "nothing")


def _with_points(folder: Path, text: str, sha256: str) -> None:
    entry = f'source = "example-2020"\npoints = {{ file = "placebo.csv", sha256 = "{sha256}" }}'
    document = (folder / "figure.toml").read_text(encoding="utf-8")
    (folder / "figure.toml").write_text(document.replace('source = "example-2020"', entry, 1), encoding="utf-8")
    if text:
        (folder / "placebo.csv").write_text(text, encoding="utf-8")


def test_a_changed_file_is_refused(folder: Path) -> None:
    _with_points(folder, "time,survival\n0,1\n3,0.8\n", sha256_of("time,survival\n0,1\n3,0.9\n"))
    with pytest.raises(RecordError, match=r"placebo\.csv: sha256 .* as recorded"):
        read_figure(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    _with_points(folder, "", "0" * 64)
    with pytest.raises(RecordError, match=r"placebo\.csv: a file that figure\.toml names exists"):
        read_figure(folder)


def test_points_of_one_arm_and_none_of_the_other(folder: Path) -> None:
    text = "time,survival\n0,1\n3,0.8\n"
    _with_points(folder, text, sha256_of(text))
    record = read_figure(folder)
    assert record.kind is SourceKind.MANUAL
    assert list(record.curves) == ["placebo"]
    assert record.curves["placebo"].survival.tolist() == [1, 0.8]


def test_a_record_written_and_read_is_the_same(folder: Path) -> None:
    document = read_document(folder)
    assert RecordDocument.model_validate(tomllib.loads(write_document(document))) == document


def test_nothing_is_written_over(folder: Path) -> None:
    with pytest.raises(RecordError, match=r"a new or empty folder, .* other files: figure\.toml"):
        write_record(folder, read_document(folder), {})


def test_nothing_is_left_when_writing_fails(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="got No such file"):
        write_record(tmp_path / "new", read_document(folder), {"missing/placebo.csv": ""})
    assert [path.name for path in tmp_path.iterdir()] == ["figure.toml"]


def test_a_folder_that_cannot_be_made(folder: Path) -> None:
    with pytest.raises(RecordError, match="a folder that can be written"):
        write_record(folder / "figure.toml" / "record", read_document(folder), {})


def _required(model: type[Document]) -> set[str]:
    return {key for key, field in model.model_fields.items() if field.is_required()}


def _section(title: str) -> str:
    return README.split(f"\n### {title}\n", 1)[1].split("\n##", 1)[0]


@pytest.mark.parametrize(("title", "model"), TABLES.items(), ids=lambda value: getattr(value, "__name__", value))
def test_the_readme_lists_every_key_and_no_other(title: str, model: type[Document]) -> None:
    table = _section(title).strip().split("\n\n")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines()[2:]]
    listed = {key: needed.strip() for keys, needed in rows for key in re.findall(r"`([a-z_0-9]+)`", keys)}
    assert set(listed) == set(model.model_fields)
    assert {key for key, needed in listed.items() if needed == "yes"} <= _required(model)
    assert not {key for key, needed in listed.items() if not needed} & _required(model)


@pytest.mark.parametrize(
    "words",
    [SourceKind, ArmRole, AtRiskConvention, FollowUpMethod, Quantity, Bound, PTest, ModelKind, Because],
    ids=lambda words: words.__name__,
)
def test_the_readme_lists_every_word_of_a_closed_list(words: type[StrEnum]) -> None:
    for word in words:
        assert f"`{word}`" in README


def test_every_table_of_the_format_has_its_section() -> None:
    reached: list[type[Document]] = [RecordDocument]
    seen: set[type[Document]] = {RecordDocument}
    while reached:
        for field in reached.pop().model_fields.values():
            for kind in _documents(field.annotation):
                if kind not in seen:
                    seen.add(kind)
                    reached.append(kind)
    assert seen == set(TABLES.values())


def _documents(annotation: object) -> list[type[Document]]:
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return [annotation]
    return [kind for part in get_args(annotation) for kind in _documents(part)]


def test_the_worked_example_is_valid() -> None:
    example = README.split("```toml\n", 1)[1].split("```", 1)[0]
    document = RecordDocument.model_validate(tomllib.loads(example))
    assert len(document.facts) == 7
    assert document.control.name == "placebo"
    assert RecordDocument.model_validate(tomllib.loads(write_document(document))) == document
