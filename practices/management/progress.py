from django.core.management.base import OutputWrapper

WIDTH = 30


def progress(out: OutputWrapper, what: str, done: int, total: int) -> None:
    """Print a progress bar on a terminal; elsewhere one line at the end."""
    if out.isatty():
        bar = ("#" * round(WIDTH * done / total)).ljust(WIDTH, ".")
        out.write(f"\r{bar} {done}/{total} {what}", ending="\n" if done == total else "")
    elif done == total:
        out.write(f"{what}: {total}")
