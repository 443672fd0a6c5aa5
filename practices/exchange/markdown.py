"""A practice as a Markdown file: short values as YAML front matter, then the texts."""

import json

import yaml

from practices.models import Practice
from practices.serializers.fields import to_json
from practices.serializers.practices import practice_document

TEXTS = {"story", "lessons", "editors_note"}  # not in the YAML header


def practice_markdown(practice: Practice) -> str:
    """Return a practice as Markdown. No query after `with_relations()`. Footnotes follow the text that they
    belong to.
    """
    document = json.loads(to_json(practice_document(practice)))
    head = {name: value for name, value in document.items() if name not in TEXTS}
    front = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=float("inf"))
    parts = [f"---\n{front}---", f"# {practice.title}", practice.story]
    lessons = [(lesson.number, lesson.text) for lesson in practice.lessons.all()]
    if lessons:
        parts.append("## Lessons learned")
        parts += [f"### {number}\n\n{text}" for number, text in lessons]
    if practice.editors_note:
        parts += ["## Editors’ note", practice.editors_note]
    return "\n\n".join(parts) + "\n"
