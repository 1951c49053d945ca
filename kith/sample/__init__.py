"""A small invented county to try Kith with: its areas, a survey and a helper register, both with mistakes.

`generate.py` makes the files, and from what it planted the answers that a reader must find.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
AREAS = FOLDER / "areas.csv"
SURVEY = FOLDER / "survey.xlsx"
SURVEY_ANSWERS = FOLDER / "survey.answers.json"
HELPERS = FOLDER / "helpers.xlsx"
HELPERS_ANSWERS = FOLDER / "helpers.answers.json"
