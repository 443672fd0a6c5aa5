"""The site's addresses."""

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from practices.site import (
    actors,
    citations,
    feeds,
    home,
    lists,
    media,
    places,
    practice,
    preview,
    sitemaps,
    styleguide,
    themes,
    well_known,
)

urlpatterns = [
    path("", home.home, name="home"),
    # /practices/
    path("practices/", lists.practice_list, name="practices"),
    path("practices/<slug:slug>/", practice.practice, name="practice"),
    re_path(r"^practices/(?P<slug>[-a-zA-Z0-9_]+)/cite\.(?P<kind>bib|ris)$", citations.cite, name="cite"),
    path("preview/<str:token>/", preview.preview, name="preview"),
    # /lessons/
    path("lessons/", lists.lesson_list, name="lessons"),
    re_path(
        r"^media/images/(?P<picture>[0-9a-f]{24})-(?P<width>[0-9]{1,4})\.(?P<ending>jpg|png)$",
        media.image,
        name="image",
    ),
    # ways in
    path("countries/", places.country_list, name="countries"),
    re_path(r"^countries/(?P<code>[A-Za-z0-9]{2})/$", places.country, name="country"),
    path("corridors/", places.corridor_list),
    re_path(r"^corridors/(?P<code>[A-Za-z0-9]{2}-[A-Za-z0-9]{2})/$", places.corridor, name="corridor"),
    path("actors/", actors.actor_list, name="actors"),
    path("actors/<slug:slug>/", actors.actor, name="actor"),
    path("themes/", themes.theme_list, name="themes"),
    path("themes/<slug:slug>/", themes.theme, name="theme"),
    # words
    *(
        path(f"{name}/", require_safe(TemplateView.as_view(template_name=f"{name}.html")), name=name)
        for name in ("about", "help", "accessibility")
    ),
    # for the search box
    path("suggest/", well_known.suggest, name="suggest"),
    path("opensearch.xml", well_known.opensearch, name="opensearch"),
    # for machines
    path("feed/", feeds.feed, name="feed"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap_section, name="sitemap-section"),
    path("robots.txt", well_known.robots, name="robots"),
    path(".well-known/security.txt", well_known.security, name="security"),
    path("favicon.ico", well_known.icon),
    # for those who work on it
    path("styleguide/", styleguide.styleguide, name="styleguide"),
]
# The site only reads: it refuses every other method as such (405), and not for the missing token of a form.
for pattern in urlpatterns:
    pattern.callback = csrf_exempt(require_safe(pattern.callback))
