from django.contrib.admin.apps import AdminConfig


class PortalAdminConfig(AdminConfig):
    """Django's admin, with our site class as the default one.

    The class lives outside `practices.admin`: the first app to register a model makes Django import it,
    and importing that package then would register our models on a site about to be thrown away.
    """

    default_site = "practices.accounts.admin_site.EditorsDesk"

    def ready(self) -> None:
        super().ready()
        from portal import checks, requests, turns  # noqa: F401 (they register themselves)
