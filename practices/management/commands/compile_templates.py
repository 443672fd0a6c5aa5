from shutil import rmtree
from typing import Any

from django.core.management.base import BaseCommand
from django.template import engines
from jinja2 import FileSystemBytecodeCache

from portal import jinja


class Command(BaseCommand):
    help = "Compiles the templates of the pages, so that no first reader after a start waits for it."

    def handle(self, *args: Any, **options: Any) -> None:
        rmtree(jinja.COMPILED, ignore_errors=True)
        jinja.COMPILED.mkdir()
        env = engines["jinja2"].env.overlay(bytecode_cache=FileSystemBytecodeCache(str(jinja.COMPILED)))
        for name in env.list_templates():
            env.get_template(name)
        for file in jinja.COMPILED.iterdir():
            file.chmod(0o644)  # a server has another account
