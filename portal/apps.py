from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin, with our site class as the default one.

    The class lives outside `practices.admin`: Django imports the class when the first app registers a model.
    Importing `practices.admin` at that moment would register our models on a site that Django then discards.
    """

    default_site = "practices.accounts.admin_site.PortalAdminSite"

    def ready(self) -> None:
        super().ready()
        from portal import checks, request_logging, sqlite_write_lock  # noqa: F401 (they register themselves)
